//! What is used under one key.

use std::collections::VecDeque;

use callgate_types::Amount;

use crate::limit::Window;

/// What is used under one key, slice by slice. What is reserved counts as used.
#[derive(Debug)]
pub(super) struct Account {
    window: Window,
    /// The latest slice so far: the clock of an account does not run backwards.
    newest: i64,
    /// What fell into it.
    current: Amount,
    /// Slices before it of which something may still count, oldest first; none is empty.
    older: VecDeque<(i64, Amount)>,
    /// All of them together.
    of_older: Amount,
}

impl Account {
    pub(super) const fn new(window: Window) -> Self {
        Self {
            window,
            newest: i64::MIN,
            current: Amount::ZERO,
            older: VecDeque::new(),
            of_older: Amount::ZERO,
        }
    }

    /// How much is used at a moment; leaves out what is over.
    pub(super) fn used(&mut self, millis: i64) -> Option<Amount> {
        self.advance(millis);
        self.current.checked_add(self.of_older)
    }

    /// Adds `amount` at the moment that was asked about last; says into which slice.
    pub(super) fn add(&mut self, amount: Amount) -> Option<i64> {
        self.current = self.current.checked_add(amount)?;
        Some(self.newest)
    }

    /// Takes back what was added to a slice, if that still counts.
    pub(super) fn take_back(&mut self, slice: i64, amount: Amount) {
        if slice == self.newest {
            self.current = less(self.current, amount);
        } else if let Some((_, kept)) = self.older.iter_mut().find(|(older, _)| *older == slice) {
            *kept = less(*kept, amount);
            self.of_older = less(self.of_older, amount);
        }
    }

    /// Whether nothing of it counts any more.
    pub(super) fn is_dead(&mut self, millis: i64) -> bool {
        self.used(millis) == Some(Amount::ZERO)
    }

    fn advance(&mut self, millis: i64) {
        let slice = self.window.slice(millis);
        if slice <= self.newest {
            return;
        }
        if self.current != Amount::ZERO {
            self.older.push_back((self.newest, self.current));
            self.of_older = more(self.of_older, self.current);
            self.current = Amount::ZERO;
        }
        self.newest = slice;
        let oldest = self.window.oldest(slice);
        while let Some((older, over)) = self.older.front().copied()
            && older < oldest
        {
            self.older.pop_front();
            self.of_older = less(self.of_older, over);
        }
    }
}

/// What is left of `kept`; all of it where that cannot be told, which restricts.
fn less(kept: Amount, amount: Amount) -> Amount {
    kept.checked_sub(amount).unwrap_or(kept)
}

fn more(kept: Amount, amount: Amount) -> Amount {
    kept.checked_add(amount).unwrap_or(Amount::MAX)
}
