//! How often, and how much.

use std::sync::Arc;
use std::time::Duration;

use callgate_types::{Amount, Friction};

use super::{Condition, Fact, FactRoot, Selector};

/// A bound on what many calls do together.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Limit {
    /// Its name, unique among the limits.
    pub id: Box<str>,
    /// Which calls are counted.
    pub selector: Selector,
    /// What must hold of them.
    pub when: Condition,
    /// What each of them counts.
    pub measure: Measure,
    /// What all that are counted together may come to.
    pub at_most: Amount,
    /// For whom or what it is counted apart, each once; `unit` of a sum among it.
    pub per: Vec<KeyPart>,
    /// For how long what was counted is kept; `None` for ever.
    pub window: Option<LimitWindow>,
    /// What comes of a call that would exceed it.
    pub on_exceed: OnExceed,
    /// For [`OnExceed::Ask`]: what is demanded, never empty. Otherwise empty.
    pub friction: Friction,
    /// The author's sentence.
    pub reason: Option<Box<str>>,
    /// Whether the model may be told the reason and the limit.
    pub disclose: bool,
    /// The file where it stands, as messages name it.
    pub file: Arc<str>,
    /// The line of this file where it stands, from 1.
    pub line: u32,
}

impl Limit {
    /// Whether each resource of a call is counted apart.
    pub fn is_per_resource(&self) -> bool {
        self.per
            .iter()
            .any(|part| matches!(part, KeyPart::Value(fact) if fact.root == FactRoot::Resource))
    }
}

/// What a call counts.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Measure {
    /// One.
    Calls,
    /// As much as a value says.
    Sum {
        /// Where it stands.
        of: Fact,
        /// Where its unit stands, which is part of the key.
        unit: Option<Fact>,
    },
}

/// One part of what is counted apart.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum KeyPart {
    /// The tool.
    Tool,
    /// A value.
    Value(Fact),
}

/// For how long what was counted is kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum LimitWindow {
    /// Until the next multiple of this length since the beginning of 1970, UTC.
    Fixed(Duration),
    /// For this length after the call.
    Sliding(Duration),
}

/// What comes of a call that would exceed a limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OnExceed {
    /// It is denied.
    Forbid,
    /// It is asked.
    Ask,
}

impl OnExceed {
    /// The word for it in policies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Forbid => "forbid",
            Self::Ask => "ask",
        }
    }
}
