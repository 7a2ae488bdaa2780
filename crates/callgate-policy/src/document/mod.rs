//! The policy document: what a policy says, checked, before it is compiled.
//!
//! Everything that a [`Document`] names exists: tools, roles, arguments, patterns. A document
//! comes from [`Policy::parse`](crate::Policy::parse) alone, which reports every fault with its
//! place. It is read by whatever must see a policy as its author wrote it: the compiler, the
//! reference evaluator of the tests, reviews.

mod condition;
mod dry_run;
mod ecma;
mod hints;
mod implied;
mod limit;
mod matcher;
mod meaning;
mod names;
mod pattern;
mod recording;
mod roles;
mod timing;
#[cfg(feature = "zones")]
mod zone;

use std::collections::BTreeMap;
use std::sync::Arc;

use callgate_types::{Digest, Friction, RiskTier};
use chrono::{DateTime, Utc};

pub use callgate_types::NamePattern;
pub use condition::{Condition, Fact, FactRoot};
pub use dry_run::DryRun;
pub use hints::Hints;
pub(crate) use implied::{by_condition, by_matcher};
pub use limit::{KeyPart, Limit, LimitWindow, Measure, OnExceed};
pub use matcher::{Bounds, Matcher, Operand, Scalar, Span64};
pub use names::Pointer;
pub use pattern::{Pattern, PatternError};
pub use recording::{Keeping, Recording};
pub use timing::{Clock, InForce, TimeWindow, Timing};
#[cfg(feature = "zones")]
pub use zone::Zone;

pub use crate::matcher::{email, path, shell};

#[cfg(feature = "schema")]
pub use crate::matcher::schema;
#[cfg(feature = "sql")]
pub use crate::matcher::sql;
#[cfg(feature = "url")]
pub use crate::matcher::url;

/// A policy, as its author wrote it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Document {
    /// The name of the policy.
    pub name: Box<str>,
    /// Roles by name.
    pub roles: BTreeMap<Box<str>, Role>,
    /// What actors hold, by the id of the agent.
    pub actors: BTreeMap<Box<str>, Actor>,
    /// The catalogue, by the name of the tool.
    pub tools: BTreeMap<Box<str>, Tool>,
    /// Rules, ordered by the bytes of their ids.
    pub rules: Vec<Rule>,
    /// Statements that raise the tier, ordered by the bytes of their ids.
    pub raises: Vec<Raise>,
    /// Bounds on what calls do together, ordered by the bytes of their ids.
    pub limits: Vec<Limit>,
    /// What each tier demands, lowest tier first; empty where nothing is demanded.
    pub friction: [Friction; 3],
    /// Calls with the decision that their author expects, in the order of the text.
    pub examples: Vec<Example>,
}

/// What a role confers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Role {
    /// The scopes stated for this role itself.
    pub scopes: Vec<Box<str>>,
    /// Roles that its holder holds too; the relation has no cycles.
    pub includes: Vec<Box<str>>,
    /// The tenants in which it counts for those who hold it in every tenant; empty where in none.
    pub crosses: Vec<NamePattern>,
}

/// What an actor holds.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Actor {
    /// The scopes stated for it.
    pub scopes: Vec<Box<str>>,
}

/// One entry of the catalogue.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Tool {
    /// Whether it changes anything.
    pub access: Access,
    /// Which scope its caller must hold.
    pub scope: ScopeDemand,
    /// The least tier of its calls: what is stated, or follows from `access`, and what raises that.
    pub tier: RiskTier,
    /// The tier that is stated, or follows from `access`.
    pub stated_tier: RiskTier,
    /// Whether what it does can be taken back.
    pub reversible: bool,
    /// What its server says of it.
    pub hints: Hints,
    /// The digest of the definition that was accepted; a call must name the same. `None` asks
    /// nothing.
    pub definition: Option<Digest>,
    /// The credential of its own that it needs for each call, by name; `None` where it needs none.
    pub credential: Option<Box<str>>,
    /// How its calls are tried out; `None` where they cannot be.
    pub dry_run: Option<DryRun>,
    /// What its arguments say that it acts on.
    pub resources: Vec<ResourceSpec>,
    /// Its arguments; any other is refused. Ordered by the bytes of the pointer.
    pub arguments: Vec<Argument>,
    /// What the host must do whenever it runs, with what its matchers imply.
    pub obligations: Vec<Box<str>>,
    /// What the log keeps of its calls.
    pub record: Recording,
    /// The file where it stands, as messages name it.
    pub file: Arc<str>,
    /// The line of this file where it stands, from 1.
    pub line: u32,
}

/// Whether a tool changes anything.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Access {
    /// It does not.
    Read,
    /// It does.
    Write,
}

/// Which scope a tool demands.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum ScopeDemand {
    /// None is named: enough for a subject that calls in person, never for an actor.
    Unstated,
    /// None is needed, and the author says so: `scope = "none"`.
    None,
    /// This one.
    Scope(Box<str>),
}

/// How arguments name one resource, or several.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ResourceSpec {
    /// The kind of the resource.
    pub kind: Box<str>,
    /// An array with one resource an item; `None` where there is just one.
    pub each: Option<Pointer>,
    /// Where the id stands: in the arguments, or in the item of `each`.
    pub id: Pointer,
}

/// One argument of a tool.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Argument {
    /// Where it stands.
    pub pointer: Pointer,
    /// What must hold of it.
    pub matcher: Matcher,
    /// Whether it may be absent.
    pub optional: bool,
}

/// What one rule does.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a fourth effect must break whoever combines effects"
)]
pub enum Effect {
    /// Grants.
    Permit,
    /// Demands friction.
    Ask,
    /// Denies.
    Forbid,
}

impl Effect {
    /// The word for this effect in policies.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Permit => "permit",
            Self::Ask => "ask",
            Self::Forbid => "forbid",
        }
    }

    /// Whether a rule of this effect counts what is unknown as matched.
    pub const fn restricts(self) -> bool {
        !matches!(self, Self::Permit)
    }
}

/// One statement of the policy.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Rule {
    /// Its name, unique in the policy.
    pub id: Box<str>,
    /// What it does.
    pub effect: Effect,
    /// Which calls it is about.
    pub selector: Selector,
    /// What must hold of them; an empty `All` always holds.
    pub when: Condition,
    /// The author's sentence.
    pub reason: Option<Box<str>>,
    /// Whether the model may be told the reason and the rule.
    pub disclose: bool,
    /// For `ask`: what is demanded, never empty. Otherwise empty.
    pub friction: Friction,
    /// For `permit`: the highest tier whose friction it waives.
    pub accepts_tier: Option<RiskTier>,
    /// What the host must do with a call that this rule lets through, with what its matchers
    /// imply.
    pub obligations: Vec<Box<str>>,
    /// Takes no part in the decision; recorded only.
    pub observe: bool,
    /// The file where it stands, as messages name it.
    pub file: Arc<str>,
    /// The line of this file where it stands, from 1.
    pub line: u32,
}

/// A statement that raises the tier of the calls it is about.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Raise {
    /// Its name, unique among the raises.
    pub id: Box<str>,
    /// The least tier of the calls it matches.
    pub to: RiskTier,
    /// Which calls it is about.
    pub selector: Selector,
    /// What must hold of them.
    pub when: Condition,
    /// The file where it stands, as messages name it.
    pub file: Arc<str>,
    /// The line of this file where it stands, from 1.
    pub line: u32,
}

/// Which calls a statement is about. `None` asks nothing; a list is met by any of its names.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct Selector {
    /// Roles of the subject, inherited ones included.
    pub roles: Option<Vec<NamePattern>>,
    /// The subject, as `kind:id`.
    pub principals: Option<Vec<NamePattern>>,
    /// The actors, as `kind:id`.
    pub actors: Option<Vec<NamePattern>>,
    /// The tool.
    pub tools: Option<Vec<NamePattern>>,
    /// The tenant of the caller.
    pub tenants: Option<Vec<NamePattern>>,
    /// The environment.
    pub environments: Option<Vec<NamePattern>>,
    /// Kinds of resource.
    pub resources: Option<Vec<NamePattern>>,
    /// The time of the call.
    pub timing: Option<Box<Timing>>,
}

/// A call with the decision that the author expects of it.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Example {
    /// Who calls; `None` is the unknown caller.
    pub caller: Option<callgate_types::AssertedCaller>,
    /// The environment; `None` is unknown.
    pub environment: Option<Box<str>>,
    /// The time of the call; `None` is unknown.
    pub time: Option<DateTime<Utc>>,
    /// The session; `None` is unknown.
    pub session: Option<Box<str>>,
    /// The task; `None` is unknown.
    pub task: Option<Box<str>>,
    /// What the host knows of resources.
    pub resources: Vec<callgate_types::Resource>,
    /// What else the host knows.
    pub facts: callgate_types::Facts,
    /// The tool that is called.
    pub tool: Box<str>,
    /// The digest of the definition that its server shows; `None` is the one that is pinned.
    pub definition: Option<Digest>,
    /// The arguments, as JSON text.
    pub arguments: String,
    /// The expected decision.
    pub gets: callgate_types::DecisionKind,
    /// The expected rule, where one is stated.
    pub rule: Option<Box<str>>,
    /// The expected code, where one is stated.
    pub code: Option<callgate_types::Code>,
    /// The file where it stands, as messages name it.
    pub file: Arc<str>,
    /// The line of this file where it stands, from 1.
    pub line: u32,
}
