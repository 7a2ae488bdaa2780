//! Making records durable: one syncs for all that wait, beside those who append.

use std::sync::MutexGuard;
use std::sync::atomic::Ordering;
use std::time::Duration;

use super::lead::guarded;
use super::state::State;
use super::wait::Wait;
use super::{AppendError, Shared};
use crate::SinkError;

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
            if let Some(error) = &state.closed {
                let error = AppendError::Closed(error.clone());
                return (state, Err(error));
            }
            if let Some((covered, error)) = &state.failed_sync
                && upto <= *covered
            {
                let error = error.clone();
                return (state, Err(error));
            }
            if !state.syncing {
                state = self.lead_sync(state);
                continue;
            }
            let late;
            (state, late) = wait.next(self, state);
            if late && state.durable < upto {
                state.doubt_sync();
                return (state, Err(AppendError::TimedOut));
            }
        }
    }

    fn lead_sync<'s>(&'s self, mut state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        state.syncing = true;
        let upto = state.head;
        drop(state);
        let answer = guarded(|| self.sink.sync(upto));
        let mut state = self.lock();
        state.syncing = false;
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
                state.doubt_sync();
            }
            Err(error) => state.close(error),
        }
        self.notify(&state);
        state
    }

    pub(super) fn flush(&self, deadline: Duration) -> Result<(), AppendError> {
        let mut wait = Wait::new(deadline);
        let mut state = self.lock();
        // Whoever flushes wants another attempt.
        state.failed_sync = None;
        state.note_gap();
        let before = state.next_ticket();
        while state.is_pending_before(before) || state.doubt.is_some() {
            state = self.step(state, &mut wait, Self::lead)?;
        }
        let upto = state.head.records;
        let (_state, result) = self.make_durable(state, upto, &mut wait);
        result
    }

    pub(super) fn settle(&self, deadline: Duration) -> Result<(), AppendError> {
        let mut wait = Wait::new(deadline);
        let mut state = self.lock();
        while state.doubt.is_some() {
            state = self.step(state, &mut wait, Self::lead_settling)?;
        }
        match &state.closed {
            Some(error) => Err(AppendError::Closed(error.clone())),
            None => Ok(()),
        }
    }

    /// Leads, or waits for the one who does.
    fn step<'s>(
        &'s self,
        state: MutexGuard<'s, State>,
        wait: &mut Wait,
        lead: impl FnOnce(
            &'s Self,
            MutexGuard<'s, State>,
        ) -> (MutexGuard<'s, State>, Result<(), AppendError>),
    ) -> Result<MutexGuard<'s, State>, AppendError> {
        if let Some(error) = &state.closed {
            return Err(AppendError::Closed(error.clone()));
        }
        if state.leading {
            let (state, late) = wait.next(self, state);
            return if late {
                Err(AppendError::TimedOut)
            } else {
                Ok(state)
            };
        }
        let (state, result) = lead(self, state);
        result.map(|()| state)
    }
}
