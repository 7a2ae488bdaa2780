//! Getting a queued record into the sink: by leading, or by waiting for the one who does.

use std::sync::MutexGuard;

use super::entry::{Answer, Entry};
use super::state::State;
use super::turns::{Task, Turn};
use super::wait::Wait;
use super::{AppendError, Shared};

/// The lock, and what became of a record.
pub(super) type Told<'s> = (MutexGuard<'s, State>, Answer);

impl Shared {
    /// Returns once the record is with the sink, or will not be.
    #[inline]
    pub(super) fn store<'s>(
        &'s self,
        state: MutexGuard<'s, State>,
        entry: Entry,
        wait: &mut Wait,
    ) -> Told<'s> {
        if state.is_idle() {
            return if self.is_memory {
                self.write_in_memory(state, entry)
            } else {
                self.write_alone(state, entry)
            };
        }
        self.store_queued(state, entry, wait)
    }

    fn store_queued<'s>(
        &'s self,
        mut state: MutexGuard<'s, State>,
        entry: Entry,
        wait: &mut Wait,
    ) -> Told<'s> {
        let slot = state.push(entry);
        loop {
            if let Some(answer) = state.slots.answer(slot) {
                self.pass_on(&mut state, Task::Append);
                return (state, answer);
            }
            let late;
            (state, late) = self.lead_or_wait(state, slot, wait);
            if late {
                let (mut state, answer) = give_up(state, slot);
                self.pass_on(&mut state, Task::Append);
                return (state, answer);
            }
        }
    }

    /// As [`Shared::store`], for a record that must be durable. While a sync is on, it stays in the
    /// queue: whoever leads the next one writes all that have come meanwhile as one batch.
    pub(super) fn store_for_sync<'s>(
        &'s self,
        mut state: MutexGuard<'s, State>,
        entry: Entry,
        wait: &mut Wait,
    ) -> Told<'s> {
        if self.is_memory && state.is_idle() {
            return self.write_in_memory(state, entry);
        }
        if state.is_idle() && !state.syncs.is_taken() && !state.is_crowded() {
            state.syncs.take();
            let (mut state, answer) = self.write_alone(state, entry);
            state.syncs.leave();
            return (state, answer);
        }
        let slot = state.push(entry);
        let mut leads = false;
        let (mut state, answer) = loop {
            if let Some(answer) = state.slots.answer(slot) {
                break (state, answer);
            }
            let mut late = false;
            if leads {
                (state, late) = self.lead_or_wait(state, slot, wait);
            } else if state.syncs.is_taken() {
                let turn = state.sync_turn(None);
                (state, late) = wait.next(self, state, Task::Sync, turn);
            } else {
                state = self.gather(state);
                leads = true;
            }
            if late {
                break give_up(state, slot);
            }
        };
        if leads {
            // The sync itself comes next, or, where this failed, is for somebody else to lead.
            state.syncs.leave();
        }
        self.pass_on(&mut state, Task::Append);
        (state, answer)
    }

    fn lead_or_wait<'s>(
        &'s self,
        state: MutexGuard<'s, State>,
        slot: usize,
        wait: &mut Wait,
    ) -> (MutexGuard<'s, State>, bool) {
        if !state.appends.is_taken() {
            // Whatever became of the batch, the slot says what became of this record.
            let (state, _) = self.lead(state);
            return (state, false);
        }
        let turn = if state.slots.is_queued(slot) {
            Turn::Next
        } else {
            Turn::This
        };
        wait.next(self, state, Task::Append, turn)
    }
}

/// The deadline has come; what was answered until then counts.
fn give_up(mut state: MutexGuard<'_, State>, slot: usize) -> Told<'_> {
    if let Some(answer) = state.slots.answer(slot) {
        return (state, answer);
    }
    state.give_up(slot);
    (state, Answer::error(AppendError::TimedOut))
}
