//! Why a store of clear texts did not do what it was asked for.

use std::error::Error;
use std::sync::Arc;

use super::MAX_TEXTS;
use crate::Cause;

/// Why a store of clear texts did not do what it was asked for.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum TextError {
    /// The deadline came first.
    #[error("the store of clear texts did not answer in time")]
    TimedOut,
    /// More was asked for at once than a store takes.
    #[error("expected at most {MAX_TEXTS} texts at once, found {found}")]
    TooMany {
        /// How many.
        found: usize,
    },
    /// It failed this time; it may take others.
    #[error("the store of clear texts failed")]
    Failed(#[source] Cause),
    /// Something failed after which nothing can be relied on; the store takes no more.
    #[error("the store of clear texts takes no more")]
    Poisoned(#[source] Cause),
}

impl TextError {
    /// [`TextError::Failed`] with `cause`.
    pub fn failed(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Failed(Arc::new(cause))
    }

    /// [`TextError::Poisoned`] with `cause`.
    pub fn poisoned(cause: impl Error + Send + Sync + 'static) -> Self {
        Self::Poisoned(Arc::new(cause))
    }
}
