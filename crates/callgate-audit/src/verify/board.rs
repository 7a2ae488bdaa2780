//! Chunks that wait to be examined, and the threads that do it.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};

use super::chunk::Chunk;
use crate::json;

/// Where chunks are put up, taken, and put back once they are examined. They are numbered in the
/// order of the log.
#[derive(Default)]
pub(super) struct Board<'p> {
    state: Mutex<State<'p>>,
    /// Something waits, or nothing will any more.
    work: Condvar,
    /// Something was examined, or somebody is gone.
    done: Condvar,
}

#[derive(Default)]
struct State<'p> {
    waiting: VecDeque<(u64, Chunk<'p>)>,
    examined: BTreeMap<u64, Chunk<'p>>,
    is_closed: bool,
}

impl<'p> Board<'p> {
    pub(super) fn put_up(&self, number: u64, chunk: Chunk<'p>) {
        self.lock().waiting.push_back((number, chunk));
        self.work.notify_one();
    }

    /// Examines what is put up until the board is closed.
    pub(super) fn work(&self) {
        // Whoever waits for a thread that has panicked would wait for ever.
        let _closed_at_last = Closing(self);
        let mut checker = json::Checker::new();
        let mut state = self.lock();
        while !state.is_closed {
            let Some((number, mut chunk)) = state.waiting.pop_front() else {
                state = wait(&self.work, state);
                continue;
            };
            drop(state);
            chunk.examine(&mut checker);
            state = self.lock();
            state.examined.insert(number, chunk);
            self.done.notify_one();
        }
    }

    /// Chunk `number` once it is examined; meanwhile this thread examines, too. `None` where a thread
    /// that had it is gone.
    pub(super) fn take(&self, number: u64, checker: &mut json::Checker) -> Option<Chunk<'p>> {
        let mut state = self.lock();
        loop {
            if let Some(chunk) = state.examined.remove(&number) {
                return Some(chunk);
            }
            if let Some((next, mut chunk)) = state.waiting.pop_front() {
                drop(state);
                chunk.examine(checker);
                state = self.lock();
                state.examined.insert(next, chunk);
                continue;
            }
            if state.is_closed {
                return None;
            }
            state = wait(&self.done, state);
        }
    }

    /// Nothing more is examined.
    pub(super) fn close(&self) {
        self.lock().is_closed = true;
        self.work.notify_all();
        self.done.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, State<'p>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

fn wait<'s, 'p>(bell: &Condvar, state: MutexGuard<'s, State<'p>>) -> MutexGuard<'s, State<'p>> {
    bell.wait(state).unwrap_or_else(PoisonError::into_inner)
}

/// Closes a board when it goes.
pub(super) struct Closing<'b, 'p>(pub(super) &'b Board<'p>);

impl Drop for Closing<'_, '_> {
    fn drop(&mut self) {
        self.0.close();
    }
}
