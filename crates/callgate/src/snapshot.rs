//! A loaded policy, ready to judge calls.

use std::fmt;

use callgate_identity::{Demand, Holdings};
use callgate_policy::document::{Document, Role, Rule, ScopeDemand};
use callgate_policy::{ArgumentFault, Bound, Policy, ToolRef};
use callgate_risk::TierFriction;
use callgate_types::{
    Arguments, Caller, CallerNumbers, Context, Digest, PrincipalId, Resource, TableId, ToolCall,
};

use crate::NoLimits;
use crate::dry_run::Modes;
use crate::judge::changed;
use crate::meanings::Meanings;
use crate::rule_words::RuleWords;

/// A loaded policy with all that is worked out from it; never changes.
///
/// It comes from [`load_policy`](crate::load_policy) or [`parse_policy`](crate::parse_policy),
/// and judges without reading a clock, a disk or a network.
pub struct Snapshot {
    /// Whose numbers its callers keep.
    table: TableId,
    /// Whether any rule obliges the host to something.
    rules_oblige: bool,
    /// What each tool demands, by the tool's index.
    demands: Vec<Demand>,
    /// Which calls are dry runs, and of which.
    pub(crate) modes: Modes,
    /// What rules and tools mean, for those about which somebody was asked.
    meanings: Meanings,
    pub(crate) friction: TierFriction,
    pub(crate) holdings: Holdings,
    pub(crate) words: RuleWords,
    pub(crate) policy: Policy,
}

impl fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Snapshot").field(&self.policy).finish()
    }
}

impl Snapshot {
    /// Works out what `policy` says of identity and risk.
    pub(crate) fn new(policy: Policy) -> Self {
        let document = policy.document();
        let holdings = holdings(document);
        let demands = document
            .tools
            .values()
            .map(|tool| match &tool.scope {
                ScopeDemand::None => Demand::None,
                ScopeDemand::Scope(scope) => holdings.demand(scope),
                _ => Demand::Unstated,
            })
            .collect();
        let friction = TierFriction::new(document.friction.clone());
        let meanings = Meanings::new(document);
        Self {
            table: TableId::unique(),
            rules_oblige: document
                .rules
                .iter()
                .any(|rule| !rule.obligations.is_empty()),
            demands,
            modes: Modes::new(document),
            meanings,
            friction,
            holdings,
            words: RuleWords::of(&document.rules),
            policy,
        }
    }

    /// Fails where a tool asks for a store of clear texts, unless it `is_there`.
    pub(crate) fn check_texts(&self, is_there: bool) -> Result<(), NoTexts> {
        let mut tools = self.policy.document().tools.iter();
        match tools.find(|(_, tool)| tool.record.needs_store()) {
            Some((tool, _)) if !is_there => Err(NoTexts { tool: tool.clone() }),
            _ => Ok(()),
        }
    }

    /// A digest of what `rule` means.
    pub(crate) fn meaning_of(&self, rule: &Rule) -> Digest {
        self.meanings.rule(self.policy.document(), rule)
    }

    /// A digest of what the entry of `tool` means.
    pub(crate) fn meaning_of_tool(&self, tool: ToolRef<'_>) -> Digest {
        self.meanings.tool(self.policy.document(), tool)
    }

    /// Fails where the policy has limits, unless a store for them `is_there`.
    pub(crate) fn check_limits(&self, is_there: bool) -> Result<(), NoLimits> {
        match self.policy.document().limits.first() {
            Some(first) if !is_there => Err(NoLimits {
                limit: first.id.clone(),
            }),
            _ => Ok(()),
        }
    }

    /// Which scope `tool` demands of its callers.
    pub(crate) fn demand(&self, tool: ToolRef<'_>) -> Demand {
        let demand = self.demands.get(tool.index()).copied();
        // No tool stands outside the table; if one did, it would demand what nobody holds.
        demand.unwrap_or(Demand::Unheld)
    }

    /// Whether calls of `tool` may oblige the host to something.
    #[inline]
    pub(crate) fn may_oblige(&self, tool: ToolRef<'_>) -> bool {
        self.rules_oblige || !tool.obligations().is_empty()
    }

    /// What its tables make of `caller`.
    #[inline]
    pub(crate) fn numbers<'a>(&self, caller: &'a Caller) -> Option<&'a CallerNumbers> {
        caller.numbers(self.table, || {
            let numbers = CallerNumbers {
                scopes: self.holdings.scopes(caller)?,
                ..CallerNumbers::default()
            };
            self.policy.number(caller, numbers)
        })
    }

    /// What of `caller` counts in its tenant: a role that is held in every tenant only where the
    /// policy lets it cross into this one. `None` where nothing does.
    #[cold]
    pub(crate) fn admit(&self, caller: &Caller) -> Option<Caller> {
        caller.admitted(self.table, |role, tenant| self.crosses(role, Some(tenant)))
    }

    /// Whether `role`, held in every tenant, counts in `tenant`; `None` is every one.
    pub(crate) fn crosses(&self, role: &str, tenant: Option<&str>) -> bool {
        let role = self.policy.document().roles.get(role);
        let mut crosses = role.into_iter().flat_map(|role| &role.crosses);
        crosses.any(|pattern| match tenant {
            Some(tenant) => pattern.matches(tenant),
            None => pattern.as_str() == "*",
        })
    }

    /// The name of the policy.
    pub fn name(&self) -> &str {
        self.policy.name()
    }

    /// The digest of the policy's text.
    pub fn digest(&self) -> Digest {
        self.policy.digest()
    }

    /// The policy by itself.
    pub const fn policy(&self) -> &Policy {
        &self.policy
    }

    /// The resources that the arguments of `call` name, without facts: for a host to look them
    /// up. A resource whose id no argument gives is left out, and so are all of a call that is
    /// not acceptable.
    pub fn resources_of(&self, call: &ToolCall) -> Vec<Resource> {
        self.resources_by(call, ToolRef::locate)
    }

    /// The resources that an acceptable call by an acceptable caller names, without facts.
    pub(crate) fn resources_for(
        &self,
        caller: &Caller,
        call: &ToolCall,
        context: &Context,
    ) -> Vec<Resource> {
        let is_stranger = || caller.crosses() && self.admit(caller).is_none();
        if call.fault().is_some() || caller.refusal().is_some() || is_stranger() {
            return Vec::new();
        }
        self.resources_by(call, |tool, arguments| {
            tool.bind_for(arguments, caller, context)
        })
    }

    fn resources_by<'a>(
        &'a self,
        call: &'a ToolCall,
        bind: impl FnOnce(ToolRef<'a>, &'a Arguments) -> Result<Bound<'a>, ArgumentFault>,
    ) -> Vec<Resource> {
        let tool = self.policy.tool(call.tool());
        let tool = tool.filter(|tool| changed(*tool, call).is_none());
        let bound = tool.and_then(|tool| {
            let arguments = call.arguments().ok()?;
            Some((tool, bind(tool, arguments).ok()?))
        });
        bound.map_or_else(Vec::new, |(tool, bound)| {
            tool.resource_names(&bound)
                .filter_map(|name| Some(Resource::new(name.kind, name.id?)))
                .collect()
        })
    }
}

/// Who holds which scopes, with inheritance resolved.
fn holdings(document: &Document) -> Holdings {
    let mut holdings = Holdings::builder();
    for name in document.roles.keys() {
        for role in document.roles_held_with(name) {
            let scopes = document.roles.get(role).map(scopes).into_iter().flatten();
            holdings = holdings.role(name, scopes);
        }
    }
    for (name, actor) in &document.actors {
        let scopes = actor.scopes.iter().map(|scope| &**scope);
        // `[actors.support-bot]` is keyed by an agent's id; other kinds are written out.
        holdings = match name.parse::<PrincipalId>() {
            Ok(id) => holdings.actor(id.as_str(), scopes),
            Err(_) => holdings.actor(&format!("agent:{name}"), scopes),
        };
    }
    holdings.build()
}

fn scopes(role: &Role) -> impl Iterator<Item = &str> {
    role.scopes.iter().map(|scope| &**scope)
}

/// A policy asks for a store of clear texts that is not there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("tool `{tool}` keeps commitments in the log: a store for clear texts is needed")]
#[non_exhaustive]
pub struct NoTexts {
    /// The first tool that asks for it.
    pub tool: Box<str>,
}
