//! Records on their way, and those who wait for them.

use callgate_types::Digest;

use super::{AppendError, Otherwise};
use crate::chain::Started;

/// A record that has no place yet.
pub(super) struct Entry {
    pub(super) body: Vec<u8>,
    /// The length of its body without a tail.
    pub(super) bare: usize,
    pub(super) started: Started,
    /// Its digest, once it has been linked.
    pub(super) digest: Digest,
    /// Who waits for it.
    pub(super) slot: Option<usize>,
    pub(super) otherwise: Otherwise,
    /// Its place in the order of arrival.
    pub(super) ticket: u64,
}

/// How far the record of somebody who waits has come.
pub(super) enum Slot {
    Free,
    /// It is in the queue.
    Queued,
    /// The leader has it.
    Taken,
    /// The leader has it, and nobody waits any more.
    GivenUp,
    Done(Answer),
}

/// What became of a record.
pub(super) struct Answer {
    /// Where it stands, or why it does not.
    pub(super) result: Result<(u64, Digest), AppendError>,
    /// The buffer in which it came, for the one who brought it.
    pub(super) body: Vec<u8>,
}

impl Answer {
    pub(super) const fn stored(seq: u64, digest: Digest, body: Vec<u8>) -> Self {
        Self {
            result: Ok((seq, digest)),
            body,
        }
    }

    pub(super) const fn error(error: AppendError) -> Self {
        Self {
            result: Err(error),
            body: Vec::new(),
        }
    }
}

/// One slot for everybody who waits, used again and again.
#[derive(Default)]
pub(super) struct Slots {
    all: Vec<Slot>,
    free: Vec<usize>,
}

impl Slots {
    pub(super) fn add(&mut self) -> usize {
        if let Some(slot) = self.free.pop() {
            self.set(slot, Slot::Queued);
            return slot;
        }
        self.all.push(Slot::Queued);
        self.all.len().saturating_sub(1)
    }

    pub(super) fn set(&mut self, slot: usize, now: Slot) {
        if let Some(place) = self.all.get_mut(slot) {
            *place = now;
        }
    }

    /// The leader takes a record; `detached` counts those for which nobody waits.
    pub(super) fn take(&mut self, slot: Option<usize>, detached: &mut usize) {
        match slot {
            Some(slot) => self.set(slot, Slot::Taken),
            None => *detached = detached.saturating_sub(1),
        }
    }

    pub(super) fn is_given_up(&self, slot: usize) -> bool {
        matches!(self.all.get(slot), Some(Slot::GivenUp))
    }

    pub(super) fn is_queued(&self, slot: usize) -> bool {
        matches!(self.all.get(slot), Some(Slot::Queued))
    }

    /// Takes the answer, where there is one, and frees the slot.
    pub(super) fn answer(&mut self, slot: usize) -> Option<Answer> {
        let place = self.all.get_mut(slot)?;
        if !matches!(place, Slot::Done(_)) {
            return None;
        }
        let Slot::Done(answer) = std::mem::replace(place, Slot::Free) else {
            return None;
        };
        self.free.push(slot);
        Some(answer)
    }

    pub(super) fn release(&mut self, slot: usize) {
        self.set(slot, Slot::Free);
        self.free.push(slot);
    }
}
