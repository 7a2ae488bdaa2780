//! What one block of a token demands.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};

use super::bound::Bound;
use super::key::PublicKey;

/// What a call must be, as far as one block of a token says.
///
/// What is not mentioned is not restricted. Blocks only add: a call must be as every block of a
/// token demands, so whatever stands here makes a token narrower, never wider.
///
/// Values are checked where a token is made of them.
///
/// # Examples
///
/// ```
/// use callgate_identity::capability::{Bound, Restrictions};
/// use chrono::DateTime;
///
/// let narrower = Restrictions::new()
///     .tool("adjust_billing")
///     .argument("adjust_billing", "/amount", Bound::AtMost("20".parse()?))
///     .resource("account", "acc_1")
///     .before(DateTime::from_timestamp(1_796_115_600, 0).ok_or("no such time")?);
/// assert_eq!(narrower.tools().collect::<Vec<_>>(), ["adjust_billing"]);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Restrictions {
    pub(super) tools: Option<BTreeSet<Box<str>>>,
    pub(super) arguments: Vec<ArgumentBound>,
    pub(super) resources: Option<BTreeMap<Box<str>, Ids>>,
    pub(super) before: Option<DateTime<Utc>>,
    pub(super) not_before: Option<DateTime<Utc>>,
    pub(super) holder: Option<PublicKey>,
}

/// The bound of one argument of one tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct ArgumentBound {
    pub(super) tool: Box<str>,
    pub(super) pointer: Box<str>,
    pub(super) bound: Bound,
}

/// Which resources of a kind.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Ids {
    All,
    Listed(BTreeSet<Box<str>>),
}

impl Restrictions {
    /// Restricts nothing yet.
    pub fn new() -> Self {
        Self::default()
    }

    /// Adds `name` to the tools that may be called; no other may.
    #[must_use]
    pub fn tool(mut self, name: &str) -> Self {
        self.tools.get_or_insert_default().insert(name.into());
        self
    }

    /// Demands that the argument at `pointer` (RFC 6901, as in `/amount`) of `tool` is within
    /// `bound`. Bounds of different sorts all count; two of one sort cannot stand in a token.
    #[must_use]
    pub fn argument(mut self, tool: &str, pointer: &str, bound: Bound) -> Self {
        self.arguments.push(ArgumentBound {
            tool: tool.into(),
            pointer: pointer.into(),
            bound,
        });
        self
    }

    /// Adds the resource `id` of `kind` to those that a call may name; no other may be named.
    ///
    /// A call that names no resource is not restricted by this.
    #[must_use]
    pub fn resource(mut self, kind: &str, id: &str) -> Self {
        let kinds = self.resources.get_or_insert_default();
        let ids = kinds
            .entry(kind.into())
            .or_insert_with(|| Ids::Listed(BTreeSet::new()));
        if let Ids::Listed(ids) = ids {
            ids.insert(id.into());
        }
        self
    }

    /// Adds all resources of `kind` to those that a call may name.
    #[must_use]
    pub fn resources_of(mut self, kind: &str) -> Self {
        let kinds = self.resources.get_or_insert_default();
        kinds.insert(kind.into(), Ids::All);
        self
    }

    /// Calls must be made before `moment`; parts of a second are cut off.
    #[must_use]
    pub const fn before(mut self, moment: DateTime<Utc>) -> Self {
        self.before = Some(moment);
        self
    }

    /// Calls must not be made before `moment`; a part of a second counts as a whole one.
    #[must_use]
    pub const fn not_before(mut self, moment: DateTime<Utc>) -> Self {
        self.not_before = Some(moment);
        self
    }

    /// Calls must come with a proof that the secret of `key` is at hand.
    #[must_use]
    pub const fn holder(mut self, key: PublicKey) -> Self {
        self.holder = Some(key);
        self
    }

    /// When it ends; `None` where it does not.
    pub const fn ends(&self) -> Option<DateTime<Utc>> {
        self.before
    }

    /// The key whose secret calls must prove to have; `None` where they need not.
    pub const fn holder_key(&self) -> Option<&PublicKey> {
        self.holder.as_ref()
    }

    /// The tools that may be called, in order of bytes; none where tools are not restricted.
    pub fn tools(&self) -> impl Iterator<Item = &str> {
        self.tools.iter().flatten().map(|tool| &**tool)
    }
}
