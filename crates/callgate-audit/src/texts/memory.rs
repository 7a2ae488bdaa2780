//! Clear texts in memory.

use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use callgate_types::Digest;

use super::{ClearText, StoredText, TextError, TextStore};
use crate::Durability;

/// Clear texts in memory: for tests, and for hosts whose texts must not outlive them.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use callgate_audit::Durability;
/// use callgate_audit::texts::{ClearText, MemoryTexts, Salt, TextStore};
///
/// let texts = MemoryTexts::new();
/// let note = ClearText::new(Salt::from_bytes([7; 32]), "\"call back\"").ok_or("too long")?;
/// texts.put(&[note], Durability::Durable, Duration::from_secs(5))?;
///
/// let found = texts.find(note.commitment())?.ok_or("it is there")?;
/// assert!(found.matches(note.commitment()));
/// texts.erase(&[note.commitment()])?;
/// assert!(texts.find(note.commitment())?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Default)]
pub struct MemoryTexts(Mutex<BTreeMap<Digest, StoredText>>);

impl MemoryTexts {
    /// Holds nothing.
    pub const fn new() -> Self {
        Self(Mutex::new(BTreeMap::new()))
    }

    /// Nothing that holds the lock can panic half way.
    fn texts(&self) -> MutexGuard<'_, BTreeMap<Digest, StoredText>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl TextStore for MemoryTexts {
    fn put(
        &self,
        texts: &[ClearText<'_>],
        _durability: Durability,
        _deadline: Duration,
    ) -> Result<(), TextError> {
        TextError::check_count(texts.len())?;
        let stored = texts.iter().map(|text| {
            let stored = StoredText::new(text.salt(), text.text());
            (text.commitment(), stored)
        });
        self.texts().extend(stored);
        Ok(())
    }

    fn find(&self, commitment: Digest) -> Result<Option<StoredText>, TextError> {
        Ok(self.texts().get(&commitment).cloned())
    }

    fn erase(&self, commitments: &[Digest]) -> Result<(), TextError> {
        TextError::check_count(commitments.len())?;
        let mut texts = self.texts();
        for commitment in commitments {
            texts.remove(commitment);
        }
        Ok(())
    }

    fn list(&self, after: Option<Digest>, most: usize) -> Result<Vec<Digest>, TextError> {
        let from = after.map_or(Bound::Unbounded, Bound::Excluded);
        let texts = self.texts();
        let behind = texts.range((from, Bound::Unbounded));
        Ok(behind
            .take(most)
            .map(|(commitment, _)| *commitment)
            .collect())
    }
}
