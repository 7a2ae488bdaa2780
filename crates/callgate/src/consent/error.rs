//! Why an answer was not taken.

use callgate_approval::standing::Unbounded;
use callgate_approval::{Listing, StoreError, Unfit};
use callgate_policy::Diagnostics;
use callgate_types::Code;

/// Why something about an approval could not be done.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ConsentError {
    /// The gate has no store of approvals.
    #[error("this gate asks nobody: it has no store of approvals")]
    NoStore,
    /// The gate has no store of standing approvals.
    #[error("nobody approves calls to come: there is no store of standing approvals")]
    NoStandingStore,
    /// The store does not answer, or somebody else moves the approval all the time.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// There is no such approval in the tenant of whoever asks, or it is none of their business.
    #[error("there is no such approval")]
    Unknown,
    /// The answer does not count. Nothing has changed.
    #[error(transparent)]
    Unfit(#[from] Unfit),
    /// No standing approval may be given that goes so far.
    #[error(transparent)]
    Unbounded(#[from] Unbounded),
    /// What calls to come are to be like is no condition on this tool.
    #[error("the condition cannot be used: {0}")]
    Condition(#[source] Diagnostics),
    /// There are as many standing approvals of these calls as there may be.
    #[error("there are too many standing approvals of these calls")]
    TooMany,
    /// There are too many answers at once.
    #[error("expected at most {} answers at once", Listing::MOST)]
    TooManyAnswers,
    /// It is done, and the log does not know it yet: it is told before any call runs by it.
    #[error("the answer counts, and could not be recorded yet: {0}")]
    Unrecorded(Code),
}
