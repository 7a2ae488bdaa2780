//! What a journal knows, guarded by its lock. No sink is called from here.

use std::collections::VecDeque;
use std::mem;
use std::time::Duration;

use callgate_types::Digest;
use chrono::{DateTime, Utc};

use super::entry::{Answer, Entry, Slot, Slots};
use super::seal::{Asked, Sealing};
use super::trouble::Trouble;
use super::turns::{Task, Turns};
use super::{AppendError, Otherwise, buffer};
use crate::chain::Started;
use crate::{GapRecord, Head, NotBegunReason, NotBegunRecord, Record, SinkError};

/// Most records that may wait without anybody waiting for them.
pub(super) const MAX_QUEUED: usize = 1024;
/// Most bytes of records in one batch, but for the one that goes beyond.
const MAX_BATCH: usize = 4 << 20;

pub(super) struct State {
    /// Behind the last record known to be stored.
    pub(super) head: Head,
    /// How many records are durable.
    pub(super) durable: u64,
    pub(super) queue: VecDeque<Entry>,
    /// How many in the queue have nobody who waits for them.
    detached: usize,
    /// Records that found no room in the queue.
    pub(super) lost: u64,
    pub(super) slots: Slots,
    /// The latest time that came with a record: records of the journal's own carry it.
    pub(super) latest: DateTime<Utc>,
    next_ticket: u64,
    /// The first record that is with the sink now.
    in_flight: Option<u64>,
    pub(super) appends: Turns,
    pub(super) syncs: Turns,
    /// How many records the sync covers that the sink is at; `None` while it is at none.
    pub(super) cut: Option<u64>,
    /// How many the last sync found that need syncs: those it served, and those it left waiting.
    pub(super) crowd: usize,
    /// How long the last sync took for which it was measured.
    pub(super) sync_took: Duration,
    pub(super) trouble: Trouble,
    /// How many records the sync covered that failed last, and why it did.
    pub(super) failed_sync: Option<(u64, AppendError)>,
    /// Buffers to use again.
    spare_taken: VecDeque<Entry>,
    pub(super) spare_lines: Vec<u8>,
    pub(super) bodies: buffer::Pool,
    /// `None` while the leader has it, and without a signer.
    pub(super) sealing: Option<Box<Sealing>>,
    pub(super) seals: Asked,
}

impl State {
    /// Everything up to `head` is durable.
    pub(super) fn new(head: Head) -> Self {
        Self {
            head,
            durable: head.records,
            queue: VecDeque::new(),
            detached: 0,
            lost: 0,
            slots: Slots::default(),
            latest: DateTime::UNIX_EPOCH,
            next_ticket: 0,
            in_flight: None,
            appends: Turns::default(),
            syncs: Turns::default(),
            cut: None,
            crowd: 0,
            sync_took: Duration::ZERO,
            trouble: Trouble::default(),
            failed_sync: None,
            spare_taken: VecDeque::new(),
            spare_lines: Vec::new(),
            bodies: buffer::Pool::default(),
            sealing: None,
            seals: Asked::default(),
        }
    }

    pub(super) const fn turns(&mut self, task: Task) -> &mut Turns {
        match task {
            Task::Append => &mut self.appends,
            Task::Sync => &mut self.syncs,
        }
    }

    /// Whether others come for syncs, so that it is worth a moment to wait for them.
    pub(super) const fn is_crowded(&self) -> bool {
        self.crowd > 1
    }

    /// A record on its way, for which nobody waits so far.
    #[inline]
    pub(super) const fn entry(
        &mut self,
        body: Vec<u8>,
        started: Started,
        otherwise: Otherwise,
    ) -> Entry {
        let ticket = self.next_ticket;
        self.next_ticket = ticket.saturating_add(1);
        Entry {
            bare: body.len(),
            body,
            started,
            digest: Digest::ZERO,
            slot: None,
            otherwise,
            ticket,
        }
    }

    /// Queues a record for somebody who waits.
    pub(super) fn push(&mut self, mut entry: Entry) -> usize {
        let slot = self.slots.add();
        entry.slot = Some(slot);
        self.queue.push_back(entry);
        slot
    }

    /// Queues a record for which nobody waits, if there is room.
    pub(super) fn push_detached(&mut self, body: Vec<u8>, started: Started, time: DateTime<Utc>) {
        self.latest = self.latest.max(time);
        if self.trouble.closed().is_some() || self.detached >= MAX_QUEUED {
            self.lost = self.lost.saturating_add(1);
            self.bodies.give(body);
            return;
        }
        self.enqueue(body, started);
    }

    fn enqueue(&mut self, body: Vec<u8>, started: Started) {
        self.detached = self.detached.saturating_add(1);
        let entry = self.entry(body, started, Otherwise::Keep);
        self.queue.push_back(entry);
    }

    /// A record goes to the sink.
    pub(super) const fn set_off(&mut self, ticket: u64) {
        self.in_flight = Some(ticket);
    }

    /// What was with the sink is stored, up to `end`.
    pub(super) const fn arrived(&mut self, end: Head) {
        self.head = end;
        self.in_flight = None;
    }

    /// Asks for a checkpoint where something came that no checkpoint is about.
    pub(super) fn ask_for_seal(&mut self) {
        // Without a record there is no time that it could carry.
        let timeless = self.latest == DateTime::UNIX_EPOCH;
        if self.seals.is_signed && !timeless {
            self.seals.ask(false, None);
        }
    }

    /// Whether records are stored, or queued, that no checkpoint is about.
    pub(super) fn is_unsealed(&self) -> bool {
        let stored = self.sealing.as_ref().is_some_and(|one| one.unsealed() > 0);
        stored && self.latest != DateTime::UNIX_EPOCH
    }

    /// A record of the journal's own.
    fn push_own(&mut self, record: &Record<'_>) {
        let mut body = self.bodies.take();
        record.encode(self.durable, &mut body);
        let started = Started::of(&body);
        self.push_detached(body, started, record.time());
    }

    /// The allow in record `seq` came too late for its caller.
    pub(super) fn push_late(&mut self, seq: u64) {
        let record = NotBegunRecord::new(self.latest, seq, NotBegunReason::Late);
        self.push_own(&Record::NotBegun(record));
    }

    /// Every record that arrives from now on has this ticket or a later one.
    pub(super) const fn next_ticket(&self) -> u64 {
        self.next_ticket
    }

    /// Whether a record from before `ticket` has not been written yet.
    pub(super) fn is_pending_before(&self, ticket: u64) -> bool {
        let queued = self
            .queue
            .front()
            .is_some_and(|entry| entry.ticket < ticket);
        queued || self.in_flight.is_some_and(|first| first < ticket)
    }

    /// Queues a record of what found no room, behind all that did.
    pub(super) fn note_gap(&mut self) {
        if self.lost > 0 {
            let record = Record::Gap(GapRecord::new(self.latest, self.lost));
            let mut body = self.bodies.take();
            record.encode(self.durable, &mut body);
            let started = Started::of(&body);
            self.lost = 0;
            self.enqueue(body, started);
        }
    }

    /// Takes the next records out of the queue.
    pub(super) fn take_batch(&mut self) -> VecDeque<Entry> {
        self.note_gap();
        let mut taken = mem::take(&mut self.spare_taken);
        let mut bytes = 0_usize;
        if self.queue.len() == 1 {
            // Nothing is moved: most of the time there is a single one.
            mem::swap(&mut self.queue, &mut taken);
        }
        for entry in &taken {
            self.slots.take(entry.slot, &mut self.detached);
        }
        while bytes < MAX_BATCH && taken.len() < MAX_QUEUED {
            let Some(entry) = self.queue.pop_front() else {
                break;
            };
            bytes = bytes.saturating_add(entry.body.len());
            self.slots.take(entry.slot, &mut self.detached);
            taken.push_back(entry);
        }
        self.in_flight = taken.front().map(|entry| entry.ticket);
        taken
    }

    /// The batch is stored.
    pub(super) fn stored(&mut self, mut taken: VecDeque<Entry>, end: Head) {
        let mut seq = self.head.records;
        self.arrived(end);
        for entry in &mut taken {
            let body = mem::take(&mut entry.body);
            match entry.slot {
                Some(slot) if !self.slots.is_given_up(slot) => {
                    let answer = Answer::stored(seq, entry.digest, body);
                    self.slots.set(slot, Slot::Done(answer));
                }
                slot => {
                    if let Some(slot) = slot {
                        self.slots.release(slot);
                    }
                    if entry.otherwise == Otherwise::NotBegun {
                        self.push_late(seq);
                    }
                    self.bodies.give(body);
                }
            }
            seq = seq.saturating_add(1);
        }
        taken.clear();
        self.spare_taken = taken;
    }

    /// Tells all who wait for one of these that it failed; from now on nobody waits for them.
    pub(super) fn tell(&mut self, taken: &mut VecDeque<Entry>, error: &AppendError) {
        self.in_flight = None;
        for entry in taken {
            if let Some(slot) = entry.slot.take() {
                if self.slots.is_given_up(slot) {
                    self.slots.release(slot);
                } else {
                    let told = Answer::error(error.clone());
                    self.slots.set(slot, Slot::Done(told));
                }
            }
        }
    }

    /// The batch is not stored, and all who waited have been told: what must not be lost goes
    /// back to where it was.
    pub(super) fn put_back(&mut self, mut taken: VecDeque<Entry>) {
        while let Some(entry) = taken.pop_back() {
            if entry.otherwise == Otherwise::Keep {
                self.detached = self.detached.saturating_add(1);
                self.queue.push_front(entry);
            } else {
                self.bodies.give(entry.body);
            }
        }
        self.spare_taken = taken;
    }

    /// Tells all who wait in the queue that they failed.
    pub(super) fn tell_queued(&mut self, error: &AppendError) {
        let mut queue = mem::take(&mut self.queue);
        self.tell(&mut queue, error);
        self.detached = 0;
        for entry in queue {
            if entry.otherwise == Otherwise::Keep {
                self.detached = self.detached.saturating_add(1);
                self.queue.push_back(entry);
            }
        }
    }

    /// Somebody waits no more; a record that the leader has not taken leaves the queue.
    pub(super) fn give_up(&mut self, slot: usize) {
        if !self.slots.is_queued(slot) {
            return self.slots.set(slot, Slot::GivenUp);
        }
        self.slots.release(slot);
        let place = self.queue.iter().position(|entry| entry.slot == Some(slot));
        let Some(place) = place else { return };
        match self.queue.get_mut(place) {
            Some(entry) if entry.otherwise == Otherwise::Keep => {
                entry.slot = None;
                self.detached = self.detached.saturating_add(1);
            }
            _ => drop(self.queue.remove(place)),
        }
    }

    /// Nothing is written any more.
    pub(super) fn close(&mut self, error: SinkError) {
        let told = AppendError::Closed(error.clone());
        self.trouble.close(error);
        self.tell_queued(&told);
        self.queue.clear();
        self.detached = 0;
    }
}
