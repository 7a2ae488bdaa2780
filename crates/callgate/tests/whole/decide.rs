//! docs/spec/decision.md, in the plainest way.

use std::collections::BTreeSet;

use callgate::policy::document::{Document, Effect, Hints, OnExceed, Rule, Scalar, ScopeDemand, Tool};
use callgate::{Caller, Code, Context, DecisionKind, Digest, Friction, Judged, RiskTier, Snapshot};

use crate::calls::Call;
use crate::chains::Cuts;
use crate::evaluator::{self, Target};
use crate::limits;
use crate::standing::{Plain, Said};

/// What was decided.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Answer {
    pub(crate) decision: DecisionKind,
    pub(crate) code: Code,
    pub(crate) rule: Option<String>,
    tier: Option<RiskTier>,
    friction: Friction,
    obligations: BTreeSet<String>,
}

impl Answer {
    pub(crate) fn of(judged: &Judged<'_>) -> Self {
        Self {
            decision: judged.decision(),
            code: judged.code(),
            rule: judged.rule().map(str::to_owned),
            tier: judged.tier(),
            friction: judged.friction().clone(),
            obligations: judged.obligations().iter().map(ToString::to_string).collect(),
        }
    }

    fn deny(code: Code, tier: Option<RiskTier>) -> Self {
        Self {
            decision: DecisionKind::Deny,
            code,
            rule: None,
            tier,
            friction: Friction::NONE,
            obligations: BTreeSet::new(),
        }
    }
}

fn asked<'a>(document: &'a Document, call: &'a Call, context: &'a Context) -> evaluator::Call<'a> {
    evaluator::Call {
        document,
        tool: call.tool,
        arguments: &call.arguments,
        caller: &call.caller,
        context,
        targets: &[],
        age: call.age.as_ref(),
    }
}

/// The resources that a call names.
pub(crate) fn resources(snapshot: &Snapshot, call: &Call) -> Vec<(String, Option<String>)> {
    asked(snapshot.policy().document(), call, &call.context).resources()
}

/// Decides a call whose arguments are an object, and whose host names `shown` as definition.
pub(crate) fn decide(
    snapshot: &Snapshot,
    call: &Call,
    shown: Option<&Digest>,
    context: &Context,
    cuts: &Cuts,
    said: Option<&Said>,
) -> Answer {
    let document = snapshot.policy().document();
    let tool = &document.tools[call.tool];
    let known = |(kind, id): (String, Option<String>)| {
        let same =
            |known: &&callgate::Resource| known.name().kind == kind && id.is_some() && known.name().id == id.as_deref();
        let facts = context.resources().iter().find(same).cloned();
        Target { kind, id, facts }
    };
    let targets: Vec<Target> = resources(snapshot, call).into_iter().map(known).collect();
    if cuts.have_ended(context) {
        return Answer::deny(Code::CallerExpired, None);
    }
    let Some(caller) = cuts.admitted(document, &call.caller) else {
        return Answer::deny(Code::ForeignTenant, None);
    };
    if let Some(code) = said.and_then(|said| said.bars(&caller, context)) {
        return Answer::deny(code, None);
    }
    let task = said.and_then(|said| said.task(&caller, context));
    let asked = evaluator::Call { targets: &targets, caller: &caller, ..asked(document, call, context) };
    if tool.definition.is_some() && shown != tool.definition.as_ref() {
        return Answer::deny(Code::ToolChanged, None);
    }
    if !asked.accepted() {
        return Answer::deny(Code::InvalidArguments, None);
    }
    if !cuts.confer_tool(call.tool) {
        return Answer::deny(Code::ToolNotDelegated, None);
    }
    if task.is_some_and(|task| !task.covers(call.tool, &targets)) {
        return Answer::deny(Code::OutsideTask, None);
    }
    if !may_use(document, &caller, &tool.scope, cuts, task) {
        return Answer::deny(Code::MissingScope, None);
    }
    let tier = asked.raised().iter().map(|raise| raise.to).fold(by_entry(tool), RiskTier::max);
    let matched = asked.matched();
    let of = |effect: Effect| -> Vec<&Rule> {
        matched.iter().copied().filter(|rule| rule.effect == effect && !rule.observe).collect()
    };
    let (permits, asks, forbids) = (of(Effect::Permit), of(Effect::Ask), of(Effect::Forbid));
    let smallest = |rules: &[&Rule]| rules.iter().map(|rule| rule.id.to_string()).min();
    let mut answer = Answer::deny(Code::NoPermit, Some(tier));
    if permits.is_empty() {
        return answer;
    }
    if !forbids.is_empty() {
        answer.code = Code::Forbidden;
        answer.rule = smallest(&forbids);
        return answer;
    }
    // Where nothing is used so far, a call exceeds by itself, or where it cannot be counted.
    let over = limits::uses(&asked).into_iter().filter_map(|(id, _, amount)| {
        let limit = document.limits.iter().find(|limit| *limit.id == id).unwrap();
        amount.is_none_or(|amount| amount > limit.at_most).then_some(limit)
    });
    let over: Vec<_> = over.collect();
    if over.iter().any(|limit| limit.on_exceed == OnExceed::Forbid) {
        answer.code = Code::LimitExceeded;
        return answer;
    }
    for limit in &over {
        answer.friction.unite(&limit.friction);
    }
    if !permits.iter().any(|rule| rule.accepts_tier >= Some(tier)) {
        answer.friction.unite(&document.friction[tier as usize]);
    }
    for rule in &asks {
        answer.friction.unite(&rule.friction);
    }
    if over.is_empty() && document.tools.iter().any(|(name, tool)| is_dry_run(name, tool, call)) {
        answer.friction.preview = false;
    }
    let oblige = permits.iter().chain(&asks).flat_map(|rule| &rule.obligations);
    answer.obligations = oblige.chain(&tool.obligations).map(ToString::to_string).collect();
    (answer.decision, answer.code, answer.rule) = if answer.friction.is_empty() && over.is_empty() {
        (DecisionKind::Allow, Code::Permitted, smallest(&permits))
    } else if !asks.is_empty() {
        (DecisionKind::Ask, Code::Asked, smallest(&asks))
    } else if !over.is_empty() {
        (DecisionKind::Ask, Code::LimitFriction, None)
    } else {
        (DecisionKind::Ask, Code::TierFriction, None)
    };
    answer
}

/// The least tier that the entry of a tool comes to.
fn by_entry(tool: &Tool) -> RiskTier {
    let Hints { read_only, destructive, open_world, .. } = tool.hints;
    let privileged =
        !tool.reversible || destructive == Some(true) || (read_only == Some(false) && destructive.is_none());
    match (privileged, read_only == Some(false) || open_world == Some(true)) {
        (true, _) => RiskTier::Privileged,
        (false, true) => tool.stated_tier.max(RiskTier::BoundedWrite),
        (false, false) => tool.stated_tier,
    }
}

/// Whether the call is a dry run of the tool `name`.
fn is_dry_run(name: &str, tool: &Tool, call: &Call) -> bool {
    let says_so = |pointer: &str, wanted: &Scalar| match (call.arguments.pointer(pointer), wanted) {
        (Some(value), Scalar::Text(text)) => value.as_str() == Some(&**text),
        (Some(value), Scalar::Boolean(flag)) => value.as_bool() == Some(*flag),
        (Some(value), Scalar::Number(number)) => value.as_number().is_some_and(|found| number.as_number() == found),
        _ => false,
    };
    tool.dry_run.as_ref().is_some_and(|dry| {
        let argument = dry.argument.as_ref();
        dry.tool.as_deref().unwrap_or(name) == call.tool
            && argument.is_none_or(|(pointer, value)| says_so(pointer.as_str(), value))
    })
}

/// Whether the subject and every actor hold the scope, and every cut and the task confer it.
fn may_use(document: &Document, caller: &Caller, demand: &ScopeDemand, cuts: &Cuts, task: Option<&Plain>) -> bool {
    let scope = match demand {
        ScopeDemand::None => return true,
        ScopeDemand::Scope(scope) => scope,
        _ => return caller.actors().is_empty(),
    };
    let mut roles: Vec<&str> = caller.roles().collect();
    let mut held = false;
    while let Some(role) = roles.pop() {
        if let Some(role) = document.roles.get(role) {
            held |= role.scopes.contains(scope);
            roles.extend(role.includes.iter().map(|role| &**role));
        }
    }
    let holds = |actor: &callgate::Principal| {
        let agent = actor.id().as_str().strip_prefix("agent:");
        let stated = agent.and_then(|id| document.actors.get(id));
        stated.is_some_and(|actor| actor.scopes.contains(scope))
    };
    let confers = task.is_none_or(|task| task.confers_scope(scope));
    held && confers && cuts.confer_scope(scope) && caller.actors().iter().all(holds)
}
