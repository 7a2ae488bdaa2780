//! Why a sink did not do what it was asked for.

use std::error::Error;
use std::sync::Arc;

use crate::Head;

/// What a sink gives as the reason of a failure.
pub type Cause = Arc<dyn Error + Send + Sync>;

/// Why a sink did not do what it was asked for.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SinkError {
    /// The chain ends elsewhere; nothing was stored.
    #[error("the log ends at {0}, which is not where this record belongs")]
    Conflict(Head),
    /// It is not known whether it was done: the head tells.
    #[error("it is not known whether the record was stored")]
    Unknown(#[source] Cause),
    /// There is no room.
    #[error("no room is left for the log")]
    Full,
    /// Something failed after which nothing can be relied on; the sink takes no more.
    #[error("the log takes no more records")]
    Poisoned(#[source] Cause),
}

impl SinkError {
    /// [`SinkError::Unknown`] with `cause`.
    pub fn unknown(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Unknown(Arc::new(cause))
    }

    /// [`SinkError::Poisoned`] with `cause`.
    pub fn poisoned(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Poisoned(Arc::new(cause))
    }
}
