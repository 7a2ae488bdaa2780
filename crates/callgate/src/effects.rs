//! What a tool says that it did, until the outcome of its call is recorded.

use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};

/// What a tool says that it did; nothing as long as it says nothing.
#[derive(Default)]
pub(crate) struct Effects(Mutex<Option<Box<Stated>>>);

/// What was said, within bounds.
#[derive(Debug, Default)]
pub(crate) struct Stated {
    pub(crate) effects: Vec<Box<str>>,
    bytes: usize,
    /// How many there was no room for.
    pub(crate) omitted: u64,
    /// How often the secret of the tool's credential stood in them.
    pub(crate) masked: u64,
}

impl Effects {
    /// Most effects of one call; further ones are counted.
    pub(crate) const MOST: usize = 256;

    /// Most bytes of all of them together.
    pub(crate) const MAX_BYTES: usize = 64 << 10;

    /// The tool did `effect`, in which a secret stood so many times.
    pub(crate) fn add(&self, effect: Box<str>, masked: u64) {
        let mut stated = self.lock();
        let stated = stated.get_or_insert_default();
        let bytes = stated.bytes.saturating_add(effect.len());
        if stated.effects.len() >= Self::MOST || bytes > Self::MAX_BYTES {
            stated.omitted = stated.omitted.saturating_add(1);
            return;
        }
        stated.bytes = bytes;
        stated.masked = stated.masked.saturating_add(masked);
        stated.effects.push(effect);
    }

    /// The tool says that it did nothing; what it said otherwise stands.
    pub(crate) fn none(&self) {
        self.lock().get_or_insert_default();
    }

    /// What was said; `None` where nothing was.
    pub(crate) fn take(&self) -> Option<Box<Stated>> {
        self.lock().take()
    }

    /// Nothing that holds the lock can panic half way.
    fn lock(&self) -> MutexGuard<'_, Option<Box<Stated>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Shows no effects: they may name what is nobody else's affair.
impl fmt::Debug for Effects {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Effects")
    }
}
