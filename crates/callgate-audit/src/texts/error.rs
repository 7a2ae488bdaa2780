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

    /// [`TextError::Failed`]: the store was opened to be read only.
    pub fn read_only() -> Self {
        Self::failed(ReadOnly)
    }

    /// What a store begins with where it puts or erases: refuses more than [`MAX_TEXTS`] at once.
    ///
    /// # Errors
    ///
    /// [`TextError::TooMany`].
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate_audit::texts::{MAX_TEXTS, TextError};
    ///
    /// assert!(TextError::check_count(MAX_TEXTS).is_ok());
    /// let many = TextError::check_count(MAX_TEXTS + 1).unwrap_err();
    /// assert_eq!(many.to_string(), "expected at most 256 texts at once, found 257");
    /// ```
    pub const fn check_count(found: usize) -> Result<(), Self> {
        if found > MAX_TEXTS {
            return Err(Self::TooMany { found });
        }
        Ok(())
    }
}

/// The store was opened to be read.
#[derive(Debug, thiserror::Error)]
#[error("the store was opened to be read only")]
struct ReadOnly;
