//! Whether a store keeps what [`ApprovalStore`](crate::ApprovalStore) promises. Behind the feature
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
//! use callgate_approval::{MemoryApprovals, testkit};
//!
//! # fn main() -> Result<(), testkit::Broken> {
//! testkit::check(|| Ok::<_, std::io::Error>(MemoryApprovals::new(chrono::Utc::now)))
//! # }
//! ```

pub(crate) mod kit;
pub(crate) mod rules;
pub(crate) mod sample;
#[cfg(test)]
mod tests;

use std::fmt;

pub use self::kit::Broken;
use crate::ApprovalStore;

/// Tries the stores that `fresh` opens, each of which is empty.
///
/// # Errors
///
/// The first rule that such a store breaks: those behind it assume it.
pub fn check<S, E>(fresh: impl Fn() -> Result<S, E>) -> Result<(), Broken>
where
    S: ApprovalStore,
    E: fmt::Display,
{
    kit::try_all(fresh, Rule::Opens, rules::all())
}

/// What every store keeps.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// It can be opened.
    Opens,
    /// What is loaded is what was opened, in every part.
    KeepsAll,
    /// It finds what was asked last about a call, and nothing about another.
    FindsByBinding,
    /// While one approval holds the place of a call, no second one is opened.
    HoldsThePlace,
    /// Once it has expired, another one is.
    FreesThePlace,
    /// A step is taken once, and only from the revision before it.
    TakesAStepOnce,
    /// No step is taken outside its window, by the clock of the store.
    KeepsTheWindow,
    /// It counts what each subject of each tenant asks.
    CountsAsks,
    /// It lists in order, page by page, each tenant by itself.
    ListsInOrder,
    /// It forgets what is dead, and nothing else.
    ForgetsTheDead,
    /// Of many that open or take at once, one does.
    LetsOneThrough,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opens => "opens",
            Self::KeepsAll => "keeps all",
            Self::FindsByBinding => "finds by binding",
            Self::HoldsThePlace => "holds the place",
            Self::FreesThePlace => "frees the place",
            Self::TakesAStepOnce => "takes a step once",
            Self::KeepsTheWindow => "keeps the window",
            Self::CountsAsks => "counts asks",
            Self::ListsInOrder => "lists in order",
            Self::ForgetsTheDead => "forgets the dead",
            Self::LetsOneThrough => "lets one through",
        })
    }
}
