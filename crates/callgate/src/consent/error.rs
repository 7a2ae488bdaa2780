//! Why an answer was not taken.

use callgate_approval::{StoreError, Unfit};
use callgate_types::Code;

/// Why something about an approval could not be done.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConsentError {
    /// The gate has no store of approvals.
    #[error("this gate asks nobody: it has no store of approvals")]
    NoStore,
    /// The store does not answer, or somebody else moves the approval all the time.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such approval in the tenant of whoever asks, or it is none of their business.
    #[error("there is no such approval")]
    Unknown,
    /// The answer does not count. Nothing has changed.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// It is done, and the log does not know it yet: it is told before any call runs by it.
    #[error("the answer counts, and could not be recorded yet: {0}")]
    Unrecorded(Code),
}
