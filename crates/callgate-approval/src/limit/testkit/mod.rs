//! Whether a store keeps what [`LimitStore`](super::LimitStore) promises. Behind the feature
//! `testkit`, for tests.
//!
//! [`check`] tries a store of yours rule by rule and stops at the first [`Rule`] that it breaks, with
//! what was expected and what was found. It takes some seconds: it waits for the clock of the store.
//!
//! # Examples
//!
//! In a test of yours:
//!
//! ```
//! use callgate_approval::limit::{MemoryLimits, testkit};
//!
//! # fn main() -> Result<(), testkit::Broken> {
//! testkit::check(|| Ok::<_, std::io::Error>(MemoryLimits::new(chrono::Utc::now)))
//! # }
//! ```

mod crowd;
mod processes;
mod rules;
#[cfg(test)]
mod tests;

use std::fmt;

pub use crowd::{CountedUse, Crowd};
pub use processes::{crowd, done};

use super::{LimitStore, LimitStoreError};
use crate::testkit::kit::{self, Finding};

/// Tries the stores that `fresh` opens, each of which is empty.
///
/// # Errors
///
/// The first rule that such a store breaks: those behind it assume it.
pub fn check<S, E>(fresh: impl Fn() -> Result<S, E>) -> Result<(), Broken>
where
    S: LimitStore,
    E: fmt::Display,
{
    kit::try_all(fresh, Rule::Opens, rules::all())
}

/// A rule that a store breaks.
pub type Broken = kit::Broken<Rule>;

/// What every store keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// It can be opened.
    Opens,
    /// It adds up exactly, and lets the whole limit through and nothing beyond.
    AddsUp,
    /// It keeps keys apart, byte by byte.
    KeepsKeysApart,
    /// Of several keys it reserves all or none, and names all that do not fit.
    AllOrNothing,
    /// What is given back is free again.
    GivesBack,
    /// What is counted stays, whatever is given back afterwards.
    Counts,
    /// What is agreed to be beyond is reserved, and used.
    GoesBeyond,
    /// One id reserves once, however often it is asked.
    ReservesOnce,
    /// What is neither counted nor given back lapses.
    Lapses,
    /// What is counted is forgotten with its window, and not before.
    Forgets,
    /// Of many that reserve at once no more get through than there is room for.
    LetsNoMoreThrough,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opens => "opens",
            Self::AddsUp => "adds up",
            Self::KeepsKeysApart => "keeps keys apart",
            Self::AllOrNothing => "all or nothing",
            Self::GivesBack => "gives back",
            Self::Counts => "counts",
            Self::GoesBeyond => "goes beyond",
            Self::ReservesOnce => "reserves once",
            Self::Lapses => "lapses",
            Self::Forgets => "forgets",
            Self::LetsNoMoreThrough => "lets no more through",
        })
    }
}

impl From<LimitStoreError> for Finding {
    fn from(error: LimitStoreError) -> Self {
        Self::new("no error", error)
    }
}
