//! Why a call was decided as it was, in words.

use std::fmt::{self, Write as _};

use callgate_identity::Lack;
use callgate_identity::standing::{Bar, Outside, Task};
use callgate_policy::document::{DryRun, Effect, Limit, OnExceed, ScopeDemand};
use callgate_policy::{ArgumentFault, Lapsed};
use callgate_types::{
    Amount, CallFault, Caller, CallerError, Code, Cut, RefusedArguments, RiskTier,
};

use crate::code_words::state;
use crate::dry_run::{how_to_try, untried};
use crate::limits::{Over, exceeded};
use crate::rule_words::Deciding;

/// What decided a call, with what is needed to say so.
///
/// Shown as the sentence for people: it may name rules, bounds and principals. What a model is
/// told is another sentence: see [`Cause::for_model`].
#[derive(Clone, Debug)]
pub(crate) enum Cause<'a> {
    /// The call itself is malformed.
    Call(CallFault),
    /// The caller could not be resolved.
    Caller(&'a CallerError),
    /// The subject crosses into the tenant, and no role of it may.
    ForeignTenant(&'a Caller),
    /// The caller is nobody any more.
    CallerExpired {
        /// Whether it is known to be so: otherwise the time is not.
        is_known: bool,
    },
    /// The call names no task, and has to.
    NoTask,
    /// Something is against the caller, its session or its task.
    Barred {
        /// Who calls.
        caller: &'a Caller,
        /// In which session.
        session: Option<&'a str>,
        /// For which task.
        task: Option<&'a str>,
        /// What is against it.
        bar: Bar,
    },
    /// The task does not cover the call.
    Outside {
        /// Which task.
        task: &'a Task,
        /// Which tool.
        tool: &'a str,
        /// What it does not cover.
        outside: Outside<'a>,
    },
    /// The tool is not in the catalogue.
    UnknownTool(&'a str),
    /// The definition of the tool is not the one that is pinned.
    Changed {
        /// Which tool.
        tool: &'a str,
        /// Whether the host named a definition at all.
        given: bool,
    },
    /// The arguments are not acceptable JSON.
    Text(&'a RefusedArguments),
    /// The arguments are not those of the tool.
    Arguments(ArgumentFault),
    /// Somebody lacks the scope.
    Scope {
        /// Who calls.
        caller: &'a Caller,
        /// What the tool demands.
        demand: &'a ScopeDemand,
        /// Who lacks it.
        lack: Lack,
    },
    /// Somebody along the chain was not given the tool.
    ToolCut {
        /// Who calls.
        caller: &'a Caller,
        /// Which tool.
        tool: &'a str,
        /// What does not confer it.
        cut: Cut,
    },
    /// No permit matched; this one would have, at another time.
    NoPermit(Option<Lapsed<'a>>),
    /// This rule decided.
    Rule(Deciding<'a>),
    /// The tier's friction decided.
    Tier(RiskTier),
    /// Those who were asked have approved.
    Approved,
    /// The call was not tried out, and has to be first.
    Untried {
        /// Which tool.
        tool: &'a str,
        /// How it is tried out, if it can be.
        dry_run: Option<&'a DryRun>,
        /// Whether it is known in which session.
        in_session: bool,
    },
    /// A standing approval carries the call.
    StandingApproved,
    /// The call would exceed this limit.
    Limit {
        /// Which limit.
        limit: &'a Limit,
        /// How much is used without the call; `None` where the call cannot be counted.
        used: Option<Amount>,
    },
    /// The host cannot meet this obligation.
    Obligation(&'a str),
    /// Something about the gate or the call id, not about the policy.
    State(Code),
    /// The permit was held too long.
    Expired,
    /// The policy of now demands more of the host than the permit says.
    Stricter,
}

impl<'a> Cause<'a> {
    /// The call would exceed a limit.
    pub(crate) const fn of_limit(over: &Over<'a>) -> Self {
        Self::Limit {
            limit: over.one.limit(),
            used: over.used,
        }
    }
}

impl Cause<'_> {
    /// What decided, as a stable word.
    pub(crate) const fn code(&self) -> Code {
        match self {
            Self::Call(_) => Code::InvalidCall,
            Self::Caller(_) => Code::InvalidCaller,
            Self::CallerExpired { .. } => Code::CallerExpired,
            Self::NoTask => Code::TaskRequired,
            Self::Barred { bar, .. } => bar.code(),
            Self::Outside { .. } => Code::OutsideTask,
            Self::ForeignTenant(_) => Code::ForeignTenant,
            Self::UnknownTool(_) => Code::UnknownTool,
            Self::Changed { .. } => Code::ToolChanged,
            Self::Text(_) | Self::Arguments(_) => Code::InvalidArguments,
            Self::Scope { .. } => Code::MissingScope,
            Self::ToolCut { .. } => Code::ToolNotDelegated,
            Self::NoPermit(_) => Code::NoPermit,
            Self::Rule(deciding) => match deciding.effect {
                Effect::Permit => Code::Permitted,
                Effect::Ask => Code::Asked,
                Effect::Forbid => Code::Forbidden,
            },
            Self::Tier(_) => Code::TierFriction,
            Self::Approved => Code::Approved,
            Self::Untried { .. } => Code::DryRunMissing,
            Self::StandingApproved => Code::StandingApproved,
            Self::Limit { limit, .. } => match limit.on_exceed {
                OnExceed::Ask => Code::LimitFriction,
                _ => Code::LimitExceeded,
            },
            Self::Obligation(_) => Code::UnhandledObligation,
            Self::State(code) => *code,
            // Neither takes the decision back: the call was permitted, and is.
            Self::Expired | Self::Stricter => Code::Permitted,
        }
    }

    /// Whether the same call may be asked about once it was tried out.
    pub(crate) const fn can_be_tried(&self) -> bool {
        matches!(
            self,
            Self::Untried {
                dry_run: Some(_),
                in_session: true,
                ..
            }
        )
    }

    /// Whether the same call may be allowed later, though nobody changes anything.
    pub(crate) const fn passes(&self) -> bool {
        match self {
            Self::Limit { limit, used } => used.is_some() && limit.window.is_some(),
            other => matches!(
                other.code(),
                Code::AuditFailed
                    | Code::AuditTimeout
                    | Code::AuditUnknown
                    | Code::OutcomeUnrecorded
                    | Code::CredentialFailed
                    | Code::CredentialTimeout
                    | Code::StandingUnknown
                    | Code::LimitsUnavailable
                    | Code::ApprovalsUnavailable
                    | Code::ApprovalInUse
                    | Code::CallInProgress
                    | Code::SessionsExhausted
            ),
        }
    }

    /// Why, for the model: no bounds, no rules unless the rule discloses itself, no value.
    pub(crate) fn for_model(&self) -> String {
        match self {
            Self::Call(fault) => fault.to_string(),
            Self::Caller(_) => "the caller could not be resolved".into(),
            Self::CallerExpired { .. } => "the caller's credential has expired".into(),
            Self::NoTask => "the call is made for no task".into(),
            Self::Barred { bar, .. } => barred_for_model(*bar).into(),
            Self::Outside { .. } => "this call is outside the task".into(),
            Self::ForeignTenant(_) => "the caller does not belong to this tenant".into(),
            Self::UnknownTool(_) => "there is no such tool".into(),
            Self::Changed { .. } => "this tool is not as it was when it was accepted".into(),
            Self::Text(refused) => Self::text(refused),
            // The bounds of an argument are the policy's own affair.
            Self::Arguments(ArgumentFault::Refused { pointer, .. }) => {
                format!("argument {pointer} is not acceptable")
            }
            Self::Arguments(fault) => fault.to_string(),
            Self::Scope { .. } => "the caller lacks a right that this tool demands".into(),
            Self::ToolCut { .. } => "the caller was not given this tool".into(),
            Self::Rule(deciding) if deciding.rule.disclose => match deciding.reason {
                "" => format!("rule {}", deciding.id),
                reason => format!("{reason} (rule {})", deciding.id),
            },
            Self::Limit { limit, .. } if limit.disclose => match &limit.reason {
                Some(reason) => format!("{reason} (limit {})", limit.id),
                None => format!("limit {}", limit.id),
            },
            Self::Limit { used: Some(_), .. } => "a limit on such calls is reached".into(),
            Self::NoPermit(_) | Self::Rule(_) | Self::Tier(_) | Self::Limit { .. } => {
                "this call is not allowed here".into()
            }
            Self::Obligation(_) => "the host cannot run this call as it must be run".into(),
            Self::Approved | Self::StandingApproved => "the call is approved".into(),
            Self::Untried {
                tool,
                dry_run,
                in_session,
            } => match dry_run.filter(|_| *in_session) {
                Some(dry_run) => format!(
                    "this call has to be tried out first: {}",
                    how_to_try(tool, dry_run)
                ),
                None => "this call has to be tried out first, which cannot be done here".into(),
            },
            Self::State(code) => state(*code).into(),
            Self::Expired | Self::Stricter => "the permission has lapsed".into(),
        }
    }

    /// Appends what is shown. Most calls are decided by a rule: its words are copied as they are.
    pub(crate) fn push_to(&self, out: &mut String) {
        if let Self::Rule(deciding) = self {
            out.extend(decided(deciding));
        } else {
            let written = write!(out, "{self}");
            debug_assert!(written.is_ok(), "a string takes what is written to it");
        }
    }

    /// About how many bytes are shown; of a rule, exactly.
    pub(crate) fn room(&self) -> usize {
        match self {
            Self::Rule(deciding) => decided(deciding).map(str::len).iter().sum(),
            _ => 80,
        }
    }

    fn text(refused: &RefusedArguments) -> String {
        match (ArgumentFault::of_text(refused), refused.error()) {
            (Some(fault), _) => fault.to_string(),
            (None, Some(error)) => format!("the arguments are not acceptable: {error}"),
            (None, None) => "the arguments are not acceptable".into(),
        }
    }
}

impl fmt::Display for Cause<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Call(fault) => fault.fmt(f),
            Self::Caller(error) => error.fmt(f),
            Self::CallerExpired { is_known: true } => {
                f.write_str("a credential or a delegation of the caller has ended")
            }
            Self::CallerExpired { is_known: false } => {
                f.write_str("the caller has an end, and the time is not known")
            }
            Self::NoTask => f.write_str("the call names no task"),
            Self::Barred {
                caller,
                session,
                task,
                bar,
            } => barred(f, caller, *session, *task, *bar),
            Self::Outside {
                task,
                tool,
                outside,
            } => beyond(f, task, tool, *outside),
            Self::ForeignTenant(caller) => foreign(f, caller),
            Self::UnknownTool(name) => write!(f, "tool `{name}` is not in the catalogue"),
            Self::Changed { tool, given: true } => {
                write!(
                    f,
                    "the definition of tool `{tool}` is not the one that is pinned"
                )
            }
            Self::Changed { tool, given: false } => write!(
                f,
                "the catalogue pins a definition of tool `{tool}`, and the call names none"
            ),
            Self::Text(refused) => f.write_str(&Self::text(refused)),
            Self::Arguments(fault) => fault.fmt(f),
            Self::Scope {
                caller,
                demand,
                lack,
            } => scope(f, caller, demand, *lack),
            Self::ToolCut { caller, tool, cut } => cut_off(f, caller, *cut, "tool", tool),
            Self::NoPermit(None) => f.write_str("no rule permits this call"),
            Self::NoPermit(Some(lapsed)) => write!(f, "no rule permits this call: {lapsed}"),
            Self::Rule(deciding) => decided(deciding)
                .iter()
                .try_for_each(|part| f.write_str(part)),
            Self::Approved => f.write_str("approved by those who were asked"),
            Self::Untried {
                tool,
                dry_run,
                in_session,
            } => untried(f, tool, *dry_run, *in_session),
            Self::StandingApproved => f.write_str("approved ahead by a standing approval"),
            Self::Tier(tier) => write!(f, "calls of tier {tier} ask"),
            Self::Limit { limit, used } => exceeded(f, limit, *used),
            Self::Obligation(name) => write!(f, "this gate does not handle obligation `{name}`"),
            Self::State(code) => f.write_str(state(*code)),
            Self::Expired => f.write_str("the permit was held too long"),
            Self::Stricter => f.write_str("the policy now demands more of the host"),
        }
    }
}

/// What is said of a rule that decided, in parts.
const fn decided<'a>(deciding: &Deciding<'a>) -> [&'a str; 3] {
    let Deciding { id, reason, .. } = *deciding;
    if !reason.is_empty() {
        return [reason, "", ""];
    }
    match deciding.effect {
        Effect::Permit => permitted_by(id),
        Effect::Ask => ["rule `", id, "` asks"],
        Effect::Forbid => ["forbidden by rule `", id, "`"],
    }
}

/// What is said of a permit without a reason, in parts.
pub(crate) const fn permitted_by(rule: &str) -> [&str; 3] {
    ["permitted by rule `", rule, "`"]
}

fn scope(
    f: &mut fmt::Formatter<'_>,
    caller: &Caller,
    demand: &ScopeDemand,
    lack: Lack,
) -> fmt::Result {
    let actor = |place: usize| caller.actors().get(place).map(|actor| actor.id().as_str());
    let who = match lack {
        Lack::Subject => caller.subject().map(|subject| subject.id().as_str()),
        Lack::Actor { place } => actor(place),
        Lack::Cut(cut) => {
            if let ScopeDemand::Scope(scope) = demand {
                return cut_off(f, caller, cut, "scope", scope);
            }
            None
        }
        Lack::NoScopeStated => {
            return f.write_str("an actor calls a tool that states no scope");
        }
        _ => None,
    };
    match (who, demand) {
        (Some(who), ScopeDemand::Scope(scope)) => write!(f, "`{who}` lacks scope `{scope}`"),
        (None, ScopeDemand::Scope(scope)) => {
            write!(f, "the unknown caller lacks scope `{scope}`")
        }
        _ => f.write_str("the caller lacks the scope"),
    }
}

/// Who crosses into which tenant.
fn foreign(f: &mut fmt::Formatter<'_>, caller: &Caller) -> fmt::Result {
    let who = caller.subject().map_or("nobody", |who| who.id().as_str());
    let tenant = caller.tenant().unwrap_or("unknown");
    write!(
        f,
        "`{who}` does not belong to tenant `{tenant}`, and no role of it crosses into it"
    )
}

/// Who was not given what, and by what.
fn cut_off(
    f: &mut fmt::Formatter<'_>,
    caller: &Caller,
    cut: Cut,
    what: &str,
    name: &str,
) -> fmt::Result {
    let principal = match cut.place() {
        None => caller.subject(),
        Some(place) => caller.actors().get(place),
    };
    let who = principal.map_or("nobody", |who| who.id().as_str());
    match cut {
        Cut::Task => write!(f, "the task does not confer {what} `{name}`"),
        Cut::Delegation { .. } => write!(f, "`{who}` was not handed {what} `{name}`"),
        Cut::Ceiling { .. } => write!(f, "`{who}` may not be handed {what} `{name}`"),
        _ => write!(
            f,
            "the credential of `{who}` does not confer {what} `{name}`"
        ),
    }
}

/// What is against whom.
fn barred(
    f: &mut fmt::Formatter<'_>,
    caller: &Caller,
    session: Option<&str>,
    task: Option<&str>,
    bar: Bar,
) -> fmt::Result {
    let who = |place: Option<usize>| {
        let principal = match place {
            None => caller.subject(),
            Some(place) => caller.actors().get(place),
        };
        principal.map_or("nobody", |who| who.id().as_str())
    };
    let (session, task) = (session.unwrap_or_default(), task.unwrap_or_default());
    match bar {
        Bar::TenantQuarantined => {
            let tenant = caller.tenant().unwrap_or_default();
            write!(f, "tenant `{tenant}` is in quarantine")
        }
        Bar::Quarantined { place } => write!(f, "`{}` is in quarantine", who(place)),
        Bar::Revoked { place } => write!(f, "`{}` was revoked", who(place)),
        Bar::SessionRevoked => write!(f, "session `{session}` was revoked"),
        Bar::UnknownTask => write!(f, "no task `{task}` was begun"),
        Bar::TaskEnded => write!(f, "task `{task}` was ended"),
        Bar::TaskExpired => write!(f, "the time of task `{task}` is over"),
        Bar::OtherSubject => write!(f, "task `{task}` is that of another subject"),
        _ => f.write_str("the caller is not in good standing"),
    }
}

/// What of a call its task does not cover.
fn beyond(
    f: &mut fmt::Formatter<'_>,
    task: &Task,
    tool: &str,
    outside: Outside<'_>,
) -> fmt::Result {
    let id = task.id();
    match outside {
        Outside::Resource(name) => match (name.kind, name.id) {
            (kind, Some(of)) => write!(f, "{kind} `{of}` is outside task `{id}`"),
            (kind, None) => write!(f, "an unknown {kind} is outside task `{id}`"),
        },
        _ => write!(f, "tool `{tool}` is outside task `{id}`"),
    }
}

const fn barred_for_model(bar: Bar) -> &'static str {
    match bar {
        Bar::UnknownTask => "there is no such task",
        Bar::TaskEnded | Bar::TaskExpired => "the task has ended",
        Bar::OtherSubject => "this call is outside the task",
        _ => "the caller may do nothing at present",
    }
}
