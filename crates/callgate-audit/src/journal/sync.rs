//! Making records durable: one syncs for all that wait, beside those who append.

use std::sync::Arc;
use std::sync::MutexGuard;
use std::sync::atomic::Ordering;
use std::thread;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

use super::state::State;
use super::turns::{Task, Turn};
use super::wait::Wait;
use super::{AppendError, Shared};
use crate::sink::guarded;
use crate::{SignError, SignedNote, Signer, SinkError};

/// Whoever syncs waits for the next of those who come for this part of the time that a sync takes.
const PATIENCE: u32 = 8;

impl Shared {
    /// Returns once `upto` records are durable.
    pub(super) fn make_durable<'s>(
        &'s self,
        mut state: MutexGuard<'s, State>,
        upto: u64,
        wait: &mut Wait,
    ) -> (MutexGuard<'s, State>, Result<(), AppendError>) {
        loop {
            if state.durable >= upto {
                return (state, Ok(()));
            }
            if let Some(error) = state.trouble.closed() {
                let error = AppendError::Closed(error.clone());
                return (state, Err(error));
            }
            if let Some((covered, error)) = &state.failed_sync
                && upto <= *covered
            {
                let error = error.clone();
                return (state, Err(error));
            }
            if !state.syncs.is_taken() {
                state = self.lead_sync(state);
                continue;
            }
            let turn = state.sync_turn(Some(upto));
            let late;
            (state, late) = wait.next(self, state, Task::Sync, turn);
            if late && state.durable < upto {
                state.trouble.doubt_sync();
                return (state, Err(AppendError::TimedOut));
            }
        }
    }

    fn lead_sync<'s>(&'s self, mut state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        state.syncs.take();
        let upto = state.head;
        state.cut = Some(upto.records);
        // How long it takes says how long to wait for others, where there are any.
        let begun = state.is_crowded().then(Instant::now);
        drop(state);
        let answer = guarded(|| self.sink.sync(upto));
        let took = begun.map(|begun| begun.elapsed());
        let mut state = self.lock();
        state.cut = None;
        state.sync_took = took.unwrap_or(state.sync_took);
        match answer {
            Ok(()) => {
                state.durable = state.durable.max(upto.records);
                self.durable.store(state.durable, Ordering::Release);
            }
            Err(error @ SinkError::Conflict(head)) if head == upto || head == state.head => {
                state.failed_sync = Some((upto.records, AppendError::Refused(error)));
            }
            Err(SinkError::Unknown(cause)) => {
                let error = AppendError::Unknown(cause);
                state.failed_sync = Some((upto.records, error));
                state.trouble.doubt_sync();
            }
            Err(error) => state.close(error),
        }
        let others = [Turn::This, Turn::Next].map(|turn| state.syncs.asleep(turn));
        state.crowd = others.into_iter().fold(1, usize::saturating_add);
        self.end_turn(state, Task::Sync)
    }

    /// Waits for a moment, with the next sync taken, until those are there whom the last one found:
    /// they come back together, and one sync is enough for all of them. Where nobody comes, it goes
    /// on; and one who was alone does not wait at all.
    pub(super) fn gather<'s>(&'s self, mut state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        state.syncs.take();
        let patience = state.sync_took.checked_div(PATIENCE).unwrap_or_default();
        let mut others = state.syncs.asleep(Turn::This);
        let mut since = None;
        while others.saturating_add(1) < state.crowd
            && since.get_or_insert_with(Instant::now).elapsed() <= patience
        {
            drop(state);
            thread::yield_now();
            state = self.lock();
            let now = state.syncs.asleep(Turn::This);
            if now > others {
                since = None;
            }
            others = now;
        }
        state
    }

    pub(super) fn flush(&self, deadline: Duration) -> Result<(), AppendError> {
        let mut wait = Wait::new(deadline);
        let mut state = self.lock();
        // Whoever flushes wants another attempt.
        state.failed_sync = None;
        state.note_gap();
        state.ask_for_seal();
        let (before, seal) = (state.next_ticket(), state.seals.asked());
        while state.is_pending_before(before)
            || state.trouble.is_doubtful()
            || !state.seals.is_settled(seal)
        {
            state = self.step(state, &mut wait, Self::lead)?;
        }
        let upto = state.head.records;
        self.pass_on(&mut state, Task::Append);
        let (mut state, result) = self.make_durable(state, upto, &mut wait);
        self.pass_on(&mut state, Task::Sync);
        result
    }

    /// Returns once a checkpoint over all records until now is durable; `next` signs from then on.
    pub(super) fn checkpoint(
        &self,
        now: DateTime<Utc>,
        next: Option<Arc<dyn Signer>>,
        deadline: Duration,
    ) -> Result<SignedNote, AppendError> {
        let mut wait = Wait::new(deadline);
        let mut state = self.lock();
        if !state.seals.is_signed {
            return Err(AppendError::NotSigned(SignError::NoSigner));
        }
        state.latest = state.latest.max(now);
        state.failed_sync = None;
        let (seal, count) = (state.seals.ask(true, next), state.seals.count);
        while state.trouble.is_doubtful() || !state.seals.is_settled(seal) {
            state = self.step(state, &mut wait, Self::lead)?;
        }
        let note = state.seals.note.clone();
        let note = note.filter(|_| state.seals.count != count);
        let failed = state.seals.failed.clone();
        let note = note.ok_or(failed.unwrap_or(SignError::NotANote));
        let upto = state.head.records;
        self.pass_on(&mut state, Task::Append);
        let note = note.map_err(AppendError::NotSigned)?;
        let (mut state, result) = self.make_durable(state, upto, &mut wait);
        self.pass_on(&mut state, Task::Sync);
        result.map(|()| note)
    }

    pub(super) fn settle(&self, deadline: Duration) -> Result<(), AppendError> {
        let mut wait = Wait::new(deadline);
        let mut state = self.lock();
        while state.trouble.is_doubtful() {
            state = self.step(state, &mut wait, Self::lead_settling)?;
        }
        let closed = state.trouble.closed().cloned();
        self.pass_on(&mut state, Task::Append);
        closed.map_or(Ok(()), |error| Err(AppendError::Closed(error)))
    }

    /// Leads, or waits for the one who does; the lock is gone where that fails.
    fn step<'s>(
        &'s self,
        state: MutexGuard<'s, State>,
        wait: &mut Wait,
        lead: impl FnOnce(
            &'s Self,
            MutexGuard<'s, State>,
        ) -> (MutexGuard<'s, State>, Result<(), AppendError>),
    ) -> Result<MutexGuard<'s, State>, AppendError> {
        let (mut state, result) = if let Some(error) = state.trouble.closed() {
            let error = AppendError::Closed(error.clone());
            (state, Err(error))
        } else if state.appends.is_taken() {
            let (state, late) = wait.next(self, state, Task::Append, Turn::Next);
            let result = if late {
                Err(AppendError::TimedOut)
            } else {
                Ok(())
            };
            (state, result)
        } else {
            lead(self, state)
        };
        match result {
            Ok(()) => Ok(state),
            Err(error) => {
                self.pass_on(&mut state, Task::Append);
                Err(error)
            }
        }
    }
}

impl State {
    /// Which sync serves somebody whose records end at `upto`; `None` where they are not stored yet.
    pub(super) fn sync_turn(&self, upto: Option<u64>) -> Turn {
        match (self.cut, upto) {
            (Some(cut), Some(upto)) if upto > cut => Turn::Next,
            (Some(_), None) => Turn::Next,
            _ => Turn::This,
        }
    }
}
