//! Turns: what one thread does for all who need it, again and again.
//!
//! There are two such tasks, and a thread may have both: to append, and to sync. Whoever needs one
//! and finds nobody at it takes it; who finds it taken sleeps. When a turn ends, those are woken
//! whom it served, and one of those who wait for the next one: the others sleep on. Whoever is
//! woken and does not take the turn passes the call on, so while somebody sleeps, somebody else has
//! the turn or is on the way to it.

use std::sync::{Condvar, MutexGuard};

use super::Shared;
use super::state::State;

/// Which task.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Task {
    /// Linking what is queued and handing it to the sink; asking the sink for its head.
    Append,
    /// Making durable what is stored.
    Sync,
}

/// Which turn somebody waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Turn {
    /// The one that is on serves the one who waits.
    This,
    /// It came too late for that.
    Next,
}

/// Who has a task, and who waits for it. Turns are even and odd by turns, and so are those who
/// wait for them.
#[derive(Default)]
pub(super) struct Turns {
    is_taken: bool,
    is_odd: bool,
    even: Sleepers,
    odd: Sleepers,
}

#[derive(Default)]
struct Sleepers {
    count: usize,
    /// One of them has been called and has not woken yet.
    is_called: bool,
}

impl Turns {
    pub(super) const fn is_taken(&self) -> bool {
        self.is_taken
    }

    pub(super) const fn take(&mut self) {
        self.is_taken = true;
    }

    /// Leaves the task, before the turn has served anybody, to whoever comes next.
    pub(super) const fn leave(&mut self) {
        self.is_taken = false;
    }

    /// How many sleep until `turn` has ended.
    pub(super) const fn asleep(&self, turn: Turn) -> usize {
        if self.side(turn) {
            self.odd.count
        } else {
            self.even.count
        }
    }

    /// Whether `turn` is an odd one.
    const fn side(&self, turn: Turn) -> bool {
        self.is_odd ^ matches!(turn, Turn::Next)
    }

    const fn sleepers(&mut self, odd: bool) -> &mut Sleepers {
        if odd { &mut self.odd } else { &mut self.even }
    }

    /// Calls one of those who sleep, where nobody has the task and none has been called before.
    const fn call(&mut self) -> bool {
        if self.is_taken {
            return false;
        }
        let sleepers = self.sleepers(self.is_odd);
        let calls = sleepers.count > 0 && !sleepers.is_called;
        sleepers.is_called |= calls;
        calls
    }
}

/// What wakes those who sleep.
#[derive(Default)]
pub(super) struct Bells {
    even: Condvar,
    odd: Condvar,
}

impl Bells {
    const fn side(&self, odd: bool) -> &Condvar {
        if odd { &self.odd } else { &self.even }
    }
}

impl Shared {
    const fn bells(&self, task: Task) -> &Bells {
        match task {
            Task::Append => &self.append_bells,
            Task::Sync => &self.sync_bells,
        }
    }

    /// Sleeps until `turn` has ended, or something else has changed; what `wait` does is to wait
    /// on the bell.
    pub(super) fn sleep<'s>(
        &'s self,
        mut state: MutexGuard<'s, State>,
        task: Task,
        turn: Turn,
        wait: impl FnOnce(&Condvar, MutexGuard<'s, State>) -> MutexGuard<'s, State>,
    ) -> MutexGuard<'s, State> {
        let turns = state.turns(task);
        let odd = turns.side(turn);
        let sleepers = turns.sleepers(odd);
        sleepers.count = sleepers.count.saturating_add(1);
        let mut state = wait(self.bells(task).side(odd), state);
        let sleepers = state.turns(task).sleepers(odd);
        sleepers.count = sleepers.count.saturating_sub(1);
        sleepers.is_called = false;
        state
    }

    /// Ends a turn: wakes those whom it served, and one who may take the next.
    ///
    /// The lock is let go meanwhile, so that nobody wakes up only to wait for it.
    pub(super) fn end_turn<'s>(
        &'s self,
        mut state: MutexGuard<'s, State>,
        task: Task,
    ) -> MutexGuard<'s, State> {
        let turns = state.turns(task);
        let served = turns.side(Turn::This);
        let is_served = turns.asleep(Turn::This) > 0;
        turns.is_taken = false;
        turns.is_odd = !turns.is_odd;
        let calls = turns.call();
        // What went wrong may be news for those who wait for the other task.
        let is_news = state.trouble.is_any();
        if !is_served && !calls && !is_news {
            return state;
        }
        drop(state);
        if is_served {
            self.bells(task).side(served).notify_all();
        }
        if calls {
            self.bells(task).side(!served).notify_one();
        }
        if is_news {
            self.wake_all();
        }
        self.lock()
    }

    fn wake_all(&self) {
        for bells in [&self.append_bells, &self.sync_bells] {
            bells.even.notify_all();
            bells.odd.notify_all();
        }
    }

    /// Whoever was woken and goes on to something else calls another one, where nobody is at a task
    /// for which others sleep.
    pub(super) fn pass_on(&self, state: &mut State, task: Task) {
        let turns = state.turns(task);
        if turns.call() {
            let odd = turns.side(Turn::This);
            self.bells(task).side(odd).notify_one();
        }
    }
}
