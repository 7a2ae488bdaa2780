//! Salts for commitments, and whatever else nobody may be able to guess.

use std::cell::RefCell;
use std::process;

use callgate_audit::texts::Salt;

/// How many salts a thread fetches at once.
const FETCHED: usize = 32;

thread_local! {
    static SALTS: RefCell<Fetched> = const { RefCell::new(Fetched::NONE) };
}

/// Salts that were fetched and not used yet.
struct Fetched {
    salts: [[u8; 32]; FETCHED],
    left: usize,
    /// The process that fetched them: a fork would use the same ones again.
    process: u32,
}

/// A salt that no text has had before; `None` where the system gives no randomness.
///
/// Asking the system costs more than a hash does, so each thread asks for several at once. One
/// that was used is forgotten: whoever reads this memory later finds no salt of a text that was
/// erased.
pub(crate) fn next() -> Option<Salt> {
    let fetched = SALTS.try_with(|salts| match salts.try_borrow_mut() {
        Ok(mut salts) => salts.next(),
        Err(_) => alone(),
    });
    // A thread that is ending has no buffer any more.
    fetched.unwrap_or_else(|_| alone())
}

/// A salt without a buffer.
fn alone() -> Option<Salt> {
    let mut bytes = [0; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(Salt::from_bytes(bytes))
}

impl Fetched {
    const NONE: Self = Self {
        salts: [[0; 32]; FETCHED],
        left: 0,
        process: 0,
    };

    fn next(&mut self) -> Option<Salt> {
        let process = process::id();
        if self.left == 0 || self.process != process {
            self.left = 0;
            getrandom::fill(self.salts.as_flattened_mut()).ok()?;
            self.left = FETCHED;
            self.process = process;
        }
        self.left = self.left.checked_sub(1)?;
        let place = self.salts.get_mut(self.left)?;
        Some(Salt::from_bytes(std::mem::take(place)))
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;
    use std::thread;

    use super::*;

    #[test]
    fn none_comes_twice() {
        let threads = (0..4).map(|_| {
            thread::spawn(|| {
                let salts = (0..FETCHED * 4).map(|_| *next().unwrap().as_bytes());
                salts.collect::<Vec<_>>()
            })
        });
        let threads: Vec<_> = threads.collect();
        let all = threads.into_iter().flat_map(|salts| salts.join().unwrap());
        let all: Vec<_> = all.collect();
        let different: HashSet<_> = all.iter().collect();
        assert_eq!(different.len(), all.len());
        assert!(!different.contains(&[0; 32]));
    }

    #[test]
    fn used_salts_are_forgotten() {
        let mut fetched = Fetched::NONE;
        let salt = fetched.next().unwrap();
        assert_eq!(fetched.left, FETCHED - 1);
        assert!(!fetched.salts.contains(salt.as_bytes()));
        // As if this were a fork of the process that fetched them.
        fetched.process = fetched.process.wrapping_add(1);
        let known = fetched.salts[fetched.left - 1];
        assert_ne!(fetched.next().unwrap().as_bytes(), &known);
    }
}
