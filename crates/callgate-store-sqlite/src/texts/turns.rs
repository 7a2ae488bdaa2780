//! One thread writes for all that wait, and nobody waits for it beyond a deadline.
//!
//! Whoever puts texts lays them down here. Who finds nobody writing writes what all have laid down, in
//! one transaction; the others wait for its answer. So many threads cost one commit, and one that is
//! out of time takes its texts back, unless they are being written.

use std::collections::BTreeMap;
use std::mem;
use std::sync::{Condvar, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use callgate_audit::texts::TextError;

use super::writer::Row;

/// Bytes that one transaction stores; a caller's texts stay together.
const MAX_BYTES: usize = 16 << 20;

/// Who writes, and what waits to be written.
#[derive(Debug, Default)]
pub(super) struct Turns {
    state: Mutex<State>,
    changed: Condvar,
}

#[derive(Debug, Default)]
struct State {
    /// Somebody writes.
    busy: bool,
    waiting: Vec<Wanted>,
    /// What is told to those who wait.
    answers: BTreeMap<u64, Option<Result<(), TextError>>>,
    next: u64,
}

/// Texts of one caller.
#[derive(Debug)]
pub(super) struct Wanted {
    ticket: u64,
    pub(super) rows: Vec<Row>,
    pub(super) durable: bool,
}

impl Turns {
    /// Has `rows` written by `write`, together with those of others, or by somebody else.
    pub(super) fn put(
        &self,
        rows: Vec<Row>,
        durable: bool,
        until: Option<Instant>,
        write: impl Fn(&[Wanted]) -> Result<(), TextError>,
    ) -> Result<(), TextError> {
        let mut state = self.lock();
        let ticket = state.next;
        state.next = state.next.wrapping_add(1);
        state.waiting.push(Wanted {
            ticket,
            rows,
            durable,
        });
        state.answers.insert(ticket, None);
        loop {
            if let Some(Some(answer)) = state.answers.get(&ticket) {
                let answer = answer.clone();
                state.answers.remove(&ticket);
                return answer;
            }
            if !state.busy {
                state.busy = true;
                let taken = state.take();
                drop(state);
                let told = write(&taken);
                state = self.lock();
                state.answer(&taken, &told);
                self.changed.notify_all();
                continue;
            }
            let left = left(until);
            if left.is_zero() {
                state.waiting.retain(|wanted| wanted.ticket != ticket);
                state.answers.remove(&ticket);
                return Err(TextError::TimedOut);
            }
            let waited = self.changed.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
    }

    /// Does `work` once nobody writes.
    pub(super) fn alone<T>(
        &self,
        until: Option<Instant>,
        work: impl FnOnce() -> Result<T, TextError>,
    ) -> Result<T, TextError> {
        let mut state = self.lock();
        while state.busy {
            let left = left(until);
            if left.is_zero() {
                return Err(TextError::TimedOut);
            }
            let waited = self.changed.wait_timeout(state, left);
            (state, _) = waited.unwrap_or_else(PoisonError::into_inner);
        }
        state.busy = true;
        drop(state);
        let told = work();
        self.lock().busy = false;
        self.changed.notify_all();
        told
    }

    /// Nothing that holds the lock calls foreign code, so a panic leaves no half-made state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl State {
    /// As much of what waits as goes into one transaction.
    fn take(&mut self) -> Vec<Wanted> {
        let mut bytes = 0_usize;
        let fits = self.waiting.iter().take_while(|wanted| {
            let before = bytes;
            let sizes = wanted.rows.iter().map(|(_, body)| body.len());
            bytes = bytes.saturating_add(sizes.sum());
            before < MAX_BYTES
        });
        let left = self.waiting.split_off(fits.count());
        mem::replace(&mut self.waiting, left)
    }

    fn answer(&mut self, taken: &[Wanted], told: &Result<(), TextError>) {
        self.busy = false;
        for wanted in taken {
            // Whoever ran out of time does not wait any more.
            if let Some(answer) = self.answers.get_mut(&wanted.ticket) {
                *answer = Some(told.clone());
            }
        }
    }
}

fn left(until: Option<Instant>) -> Duration {
    until.map_or(Duration::MAX, |until| {
        until.saturating_duration_since(Instant::now())
    })
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::sync::mpsc::sync_channel;
    use std::thread;

    use callgate_types::Digest;

    use super::*;

    fn row(number: u8, bytes: usize) -> Row {
        (Digest::from_bytes([number; 32]), vec![number; bytes])
    }

    fn soon() -> Option<Instant> {
        Instant::now().checked_add(Duration::from_secs(20))
    }

    #[test]
    fn one_writes_for_all() {
        let turns = Turns::default();
        let (writes, rows) = (AtomicUsize::new(0), AtomicUsize::new(0));
        let (go, gone) = sync_channel::<()>(0);
        let gone = Mutex::new(gone);
        let write = |taken: &[Wanted]| {
            if writes.fetch_add(1, Ordering::SeqCst) == 0 {
                // The first one holds everybody up.
                gone.lock().unwrap().recv().unwrap();
            }
            let count = taken.iter().map(|it| it.rows.len()).sum();
            rows.fetch_add(count, Ordering::SeqCst);
            Ok(())
        };
        thread::scope(|scope| {
            let (turns, write) = (&turns, &write);
            for number in 0..9 {
                let row = vec![row(number, 1)];
                scope.spawn(move || turns.put(row, true, soon(), write).unwrap());
            }
            while turns.lock().next < 9 {
                thread::yield_now();
            }
            go.send(()).unwrap();
        });
        assert_eq!(rows.into_inner(), 9);
        assert_eq!(writes.into_inner(), 2, "eight wait, and go together");
        assert!(turns.lock().answers.is_empty());
    }

    #[test]
    fn whoever_is_out_of_time_takes_texts_back() {
        let turns = Turns::default();
        turns.lock().busy = true;
        let none = |_: &[Wanted]| panic!("nobody writes");
        let told = turns.put(vec![row(1, 1)], true, Some(Instant::now()), none);
        assert!(matches!(told, Err(TextError::TimedOut)), "{told:?}");
        let told = turns.alone(Some(Instant::now()), || Ok(()));
        assert!(matches!(told, Err(TextError::TimedOut)), "{told:?}");
        let state = turns.lock();
        assert!(state.waiting.is_empty() && state.answers.is_empty());
    }

    #[test]
    fn more_than_one_transaction_takes() {
        let turns = Turns::default();
        let big = |number| Wanted {
            ticket: number,
            rows: vec![row(1, MAX_BYTES)],
            durable: true,
        };
        turns.lock().waiting.extend([big(7), big(8)]);
        let sizes = Mutex::new(Vec::new());
        let write = |taken: &[Wanted]| {
            sizes.lock().unwrap().push(taken.len());
            Ok(())
        };
        turns.put(vec![row(2, 1)], true, soon(), write).unwrap();
        assert_eq!(*sizes.lock().unwrap(), [1, 1, 1]);
    }

    #[test]
    fn all_are_told_of_a_failure() {
        let turns = Turns::default();
        let fails = |_: &[Wanted]| Err(TextError::TimedOut);
        let told = turns.put(vec![row(1, 1)], false, soon(), fails);
        assert!(matches!(told, Err(TextError::TimedOut)));
        turns
            .put(vec![row(1, 1)], false, soon(), |_| Ok(()))
            .unwrap();
    }
}
