//! Tokens that were verified, kept until they expire.

use std::collections::{HashMap, VecDeque};
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use callgate_types::Digest;
use chrono::{DateTime, Utc};

use super::fault::TokenFault;
use super::grant::Grant;
use super::revoked::Revoked;
use super::roots::Roots;
use super::token::CapabilityToken;

/// The grants of tokens that were seen before: a token is verified once, and then costs a look-up.
///
/// Every use asks whether the token is still valid and not revoked. The number of grants that are
/// kept is bounded; what is left out is verified again. No token's text is kept.
pub struct Grants {
    roots: Roots,
    revoked: Arc<dyn Revoked>,
    shards: [RwLock<Shard>; SHARDS],
    most: usize,
}

const SHARDS: usize = 16;
/// No number of a [`Revoked`] that was seen yet.
const NEVER: u64 = u64::MAX;

#[derive(Default)]
struct Shard {
    held: HashMap<Digest, Entry>,
    /// Oldest first.
    order: VecDeque<Digest>,
}

struct Entry {
    grant: Arc<Grant>,
    /// The epoch in which no block was revoked.
    clear: AtomicU64,
}

impl Grants {
    /// Grants of tokens by `roots` that `revoked` does not name, at most `most` at a time.
    pub fn new(roots: Roots, revoked: Arc<dyn Revoked>, most: usize) -> Self {
        Self {
            roots,
            revoked,
            shards: std::array::from_fn(|_| RwLock::default()),
            most: most.div_ceil(SHARDS),
        }
    }

    /// The grant of the token that `text` is.
    ///
    /// # Errors
    ///
    /// Refuses what [`CapabilityToken::parse`] and [`CapabilityToken::verify`] refuse, and what was
    /// revoked or cannot be told not to be.
    pub fn resolve(&self, text: &str, now: DateTime<Utc>) -> Result<Arc<Grant>, TokenFault> {
        // Before anything is hashed.
        if text.len() > CapabilityToken::MAX_BYTES {
            return Err(TokenFault::TooLarge);
        }
        let digest = Digest::of(text.as_bytes());
        match self.seen(digest, now) {
            Some(known) => known,
            None => self.first(text, digest, now),
        }
    }

    /// The grant of a token that was resolved before, by its digest; `None` where it is not kept.
    ///
    /// For hosts that remember the digest with the connection that the token came over.
    pub fn seen(
        &self,
        digest: Digest,
        now: DateTime<Utc>,
    ) -> Option<Result<Arc<Grant>, TokenFault>> {
        let shard = self.shard(digest)?;
        let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
        let entry = shard.held.get(&digest)?;
        if let Err(fault) = entry.grant.is_valid_at(now) {
            return Some(Err(fault));
        }
        let epoch = self.revoked.epoch();
        if epoch.is_some_and(|epoch| epoch == entry.clear.load(Ordering::Relaxed)) {
            return Some(Ok(Arc::clone(&entry.grant)));
        }
        // Foreign code is asked with no lock held.
        let grant = Arc::clone(&entry.grant);
        drop(shard);
        if let Err(fault) = self.is_clear(&grant) {
            return Some(Err(fault));
        }
        if let Some(epoch) = epoch {
            let shard = self.shard(digest)?;
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            if let Some(entry) = shard.held.get(&digest) {
                entry.clear.store(epoch, Ordering::Relaxed);
            }
        }
        Some(Ok(grant))
    }

    #[cold]
    fn first(
        &self,
        text: &str,
        digest: Digest,
        now: DateTime<Utc>,
    ) -> Result<Arc<Grant>, TokenFault> {
        let grant = CapabilityToken::parse(text)?.verify(&self.roots, now)?;
        let epoch = self.revoked.epoch();
        self.is_clear(&grant)?;
        let grant = Arc::new(grant);
        self.keep(digest, &grant, epoch.unwrap_or(NEVER));
        Ok(grant)
    }

    fn is_clear(&self, grant: &Grant) -> Result<(), TokenFault> {
        for (block, id) in grant.revocation_ids().iter().enumerate() {
            match self.revoked.is_revoked(grant.tenant(), id) {
                Ok(false) => {}
                Ok(true) => return Err(TokenFault::Revoked { block }),
                Err(_) => return Err(TokenFault::RevocationUnknown { block }),
            }
        }
        Ok(())
    }

    fn keep(&self, digest: Digest, grant: &Arc<Grant>, epoch: u64) {
        let Some(shard) = self.shard(digest) else {
            return;
        };
        let mut shard = shard.write().unwrap_or_else(PoisonError::into_inner);
        let entry = Entry {
            grant: Arc::clone(grant),
            clear: AtomicU64::new(epoch),
        };
        if shard.held.insert(digest, entry).is_none() {
            shard.order.push_back(digest);
        }
        // One goes for each that comes: no caller pays for all.
        if shard.order.len() > self.most
            && let Some(oldest) = shard.order.pop_front()
        {
            shard.held.remove(&oldest);
        }
    }

    fn shard(&self, digest: Digest) -> Option<&RwLock<Shard>> {
        let [first, ..] = digest.as_bytes();
        self.shards.get(usize::from(*first) % SHARDS)
    }

    /// How many grants are kept.
    pub fn len(&self) -> usize {
        let count = |shard: &RwLock<Shard>| {
            let shard = shard.read().unwrap_or_else(PoisonError::into_inner);
            shard.held.len()
        };
        self.shards.iter().map(count).fold(0, usize::saturating_add)
    }

    /// Whether none is kept.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }
}

/// Shows how many are kept, and no more.
impl fmt::Debug for Grants {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Grants")
            .field("kept", &self.len())
            .finish_non_exhaustive()
    }
}
