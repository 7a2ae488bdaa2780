//! Ids of the approvals that a gate asks for.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};

use callgate_approval::ApprovalId;
use callgate_types::Digest;
use chrono::{DateTime, Utc};

/// What ids are made from, so that nobody can guess one: a secret that only the memory of this gate
/// has, hashed with what is asked and when.
///
/// A fork has the same secret. There, too, no two questions get one id: they differ in the call, or in
/// the moment, or else the second one finds the first.
pub(crate) struct Ids {
    secret: [u8; 32],
    next: AtomicU64,
}

impl Ids {
    /// `None` where the system gives no randomness.
    pub(crate) fn new() -> Option<Self> {
        let mut secret = [0; 32];
        getrandom::fill(&mut secret).ok()?;
        Some(Self {
            secret,
            next: AtomicU64::new(0),
        })
    }

    /// The id of a new question about the call with this binding.
    pub(super) fn next(&self, binding: &Digest, now: DateTime<Utc>) -> ApprovalId {
        let count = self.next.fetch_add(1, Ordering::Relaxed);
        let mut moment = [0; 32];
        let bytes = now.timestamp_micros().to_be_bytes();
        let bytes = bytes.into_iter().chain(count.to_be_bytes());
        for (place, byte) in moment.iter_mut().zip(bytes) {
            *place = byte;
        }
        let all = [self.secret, *binding.as_bytes(), moment];
        let digest = Digest::of(all.as_flattened());
        // A digest is longer than that.
        let id = digest.as_bytes().first_chunk().copied();
        ApprovalId::from_bytes(id.unwrap_or_default())
    }
}

/// Shows no secret.
impl fmt::Debug for Ids {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Ids").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn none_comes_twice() {
        let now = DateTime::UNIX_EPOCH;
        let calls = [Digest::of(b"one"), Digest::of(b"other")];
        let (ids, another) = (Ids::new().unwrap(), Ids::new().unwrap());
        // As if it were a fork of the first one.
        let fork = Ids {
            secret: ids.secret,
            next: AtomicU64::new(0),
        };
        let mut all = HashSet::new();
        for _ in 0..1_000 {
            assert!(all.insert(ids.next(&calls[0], now)));
            assert!(all.insert(another.next(&calls[0], now)));
            assert!(all.insert(fork.next(&calls[1], now)));
        }
        assert!(!format!("{ids:?}").contains(char::is_numeric));
    }
}
