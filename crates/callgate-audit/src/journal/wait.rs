//! Waiting for others, up to a deadline.

use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Shared;
use super::state::State;

/// How long somebody still waits. The clock is read first when there is something to wait for.
pub(super) struct Wait {
    deadline: Duration,
    since: Option<Instant>,
}

impl Wait {
    pub(super) const fn new(deadline: Duration) -> Self {
        Self {
            deadline,
            since: None,
        }
    }

    /// Waits until something has changed; says whether the deadline has come.
    pub(super) fn next<'s>(
        &mut self,
        shared: &'s Shared,
        mut state: MutexGuard<'s, State>,
    ) -> (MutexGuard<'s, State>, bool) {
        let since = *self.since.get_or_insert_with(Instant::now);
        let left = self.deadline.saturating_sub(since.elapsed());
        if left.is_zero() {
            return (state, true);
        }
        state.waiting = state.waiting.saturating_add(1);
        let (mut state, _) = shared
            .changed
            .wait_timeout(state, left)
            .unwrap_or_else(PoisonError::into_inner);
        state.waiting = state.waiting.saturating_sub(1);
        (state, false)
    }
}
