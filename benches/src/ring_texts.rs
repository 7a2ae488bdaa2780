//! A store for clear texts that does not grow.

use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use callgate::Digest;
use callgate::audit::Durability;
use callgate::audit::texts::{ClearText, StoredText, TextError, TextStore};

/// As [`RingSink`](crate::RingSink), for texts: each is written with its commitment and its salt.
#[derive(Debug)]
pub struct RingTexts(Mutex<Ring>);

#[derive(Debug)]
struct Ring {
    bytes: Box<[u8]>,
    /// Where the next text goes.
    place: usize,
}

impl RingTexts {
    /// A store of the last 256 KiB.
    pub fn new() -> Self {
        let bytes = vec![0; 256 << 10].into();
        Self(Mutex::new(Ring { bytes, place: 0 }))
    }

    /// Nothing in here panics while it holds the lock.
    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for RingTexts {
    fn default() -> Self {
        Self::new()
    }
}

impl Ring {
    fn push(&mut self, text: &ClearText<'_>) -> Option<()> {
        let (commitment, salt) = (text.commitment(), text.salt());
        let pieces: [&[u8]; 3] = [
            commitment.as_bytes(),
            salt.as_bytes(),
            text.text().as_bytes(),
        ];
        let len = pieces.iter().map(|piece| piece.len()).sum();
        let end = self.place.checked_add(len)?;
        if end > self.bytes.len() {
            self.place = 0;
        }
        for piece in pieces {
            let end = self.place.checked_add(piece.len())?;
            self.bytes.get_mut(self.place..end)?.copy_from_slice(piece);
            self.place = end;
        }
        Some(())
    }
}

impl TextStore for RingTexts {
    fn put(
        &self,
        texts: &[ClearText<'_>],
        _durability: Durability,
        _deadline: Duration,
    ) -> Result<(), TextError> {
        let mut ring = self.ring();
        // No text is longer than the ring.
        let pushed = texts.iter().try_for_each(|text| ring.push(text));
        pushed.ok_or(TextError::TimedOut)
    }

    /// What was overwritten cannot be read: it holds no texts for readers.
    fn find(&self, _commitment: Digest) -> Result<Option<StoredText>, TextError> {
        Ok(None)
    }

    fn erase(&self, _commitments: &[Digest]) -> Result<(), TextError> {
        Ok(())
    }

    fn list(&self, _after: Option<Digest>, _most: usize) -> Result<Vec<Digest>, TextError> {
        Ok(Vec::new())
    }
}
