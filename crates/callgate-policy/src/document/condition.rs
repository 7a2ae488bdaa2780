//! What must hold of a call.

use super::{Matcher, Pointer};

/// A condition on a call: yes, no or unknown.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum Condition {
    /// Every one holds; an empty list is yes.
    All(Vec<Condition>),
    /// At least one holds; an empty list is no.
    Any(Vec<Condition>),
    /// It does not hold.
    Not(Box<Condition>),
    /// A matcher holds of the value of a fact or argument.
    Value(Fact, Matcher),
}

impl Condition {
    /// Always yes.
    pub const ALWAYS: Self = Self::All(Vec::new());
}

/// The place of a value: `arguments/amount`, `resource/tenant`.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Fact {
    /// Where to look.
    pub root: FactRoot,
    /// What to look for there.
    pub pointer: Pointer,
}

/// Who says what a value is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum FactRoot {
    /// The model: the arguments of the call. A claim, not a fact.
    Arguments,
    /// The host: who calls. One of `tenant`, `subject`, `id`, `kind`, `actor`,
    /// `verified/method`, `verified/issuer`, `verified/age`.
    Caller,
    /// The host: what else is true. `environment`, `session`, `task`, or a fact by name.
    Context,
    /// The host: the resource that the call acts on. `kind`, `id`, `tenant`, or a fact by name.
    Resource,
}

impl FactRoot {
    /// All roots.
    pub const ALL: [Self; 4] = [Self::Arguments, Self::Caller, Self::Context, Self::Resource];

    /// The word for this root in policies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Arguments => "arguments",
            Self::Caller => "caller",
            Self::Context => "context",
            Self::Resource => "resource",
        }
    }
}
