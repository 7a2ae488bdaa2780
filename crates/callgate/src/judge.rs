//! Judging one call: the steps of `docs/spec/decision.md`, in their order.

use callgate_identity::Holdings;
use callgate_policy::document::{Effect, OnExceed};
use callgate_policy::{Judgement, NamedResource, Question, Rules, ToolRef, Use};
use callgate_risk::Assessment;
use callgate_types::{
    Arguments, Caller, Code, Context, DecisionKind, Factor, FactorSource, Friction, RiskTier,
    ToolCall,
};

use chrono::{DateTime, Utc};

use crate::Snapshot;
use crate::cause::Cause;
use crate::host::Host;
use crate::judged::Judged;
use crate::limits::Over;
use crate::meter::Meter;
use crate::rule_words::Deciding;
use crate::setting::Setting;

impl Snapshot {
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
        let setting = Setting {
            host: &Host::ABLE,
            now: context.time_now(),
            standing: None,
            task_now: None,
        };
        self.judge_for(&setting, caller, call, context, &mut Meter::dry())
    }

    /// Judges a call in `setting`, and reserves by `meter` what it would use.
    ///
    /// The first step that denies ends it: what is left of the answer says how far it came.
    pub(crate) fn judge_for<'a>(
        &'a self,
        setting: &Setting<'a>,
        caller: &'a Caller,
        call: &'a ToolCall,
        context: &'a Context,
        meter: &mut Meter<'_>,
    ) -> Judged<'a> {
        // It is large, and made where it stays.
        let mut judged = Judged::deny(Cause::NoPermit(None));
        if let Err(cause) = self.judge_call(&mut judged, setting, caller, call, context, meter) {
            judged.cause = cause;
        }
        judged
    }

    /// The call by itself, who calls, and the tool; then its arguments.
    fn judge_call<'a>(
        &'a self,
        judged: &mut Judged<'a>,
        setting: &Setting<'a>,
        caller: &'a Caller,
        call: &'a ToolCall,
        context: &'a Context,
        meter: &mut Meter<'_>,
    ) -> Result<(), Cause<'a>> {
        if let Some(fault) = call.fault() {
            return Err(Cause::Call(fault));
        }
        let admitted;
        let mut holder = caller;
        if caller.is_conditional() {
            if let Some(cause) = amiss(caller, setting.now) {
                return Err(cause);
            }
            if caller.crosses() {
                admitted = self.admit(caller);
                holder = admitted.as_ref().ok_or(Cause::ForeignTenant(caller))?;
            }
        }
        let task = setting.look(caller, context)?;
        let tool = self.policy.tool(call.tool());
        let tool = tool.ok_or_else(|| Cause::UnknownTool(call.tool()))?;
        (judged.tool, judged.task) = (Some(tool), task);
        if let Some(given) = changed(tool, call) {
            let tool = call.tool();
            return Err(Cause::Changed { tool, given });
        }
        let arguments = call.arguments().map_err(Cause::Text)?;
        let asked = (caller, context, arguments);
        self.judge_arguments(judged, tool, asked, holder, meter);
        if setting.host.observes || self.may_oblige(tool) {
            oblige(judged, setting.host);
        }
        Ok(())
    }

    /// The closed world of the tool, the resources, the scope; then whatever the policy says.
    /// `holder` is the caller with no more roles than count here.
    fn judge_arguments<'a>(
        &'a self,
        judged: &mut Judged<'a>,
        tool: ToolRef<'a>,
        (caller, context, arguments): (&'a Caller, &'a Context, &'a Arguments),
        holder: &Caller,
        meter: &mut Meter<'_>,
    ) {
        // It is large, and stays where it is.
        let bound = tool.bind_for(arguments, holder, context);
        let bound = match bound {
            Ok(ref bound) => bound,
            Err(fault) => {
                judged.cause = Cause::Arguments(fault);
                return;
            }
        };
        if tool.names_resources() {
            let names = tool.resource_names(bound);
            judged.resources.extend(names.map(|name| NamedResource {
                name,
                facts: context.resource_named(name),
            }));
        }
        if holder.cuts_tools()
            && let Err(cut) = Holdings::check_tool(holder, tool.name())
        {
            judged.cause = Cause::ToolCut {
                caller,
                tool: tool.name(),
                cut,
            };
            return;
        }
        let task = judged.task.map(|underway| underway.task());
        if let Some(task) = task {
            let names = judged.resources.as_slice().iter().map(|named| named.name);
            if let Err(outside) = task.check(tool.name(), names) {
                judged.cause = Cause::Outside {
                    task,
                    tool: tool.name(),
                    outside,
                };
                return;
            }
        }
        let numbers = self.numbers(holder);
        let held = self
            .holdings
            .check_for_task(holder, numbers, self.demand(tool), task);
        if let Err(lack) = held {
            let demand = tool.scope();
            judged.cause = Cause::Scope {
                caller,
                demand,
                lack,
            };
            return;
        }
        let resources = judged.resources.as_slice();
        let question = Question::numbered(tool, holder, numbers, context, bound, resources);
        let rules = judged.rules.insert(self.policy.judge(&question));
        let base = Factor::new(FactorSource::Tool, tool.name(), tool.stated_tier());
        let mut tier = base.tier;
        judged.base = Some(base);
        if rules.raises_anything() || !tool.factors().is_empty() {
            let raised = judged.raised.insert(raised(base, tool, rules));
            tier = raised.tier();
        }
        if rules.first_permit().is_none() {
            judged.cause = Cause::NoPermit(self.policy.lapsed_permit(&question));
        }
        // Nothing is reserved for a call that cannot run.
        if rules.is_limited() && rules.can_run() {
            judged.uses = rules.uses(&question);
        }
        self.combine(judged, tier, meter);
        if judged.friction.preview && self.modes.is_met(tool, arguments) {
            self.demand_no_preview(judged);
        }
    }

    /// Only a permit grants; a forbid denies, and so does a limit; frictions unite.
    fn combine<'a>(&'a self, judged: &mut Judged<'a>, tier: RiskTier, meter: &mut Meter<'_>) {
        let Some(rules) = &judged.rules else { return };
        let Some(permit) = self.first(rules.permits(), Effect::Permit) else {
            return;
        };
        if rules.first_forbid().is_some()
            && let Some(forbid) = self.first(rules.forbids(), Effect::Forbid)
        {
            decided_by(judged, DecisionKind::Deny, forbid);
            return;
        }
        let asks = rules.first_ask().is_some();
        if !judged.uses.is_empty()
            && let Err(cause) = reserve(&mut judged.uses, &mut judged.over, meter)
        {
            judged.cause = cause;
            return;
        }
        if judged.over.is_empty() && !asks && self.friction.demanded(tier, None).is_empty() {
            decided_by(judged, DecisionKind::Allow, permit);
        } else {
            let ask = self.first(rules.asks(), Effect::Ask);
            self.demand_friction(judged, tier, permit, ask);
        }
    }

    /// The first of `rules`, all of which have this effect.
    #[inline]
    fn first<'a>(&'a self, rules: Rules<'_, 'a>, effect: Effect) -> Option<Deciding<'a>> {
        let (number, rule) = rules.numbered().next()?;
        Some(self.words.deciding(number, rule, effect))
    }

    /// A call in dry-run mode is what others are shown: it demands no preview itself, but where a limit
    /// does.
    #[cold]
    fn demand_no_preview<'a>(&'a self, judged: &mut Judged<'a>) {
        let Some(rules) = judged.rules.as_ref().filter(|_| judged.over.is_empty()) else {
            return;
        };
        let permit = self.first(rules.permits(), Effect::Permit);
        judged.friction.preview = false;
        if let Some(permit) = permit.filter(|_| judged.friction.is_empty()) {
            judged.friction = Friction::NONE;
            decided_by(judged, DecisionKind::Allow, permit);
        }
    }

    fn demand_friction<'a>(
        &self,
        judged: &mut Judged<'a>,
        tier: RiskTier,
        permit: Deciding<'a>,
        ask: Option<Deciding<'a>>,
    ) {
        let accepted = judged.rules.as_ref().and_then(Judgement::accepts_tier);
        let of_tier = self.friction.demanded(tier, accepted);
        match (ask, judged.over.first()) {
            (Some(ask), _) => decided_by(judged, DecisionKind::Ask, ask),
            (None, Some(over)) => {
                judged.decision = DecisionKind::Ask;
                judged.cause = Cause::of_limit(over);
            }
            (None, None) if of_tier.is_empty() => decided_by(judged, DecisionKind::Allow, permit),
            (None, None) => {
                judged.decision = DecisionKind::Ask;
                judged.cause = Cause::Tier(tier);
            }
        }
        if judged.decision == DecisionKind::Ask {
            judged.friction = of_tier.clone();
            for rule in judged.rules.iter().flat_map(Judgement::asks) {
                judged.friction.unite(&rule.friction);
            }
            for over in &judged.over {
                judged.friction.unite(&over.one.limit().friction);
            }
        }
    }
}

/// Why no call of `caller` is judged at all; `None` where they are.
#[cold]
pub(crate) fn amiss(caller: &Caller, now: Option<DateTime<Utc>>) -> Option<Cause<'_>> {
    if let Some(error) = caller.refusal() {
        return Some(Cause::Caller(error));
    }
    // At an unknown time nobody can tell, which is a denial.
    let ended = caller
        .expires()
        .is_some_and(|end| now.is_none_or(|now| now >= end));
    ended.then_some(Cause::CallerExpired {
        is_known: now.is_some(),
    })
}

/// Whether the definition that the catalogue pins is not the one of the call; says whether the
/// call names one at all.
#[inline]
pub(crate) fn changed(tool: ToolRef<'_>, call: &ToolCall) -> Option<bool> {
    let pinned = tool.definition()?;
    let given = call.definition_digest();
    (given != Some(pinned)).then_some(given.is_some())
}

/// Reserves `uses`; keeps them where not all fit, and notes in `over` what does not. Denies where a
/// limit does.
fn reserve<'a>(
    uses: &mut Vec<Use<'a>>,
    over: &mut Vec<Over<'a>>,
    meter: &mut Meter<'_>,
) -> Result<(), Cause<'a>> {
    let mut wanted = std::mem::take(uses);
    let taken = meter.take(&mut wanted);
    *over = taken.map_err(|_unavailable| Cause::State(Code::LimitsUnavailable))?;
    if !over.is_empty() {
        *uses = wanted;
    }
    let denies = |over: &&Over<'_>| over.one.limit().on_exceed != OnExceed::Ask;
    let denying = over.iter().find(denies);
    denying.map_or(Ok(()), |over| Err(Cause::of_limit(over)))
}

/// The tier: what the catalogue says, raised by all that is said of the tool, and by every statement
/// that matched.
#[cold]
fn raised<'a>(base: Factor<'a>, tool: ToolRef<'a>, rules: &Judgement<'a>) -> Assessment<'a> {
    let factors = rules
        .raises()
        .map(|raise| Factor::new(FactorSource::Raise, &raise.id, raise.to));
    Assessment::of(base, tool.factors().iter().copied().chain(factors))
}

fn decided_by<'a>(judged: &mut Judged<'a>, decision: DecisionKind, deciding: Deciding<'a>) {
    judged.decision = decision;
    judged.rule = Some(deciding.id);
    judged.cause = Cause::Rule(deciding);
}

/// What the host must do with a call that runs, or may yet; it is denied if the host cannot.
fn oblige(judged: &mut Judged<'_>, host: &Host) {
    let Some(tool) = judged.tool else { return };
    judged.observed = host.observes && can_be_observed(judged.code());
    if judged.decision == DecisionKind::Deny && !judged.observed {
        return;
    }
    let rules_oblige = judged.rules.as_ref().is_some_and(Judgement::may_oblige);
    if tool.obligations().is_empty() && !rules_oblige {
        return;
    }
    let of_rules = judged.rules.iter().flat_map(|rules| {
        let granting = rules.permits().chain(rules.asks());
        granting.flat_map(|rule| &rule.obligations)
    });
    let all = tool.obligations().iter().chain(of_rules);
    judged.obligations.extend(all.map(|name| &**name));
    judged.obligations.sort_unstable();
    judged.obligations.dedup();
    let unhandled = judged.obligations.iter().find(|name| !host.can(name));
    if let Some(name) = unhandled.copied() {
        judged.decision = DecisionKind::Deny;
        judged.cause = Cause::Obligation(name);
        judged.rule = None;
        judged.observed = false;
    }
}

/// What a host that only observes lets through: an answer of the policy, never a call that is
/// itself amiss.
const fn can_be_observed(code: Code) -> bool {
    matches!(
        code,
        Code::NoPermit
            | Code::Forbidden
            | Code::Asked
            | Code::TierFriction
            | Code::MissingScope
            | Code::LimitFriction
            | Code::LimitExceeded
            | Code::LimitsUnavailable
    )
}
