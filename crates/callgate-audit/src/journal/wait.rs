//! Waiting for others, up to a deadline.

use std::hint::spin_loop;
use std::sync::atomic::Ordering;
use std::sync::{MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use super::Shared;
use super::state::State;
use super::turns::{Task, Turn};

/// How often somebody looks whether a quick sink is done, before going to sleep: about as long as
/// it takes to hand a record to memory.
const LOOKS: u32 = 200;

/// How long somebody still waits. The clock is read first when there is something to wait for.
pub(super) struct Wait {
    deadline: Duration,
    since: Option<Instant>,
    has_looked: bool,
}

impl Wait {
    pub(super) const fn new(deadline: Duration) -> Self {
        Self {
            deadline,
            since: None,
            has_looked: false,
        }
    }

    /// Waits until a turn has ended; says whether the deadline has come.
    pub(super) fn next<'s>(
        &mut self,
        shared: &'s Shared,
        state: MutexGuard<'s, State>,
        task: Task,
        turn: Turn,
    ) -> (MutexGuard<'s, State>, bool) {
        if task == Task::Append && !self.has_looked && !self.deadline.is_zero() {
            self.has_looked = true;
            return (shared.look(state), false);
        }
        let since = *self.since.get_or_insert_with(Instant::now);
        let left = self.deadline.saturating_sub(since.elapsed());
        if left.is_zero() {
            return (state, true);
        }
        let state = shared.sleep(state, task, turn, |bell, state| {
            let woken = bell.wait_timeout(state, left);
            woken.unwrap_or_else(PoisonError::into_inner).0
        });
        (state, false)
    }
}

impl Shared {
    /// Looks for a moment whether the append that is on has ended.
    fn look<'s>(&'s self, state: MutexGuard<'s, State>) -> MutexGuard<'s, State> {
        let before = self.appends.load(Ordering::Relaxed);
        drop(state);
        for _ in 0..LOOKS {
            if self.appends.load(Ordering::Acquire) != before {
                break;
            }
            spin_loop();
        }
        self.lock()
    }
}
