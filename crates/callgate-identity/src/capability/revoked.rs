//! Which blocks were revoked.

use std::collections::HashSet;
use std::error::Error;
use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use super::signature::RevocationId;

/// Tells whether a block of a token was revoked.
///
/// It is asked in the thread that resolves a token, for each block: answer from memory, or bound
/// the time you take. An error is a refusal.
pub trait Revoked: Send + Sync {
    /// Whether `id`, a block of a token for `tenant`, was revoked.
    ///
    /// # Errors
    ///
    /// Where that cannot be told.
    fn is_revoked(&self, tenant: &str, id: &RevocationId) -> Result<bool, RevocationDoubt>;

    /// A number that changes whenever anything is revoked, after it is: as long as it is the same, a
    /// token that was not revoked need not be asked for again. `None` has every use ask.
    fn epoch(&self) -> Option<u64> {
        None
    }
}

/// It cannot be told whether something was revoked.
#[derive(Clone, Debug)]
pub struct RevocationDoubt(Arc<dyn Error + Send + Sync>);

impl RevocationDoubt {
    /// The doubt that has this cause.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into().into())
    }
}

impl fmt::Display for RevocationDoubt {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("it cannot be told whether the token was revoked")
    }
}

impl Error for RevocationDoubt {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}

/// Revocations of this process, in memory, whatever the tenant; gone when it ends.
#[derive(Debug, Default)]
pub struct RevokedInMemory {
    ids: RwLock<HashSet<RevocationId>>,
    epoch: AtomicU64,
}

impl RevokedInMemory {
    /// Nothing is revoked yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Revokes a block, and with it every token that has it. Counts from when this returns.
    pub fn revoke(&self, id: RevocationId) {
        let mut ids = self.ids.write().unwrap_or_else(PoisonError::into_inner);
        ids.insert(id);
        drop(ids);
        // After the id is in: whoever saw the number before asks again.
        self.epoch.fetch_add(1, Ordering::SeqCst);
    }
}

impl Revoked for RevokedInMemory {
    fn is_revoked(&self, _tenant: &str, id: &RevocationId) -> Result<bool, RevocationDoubt> {
        let ids = self.ids.read().unwrap_or_else(PoisonError::into_inner);
        Ok(ids.contains(id))
    }

    fn epoch(&self) -> Option<u64> {
        Some(self.epoch.load(Ordering::SeqCst))
    }
}
