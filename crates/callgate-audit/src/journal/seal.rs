//! Checkpoints: what the leader adds to a batch when one is due.

use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::entry::Entry;
use crate::{
    CheckpointRecord, Head, KeyChangedRecord, Record, SignError, SignedNote, Signer, Tree,
};

/// What only the leader has: it is taken out of the state while a batch is written.
pub(super) struct Sealing {
    signer: Arc<dyn Signer>,
    every: u64,
    interval: Duration,
    /// Over all that is stored.
    tree: Tree,
    /// How many records there are with the last checkpoint.
    sealed: u64,
    last: Instant,
    /// Whether the last attempt has failed: the next one waits.
    is_failing: bool,
    /// What is with the sink, or in doubt.
    pending: Option<Pending>,
}

/// A checkpoint that is not known to be stored.
struct Pending {
    tree: Tree,
    note: SignedNote,
    /// The key that signs from then on.
    next: Option<Arc<dyn Signer>>,
    /// What is settled with it.
    order: Option<Order>,
}

/// What others ask of the leader.
#[derive(Default)]
pub(super) struct Asked {
    /// Whether the journal has a signer.
    pub(super) is_signed: bool,
    /// How many times a checkpoint was asked for, and for how many of these that is settled.
    newest: u64,
    settled: u64,
    /// Whether one is wanted though nothing has come since the last one.
    force: bool,
    next: Option<Arc<dyn Signer>>,
    /// The last checkpoint that is stored.
    pub(super) note: Option<SignedNote>,
    /// How many were stored since the journal was opened.
    pub(super) count: u64,
    /// Why there is none where the last one was due.
    pub(super) failed: Option<SignError>,
}

/// What a leader is to do beside writing the queue.
#[derive(Clone)]
pub(super) struct Order {
    upto: u64,
    force: bool,
    next: Option<Arc<dyn Signer>>,
}

impl Asked {
    /// Asks for a checkpoint over all that is queued; returns its number.
    pub(super) fn ask(&mut self, force: bool, next: Option<Arc<dyn Signer>>) -> u64 {
        self.newest = self.newest.saturating_add(1);
        self.force |= force;
        self.next = next.or(self.next.take());
        self.newest
    }

    /// The number of the last one that was asked for.
    pub(super) const fn asked(&self) -> u64 {
        self.newest
    }

    pub(super) const fn is_settled(&self, number: u64) -> bool {
        self.settled >= number
    }

    /// What was asked for until now.
    pub(super) fn order(&self) -> Option<Order> {
        (self.newest > self.settled).then(|| Order {
            upto: self.newest,
            force: self.force,
            next: self.next.clone(),
        })
    }

    /// A checkpoint is stored.
    pub(super) fn stored(&mut self, (note, order): (SignedNote, Option<Order>)) {
        self.note = Some(note);
        self.count = self.count.saturating_add(1);
        self.failed = None;
        self.settle(order);
    }

    /// What was ordered is done, or has failed.
    pub(super) fn settle(&mut self, order: Option<Order>) {
        let Some(order) = order else { return };
        self.settled = self.settled.max(order.upto);
        if self.settled == self.newest {
            self.force = false;
            self.next = None;
        }
    }
}

impl Sealing {
    /// Goes on behind `tree`, the last checkpoint of which is record `sealed` − 1.
    pub(super) fn new(
        signer: Arc<dyn Signer>,
        (every, interval): (u64, Duration),
        tree: Tree,
        sealed: u64,
    ) -> Self {
        Self {
            signer,
            every,
            interval,
            tree,
            sealed,
            last: Instant::now(),
            is_failing: false,
            pending: None,
        }
    }

    /// How many records stand behind the last checkpoint.
    pub(super) fn unsealed(&self) -> u64 {
        self.tree.size().saturating_sub(self.sealed)
    }

    /// Whether a batch of so many records ends with a checkpoint.
    pub(super) fn is_due(&self, records: usize, order: Option<&Order>) -> bool {
        let records = u64::try_from(records).unwrap_or(u64::MAX);
        let unsealed = self.unsealed().saturating_add(records);
        let full = unsealed >= self.every && !self.is_failing;
        let full = full || self.last.elapsed() >= self.interval;
        let forced = order.is_some_and(|order| order.force);
        forced || (unsealed > 0 && (full || order.is_some()))
    }

    /// Adds a checkpoint to the lines of a batch that end at `end`; returns the head behind it.
    ///
    /// # Errors
    ///
    /// Says why there is no signature; the lines are as they were.
    pub(super) fn seal(
        &mut self,
        taken: &VecDeque<Entry>,
        end: Head,
        order: Option<&Order>,
        (time, durable): (DateTime<Utc>, u64),
        lines: &mut Vec<u8>,
    ) -> Result<Head, SignError> {
        let before = lines.len();
        // Whether or not it goes well: the next one is due later.
        self.last = Instant::now();
        let sealed = self.try_seal(taken, end, order, (time, durable), lines);
        self.is_failing = sealed.is_err();
        if self.is_failing {
            lines.truncate(before);
        }
        sealed
    }

    fn try_seal(
        &mut self,
        taken: &VecDeque<Entry>,
        end: Head,
        order: Option<&Order>,
        (time, durable): (DateTime<Utc>, u64),
        lines: &mut Vec<u8>,
    ) -> Result<Head, SignError> {
        let (mut tree, mut end, mut body) = (self.tree.clone(), end, Vec::new());
        for entry in taken {
            tree.push(entry.digest);
        }
        let next = order.and_then(|order| order.next.clone());
        let old = Arc::clone(&self.signer);
        let mut signers = vec![&*old];
        if let Some(next) = &next {
            let changed = KeyChangedRecord::new(time, old.key(), next.key());
            Record::KeyChanged(changed).encode(durable, &mut body);
            end = end.link(&body, lines);
            tree.push(end.digest);
            signers.push(&**next);
        }
        let note = signed(&tree, &signers)?;
        let checkpoint = CheckpointRecord::new(time, &tree, &note);
        Record::Checkpoint(checkpoint).encode(durable, &mut body);
        end = end.link(&body, lines);
        tree.push(end.digest);
        let order = order.cloned();
        self.pending = Some(Pending {
            tree,
            note,
            next,
            order,
        });
        Ok(end)
    }

    /// The batch is stored. Returns the note of its checkpoint, and what is settled with it.
    pub(super) fn stored(
        &mut self,
        taken: &VecDeque<Entry>,
    ) -> Option<(SignedNote, Option<Order>)> {
        let Some(pending) = self.pending.take() else {
            for entry in taken {
                self.tree.push(entry.digest);
            }
            return None;
        };
        self.tree = pending.tree;
        self.sealed = self.tree.size();
        if let Some(next) = pending.next {
            self.signer = next;
        }
        Some((pending.note, pending.order))
    }

    /// The batch is not stored.
    pub(super) fn absent(&mut self) {
        self.pending = None;
    }

    /// The name of the log.
    pub(super) fn origin(&self) -> &str {
        self.signer.key().name()
    }
}

/// Has `tree` signed; a panic of a signer counts as a failure.
fn signed(tree: &Tree, signers: &[&dyn Signer]) -> Result<SignedNote, SignError> {
    let origin = signers.first().map_or("", |signer| signer.key().name());
    let sign = || SignedNote::sign(origin, tree.size(), tree.root(), signers);
    let note = catch_unwind(AssertUnwindSafe(sign)).unwrap_or_else(|payload| {
        // The payload is foreign: its drop may panic, too.
        let _panicked_again = catch_unwind(AssertUnwindSafe(|| drop(payload)));
        Err(SignError::Panicked)
    })?;
    // What nobody can verify is no signature. A device may have answered nonsense.
    let good = signers.iter().all(|signer| note.is_signed_by(signer.key()));
    if good {
        Ok(note)
    } else {
        Err(SignError::NotANote)
    }
}
