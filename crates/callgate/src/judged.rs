//! The answer of a snapshot to one call, before anything is recorded.

use std::sync::Arc;

use callgate_identity::standing::Underway;
use callgate_policy::document::Access;
use callgate_policy::{Judgement, NamedResource, ToolRef, Use};
use callgate_risk::Assessment;
use callgate_types::{Code, DecisionKind, Factor, Friction, ResourceName, RiskTier};

use crate::cause::Cause;
use crate::demands::Demanded;
use crate::limits::Over;
use crate::list::List;

/// The answer of a [`Snapshot`](crate::Snapshot) to one call.
///
/// It opens nothing: only a gate, which also records, gives out a permit.
#[derive(Debug)]
pub struct Judged<'a> {
    pub(crate) decision: DecisionKind,
    pub(crate) cause: Cause<'a>,
    /// The id of the rule that decided.
    pub(crate) rule: Option<&'a str>,
    pub(crate) tool: Option<ToolRef<'a>>,
    /// The task that the call is made for, where somebody says which are under way.
    pub(crate) task: Option<&'a Arc<Underway>>,
    pub(crate) resources: Resources<'a>,
    /// What the catalogue says of the tier; `None` where the call was denied before that counts.
    pub(crate) base: Option<Factor<'a>>,
    /// Where anything raises the tier: all factors, and what comes of them.
    pub(crate) raised: Option<Assessment<'a>>,
    pub(crate) rules: Option<Judgement<'a>>,
    /// The limits that the call exceeds, in order of the bytes of their ids.
    pub(crate) over: Vec<Over<'a>>,
    /// Where it exceeds any, all that it would use.
    pub(crate) uses: Vec<Use<'a>>,
    pub(crate) friction: Friction,
    pub(crate) obligations: Vec<&'a str>,
    /// The call runs whatever was decided: the gate only observes.
    pub(crate) observed: bool,
}

/// The resources that a call acts on, as its arguments name them.
pub(crate) type Resources<'a> = List<NamedResource<'a>, 4>;

impl<'a> Judged<'a> {
    /// Starts from "nobody knows yet": a denial for `cause`, which later steps may replace.
    pub(crate) const fn deny(cause: Cause<'a>) -> Self {
        let nothing = NamedResource {
            name: ResourceName::new("", None),
            facts: None,
        };
        Self {
            decision: DecisionKind::Deny,
            cause,
            rule: None,
            tool: None,
            task: None,
            resources: List::new(nothing),
            base: None,
            raised: None,
            rules: None,
            over: Vec::new(),
            uses: Vec::new(),
            friction: Friction::NONE,
            obligations: Vec::new(),
            observed: false,
        }
    }

    /// Allow, ask or deny.
    pub const fn decision(&self) -> DecisionKind {
        self.decision
    }

    /// What decided.
    pub const fn code(&self) -> Code {
        self.cause.code()
    }

    /// The id of the rule that decided: the smallest, by bytes, of those matched with the
    /// effect that decided. `None` where no rule did.
    pub const fn rule(&self) -> Option<&'a str> {
        self.rule
    }

    /// The tier of the call; `None` where it was denied before its tier was known.
    pub fn tier(&self) -> Option<RiskTier> {
        let raised = self.raised.as_ref().map(Assessment::tier);
        raised.or(self.base.map(|base| base.tier))
    }

    /// Everything that speaks for the tier, the tool first.
    pub(crate) fn factors(&self) -> &[Factor<'a>] {
        match &self.raised {
            Some(raised) => raised.factors(),
            None => self.base.as_slice(),
        }
    }

    /// What is demanded of an asked call.
    pub const fn friction(&self) -> &Friction {
        &self.friction
    }

    /// What the host must do with the call, each once, in order of bytes.
    pub fn obligations(&self) -> &[&'a str] {
        &self.obligations
    }

    /// Whether the call may run.
    pub(crate) fn runs(&self) -> bool {
        self.observed || self.decision == DecisionKind::Allow
    }

    pub(crate) fn owned_obligations(&self) -> Box<[Box<str>]> {
        self.obligations.iter().map(|&name| name.into()).collect()
    }

    /// Why, for people.
    pub fn message(&self) -> String {
        let mut message = String::with_capacity(self.message_room());
        self.push_message(&mut message);
        message
    }

    /// Appends why, for people.
    pub(crate) fn push_message(&self, out: &mut String) {
        self.cause.push_to(out);
        if self.decision == DecisionKind::Ask {
            out.push_str(": needs ");
            Demanded(&self.friction).push_to(out);
        }
    }

    /// About how many bytes the message has; of a rule that decided and does not ask, exactly.
    pub(crate) fn message_room(&self) -> usize {
        let more = match self.decision {
            DecisionKind::Ask => Demanded::ROOM,
            _ => 0,
        };
        self.cause.room().saturating_add(more)
    }

    /// Whether the tool changes something; unknown tools might.
    pub(crate) fn writes(&self) -> bool {
        self.tool.is_none_or(|tool| tool.access() != Access::Read)
    }
}
