//! A loaded policy, ready to judge calls.

use std::fmt;

use callgate_identity::{Demand, Holdings};
use callgate_policy::document::{Document, Role, ScopeDemand};
use callgate_policy::{NamedResource, Policy, Question, ToolRef};
use callgate_risk::{Assessment, TierFriction};
use callgate_types::{
    Arguments, Caller, Context, DecisionKind, Digest, Factor, FactorSource, PrincipalId, Resource,
    ToolCall,
};

use crate::cause::Cause;
use crate::handles::Handles;
use crate::judged::Judged;

/// A loaded policy with all that is worked out from it; never changes.
///
/// It comes from [`load_policy`](crate::load_policy) or [`parse_policy`](crate::parse_policy),
/// and judges without reading a clock, a disk or a network.
pub struct Snapshot {
    policy: Policy,
    holdings: Holdings,
    /// What each tool demands, by the tool's index.
    demands: Vec<Demand>,
    friction: TierFriction,
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
        Self {
            holdings,
            demands,
            friction,
            policy,
        }
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
        let bound = self.policy.tool(call.tool()).and_then(|tool| {
            let arguments = call.arguments().ok()?;
            Some((tool, tool.bind(arguments).ok()?))
        });
        bound.map_or_else(Vec::new, |(tool, bound)| {
            tool.resource_names(&bound)
                .filter_map(|name| Some(Resource::new(name.kind, name.id?)))
                .collect()
        })
    }

    /// Judges a call as a host would that handles every obligation. Records nothing and
    /// permits nothing: for tests, reviews, and programs that only ask.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate::{Caller, Context, DecisionKind, ToolCall};
    ///
    /// let snapshot = callgate::parse_policy(
    ///     r#"
    ///     format = 1
    ///     name = "clock"
    ///     [tools.time]
    ///     access = "read"
    ///     scope = "none"
    ///     [[rules]]
    ///     id = "anyone"
    ///     effect = "permit"
    ///     tools = ["time"]
    ///     "#,
    ///     "clock.toml",
    /// )?;
    /// let call = ToolCall::from_text("time", "{}");
    /// let (caller, context) = (Caller::unknown(), Context::new());
    /// let judged = snapshot.judge(&caller, &call, &context);
    /// assert_eq!(judged.decision(), DecisionKind::Allow);
    /// assert_eq!(judged.rule(), Some("anyone"));
    /// # Ok::<(), callgate::LoadError>(())
    /// ```
    pub fn judge<'a>(
        &'a self,
        caller: &'a Caller,
        call: &'a ToolCall,
        context: &'a Context,
    ) -> Judged<'a> {
        self.judge_for(None, caller, call, context)
    }

    /// Judges a call for a host that meets `handles`; `None` is a host that meets everything.
    ///
    /// The order of the steps is that of `docs/spec/decision.md`; the first that denies ends it.
    pub(crate) fn judge_for<'a>(
        &'a self,
        handles: Option<&Handles>,
        caller: &'a Caller,
        call: &'a ToolCall,
        context: &'a Context,
    ) -> Judged<'a> {
        if let Some(fault) = call.fault() {
            return Judged::deny(Cause::Call(fault));
        }
        if let Some(error) = caller.refusal() {
            return Judged::deny(Cause::Caller(error));
        }
        let Some(tool) = self.policy.tool(call.tool()) else {
            return Judged::deny(Cause::UnknownTool(call.tool()));
        };
        let mut judged = Judged::deny(Cause::NoPermit);
        judged.tool = Some(tool);
        match call.arguments() {
            Err(refused) => judged.cause = Cause::Text(refused),
            Ok(arguments) => {
                self.judge_arguments(&mut judged, handles, tool, arguments, caller, context);
            }
        }
        judged
    }

    fn judge_arguments<'a>(
        &'a self,
        judged: &mut Judged<'a>,
        handles: Option<&Handles>,
        tool: ToolRef<'a>,
        arguments: &'a Arguments,
        caller: &'a Caller,
        context: &'a Context,
    ) {
        let bound = match tool.bind(arguments) {
            Ok(bound) => bound,
            Err(fault) => {
                judged.cause = Cause::Arguments(fault);
                return;
            }
        };
        judged
            .resources
            .extend(tool.resource_names(&bound).map(|name| NamedResource {
                name,
                facts: context.resource_named(name),
            }));
        // A tool beyond the table cannot be; if it were, it would demand what nobody holds.
        let demand = self.demands.get(tool.index()).copied();
        if let Err(lack) = self
            .holdings
            .check(caller, demand.unwrap_or(Demand::Unheld))
        {
            judged.cause = Cause::Scope {
                caller,
                demand: tool.scope(),
                lack,
            };
            return;
        }
        let question = Question::new(tool, caller, context, &bound, judged.resources.as_slice());
        let raises = self.policy.raises(&question);
        let base = Factor::new(FactorSource::Tool, tool.name(), tool.tier());
        let raised = raises
            .iter()
            .map(|raise| Factor::new(FactorSource::Raise, &raise.id, raise.to));
        let assessment = Assessment::of(base, raised);
        let tier = assessment.tier();
        judged.assessment = Some(assessment);

        let rules = self.policy.judge(&question);
        let (permit, ask) = (rules.permits().next(), rules.asks().next());
        let forbid = rules.forbids().next();
        let Some(permit) = permit else {
            judged.rules = Some(rules);
            return;
        };
        if let Some(forbid) = forbid {
            judged.cause = Cause::Rule(forbid);
            judged.rule = Some(forbid);
            judged.rules = Some(rules);
            return;
        }
        let demanded = self.friction.demanded(tier, rules.accepts_tier());
        if ask.is_some() || !demanded.is_empty() {
            judged.decision = DecisionKind::Ask;
            judged.friction = demanded.clone();
            for rule in rules.asks() {
                judged.friction.unite(&rule.friction);
            }
            judged.rule = ask;
            judged.cause = ask.map_or(Cause::Tier(tier), Cause::Rule);
        } else {
            judged.decision = DecisionKind::Allow;
            judged.rule = Some(permit);
            judged.cause = Cause::Rule(permit);
        }
        let of_rules = rules.permits().chain(rules.asks());
        let of_rules = of_rules.flat_map(|rule| rule.obligations.iter());
        let all = tool.obligations().iter().chain(of_rules);
        judged.obligations.extend(all.map(|name| &**name));
        judged.obligations.sort_unstable();
        judged.obligations.dedup();
        judged.rules = Some(rules);
        let unhandled = handles.and_then(|handles| {
            let mut names = judged.obligations.iter();
            names.find(|name| !handles.contains(name)).copied()
        });
        if let Some(name) = unhandled {
            judged.decision = DecisionKind::Deny;
            judged.cause = Cause::Obligation(name);
            judged.rule = None;
        }
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
