//! Why a call is judged as it is: rule by rule, condition by condition.
//!
//! A trace is made of the same conditions, matchers and values as a judgement, asked once more by
//! the same functions, and never holds a value: only its place and its class. It is a cold path
//! that allocates as it likes.

mod condition;
mod lapsed;
mod nearest;
mod statement;

use serde::Serialize;

pub use condition::{Against, ConditionTrace, Found};
pub use lapsed::Lapsed;
pub(crate) use lapsed::can_lapse;
pub use nearest::{Change, Needed};
pub use statement::{SelectorTrace, StatementTrace};

use crate::evaluate::{Question, Truth};
use crate::policy::Policy;

/// Yes, no or unknown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[expect(clippy::exhaustive_enums, reason = "there are three values")]
pub enum Answer {
    /// It holds.
    Yes,
    /// It does not.
    No,
    /// Nobody can tell.
    Unknown,
}

impl Answer {
    /// The word for this answer.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Yes => "yes",
            Self::No => "no",
            Self::Unknown => "unknown",
        }
    }
}

impl From<Truth> for Answer {
    fn from(truth: Truth) -> Self {
        match truth {
            Truth::Yes => Self::Yes,
            Truth::No => Self::No,
            Truth::Unknown => Self::Unknown,
        }
    }
}

impl Policy {
    /// How each rule that selects the tool of a call came out, in order of the bytes of their ids.
    pub fn explain_rules<'p>(&'p self, question: &Question<'_, 'p>) -> Vec<StatementTrace<'p>> {
        let rules = self.document().rules.iter();
        statement::traces((0..).zip(rules), question)
    }

    /// How each raise that selects the tool of a call came out, in order of the bytes of their ids.
    pub fn explain_raises<'p>(&'p self, question: &Question<'_, 'p>) -> Vec<StatementTrace<'p>> {
        let raises = self.document().raises.iter();
        let from = self.compiled().statements().raises_from();
        statement::traces((from..).zip(raises), question)
    }

    /// How each limit that selects the tool of a call came out, in order of the bytes of their ids.
    pub fn explain_limits<'p>(&'p self, question: &Question<'_, 'p>) -> Vec<StatementTrace<'p>> {
        let limits = self.document().limits.iter();
        let from = self.compiled().statements().limits_from();
        statement::traces((from..).zip(limits), question)
    }
}
