//! Whether a store keeps what [`StandingApprovalStore`](super::StandingApprovalStore) promises. Behind
//! the feature `testkit`, for tests.
//!
//! [`check`] tries a store of yours rule by rule and stops at the first [`Rule`] that it breaks, with
//! what was expected and what was found. It takes some seconds: it waits for the clock of the store.
//!
//! # Examples
//!
//! In a test of yours:
//!
//! ```
//! use callgate_approval::standing::{MemoryStandingApprovals, testkit};
//!
//! # fn main() -> Result<(), testkit::Broken> {
//! testkit::check(|| Ok::<_, std::io::Error>(MemoryStandingApprovals::new(chrono::Utc::now)))
//! # }
//! ```

mod rules;
mod sample;
#[cfg(test)]
mod tests;

use std::fmt;

use super::StandingApprovalStore;
use crate::testkit::kit;

/// Tries the stores that `fresh` opens, each of which is empty.
///
/// # Errors
///
/// The first rule that such a store breaks: those behind it assume it.
pub fn check<S, E>(fresh: impl Fn() -> Result<S, E>) -> Result<(), Broken>
where
    S: StandingApprovalStore,
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
    /// What is loaded is what was given, in every part.
    KeepsAll,
    /// It spends as many uses as there are, and no more.
    SpendsNoMore,
    /// It spends no use of what is not approved, was revoked or is not there.
    SpendsInForce,
    /// It spends no use once the time is over, by the clock of the store.
    SpendsInTime,
    /// A step is taken once, only from the revision before it, and gives no use back.
    TakesAStepOnce,
    /// No step is taken outside its window, by the clock of the store.
    KeepsTheWindow,
    /// It finds those of one subject, tool and tenant that are in force, and those of which the log
    /// does not know.
    FindsWhose,
    /// It takes no more for the same calls than there may be.
    BoundsHowMany,
    /// It lists in order, page by page, each tenant by itself.
    ListsInOrder,
    /// It forgets what is dead, and nothing else.
    ForgetsTheDead,
    /// Of many that spend at once, as many do as there are uses.
    SpendsNoMoreAtOnce,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Opens => "opens",
            Self::KeepsAll => "keeps all",
            Self::SpendsNoMore => "spends no more",
            Self::SpendsInForce => "spends in force",
            Self::SpendsInTime => "spends in time",
            Self::TakesAStepOnce => "takes a step once",
            Self::KeepsTheWindow => "keeps the window",
            Self::FindsWhose => "finds whose",
            Self::BoundsHowMany => "bounds how many",
            Self::ListsInOrder => "lists in order",
            Self::ForgetsTheDead => "forgets the dead",
            Self::SpendsNoMoreAtOnce => "spends no more at once",
        })
    }
}
