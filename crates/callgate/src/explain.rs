//! Why a call is decided as it is, step by step.

use callgate_identity::Lack;
use callgate_policy::document::ScopeDemand;
use callgate_policy::{Change, Question, StatementTrace, ToolRef};
use callgate_types::{Caller, Code, Context, Cut, DecisionKind, Friction, ToolCall};
use serde::Serialize;

use crate::cause::Cause;
use crate::judge::{amiss, changed};
use crate::{Judged, Snapshot};

/// The answer of a [`Snapshot`] to one call, with every step that led to it.
///
/// Made for people who write policies: it allocates, and judges what it explains once more. It
/// names places and classes of values, never a value.
#[derive(Debug)]
pub struct Explanation<'a> {
    judged: Judged<'a>,
    steps: Vec<Step<'a>>,
}

impl<'a> Explanation<'a> {
    /// The answer, which is that of [`Snapshot::judge`].
    pub const fn judged(&self) -> &Judged<'a> {
        &self.judged
    }

    /// The steps, in the order of `docs/spec/decision.md`, up to the one that denied. The last
    /// says what would have to differ.
    pub fn steps(&self) -> &[Step<'a>] {
        &self.steps
    }
}

/// One step of a decision.
#[derive(Clone, Debug, Serialize)]
#[serde(tag = "step", rename_all = "snake_case")]
#[non_exhaustive]
pub enum Step<'a> {
    /// The tool name and the call id.
    Call {
        /// Whether they can be.
        ok: bool,
    },
    /// The caller.
    Caller {
        /// Whether it could be resolved.
        ok: bool,
    },
    /// The tool.
    Tool {
        /// Whether it is in the catalogue.
        ok: bool,
        /// The file of the policy where it stands.
        file: Option<&'a str>,
        /// The line of this file where it stands.
        line: Option<u32>,
    },
    /// The definition of the tool; only where the catalogue pins one.
    Definition {
        /// Whether it is the one that is pinned.
        ok: bool,
        /// Whether the call names one.
        given: bool,
    },
    /// The arguments.
    Arguments {
        /// Whether they are those of the tool.
        ok: bool,
    },
    /// The resources that the arguments name.
    Resources {
        /// How many.
        named: usize,
        /// Of how many the host vouches for facts.
        known: usize,
    },
    /// The scope.
    Scope {
        /// Whether everybody along the chain holds it.
        ok: bool,
        /// Which one; `None` where the tool states none.
        scope: Option<&'a str>,
        /// Who lacks it first, or lacks the tool: `subject`, `actor` or `unknown_caller`.
        hop: Option<&'static str>,
        /// Which actor of the chain, counted from 0.
        actor: Option<usize>,
        /// What does not confer it: `credential`, `delegation` or `ceiling`; `None` where it is
        /// not held at all.
        cut: Option<&'static str>,
        /// Whether it is the tool that is not conferred.
        tool: bool,
    },
    /// The tier.
    Tier {
        /// The tier of the call.
        tier: &'static str,
        /// That of the tool alone.
        tool: &'static str,
        /// How each raise that selects the tool came out.
        raises: Vec<StatementTrace<'a>>,
    },
    /// The rules.
    Rules {
        /// How each rule that selects the tool came out.
        rules: Vec<StatementTrace<'a>>,
    },
    /// The limits; only where the policy has any on the tool. How much of them is used, no
    /// explanation tells.
    Limits {
        /// How each limit that selects the tool came out.
        limits: Vec<StatementTrace<'a>>,
    },
    /// What is demanded before the call runs.
    Friction {
        /// Whether the subject says yes.
        confirm: bool,
        /// Whether a dry run is shown.
        preview: bool,
        /// How many groups approve.
        approvals: usize,
    },
    /// What the host must do with the call.
    Obligations {
        /// Their names.
        names: Vec<String>,
    },
    /// What would have to differ for another answer: for the permit that is nearest to matching,
    /// or for all of the rules that restrict.
    Nearest {
        /// The changes, one a rule.
        changes: Vec<Change<'a>>,
    },
}

impl Snapshot {
    /// Judges a call as [`Snapshot::judge`] does, and says why it comes out so.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate::{Caller, Context, Step, ToolCall};
    ///
    /// let snapshot = callgate::parse_policy(
    ///     r#"
    ///     format = 1
    ///     name = "clock"
    ///     [tools.time]
    ///     access = "read"
    ///     scope = "none"
    ///     [[rules]]
    ///     id = "at-work"
    ///     effect = "permit"
    ///     environments = ["prod"]
    ///     "#,
    ///     "clock.toml",
    /// )?;
    /// let (caller, call) = (Caller::unknown(), ToolCall::from_text("time", "{}"));
    /// let context = Context::new().environment("test");
    /// let explanation = snapshot.explain(&caller, &call, &context);
    /// let Some(Step::Nearest { changes }) = explanation.steps().last() else {
    ///     return Err("the last step says what would have to differ".into());
    /// };
    /// assert_eq!(changes[0].rule, "at-work");
    /// assert_eq!(changes[0].needed[0].place, "environments");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn explain<'a>(
        &'a self,
        caller: &'a Caller,
        call: &'a ToolCall,
        context: &'a Context,
    ) -> Explanation<'a> {
        let judged = self.judge(caller, call, context);
        let steps = self.steps(&judged, caller, call, context);
        Explanation { judged, steps }
    }

    fn steps<'a>(
        &'a self,
        judged: &Judged<'a>,
        caller: &'a Caller,
        call: &'a ToolCall,
        context: &'a Context,
    ) -> Vec<Step<'a>> {
        let mut steps = vec![Step::Call {
            ok: call.fault().is_none(),
        }];
        if call.fault().is_some() {
            return steps;
        }
        let ok = amiss(caller, context.time_now()).is_none()
            && !matches!(judged.cause, Cause::ForeignTenant(_));
        steps.push(Step::Caller { ok });
        if !ok {
            return steps;
        }
        let admitted = self.admit(caller);
        let caller = admitted.as_ref().unwrap_or(caller);
        let entry = self.policy.document().tools.get(call.tool());
        steps.push(Step::Tool {
            ok: judged.tool.is_some(),
            file: entry.map(|entry| &*entry.file),
            line: entry.map(|entry| entry.line),
        });
        let Some(tool) = judged.tool else {
            return steps;
        };
        if tool.definition().is_some() {
            let ok = changed(tool, call).is_none();
            let given = call.definition_digest().is_some();
            steps.push(Step::Definition { ok, given });
            if !ok {
                return steps;
            }
        }
        let arguments = call.arguments().ok();
        let bound = arguments.and_then(|all| tool.bind_for(all, caller, context).ok());
        let ok = bound.is_some();
        steps.push(Step::Arguments { ok });
        let Some(bound) = bound else {
            return steps;
        };
        let resources = judged.resources.as_slice();
        steps.push(Step::Resources {
            named: resources.len(),
            known: resources.iter().filter(|one| one.facts.is_some()).count(),
        });
        steps.push(scope(judged, tool));
        if judged.base.is_some() {
            let question = Question::new(tool, caller, context, &bound, resources);
            self.by_policy(judged, tool, &question, &mut steps);
        }
        steps
    }

    /// The steps after the scope.
    fn by_policy<'a>(
        &'a self,
        judged: &Judged<'a>,
        tool: ToolRef<'a>,
        question: &Question<'_, 'a>,
        steps: &mut Vec<Step<'a>>,
    ) {
        let tier = judged.tier().unwrap_or_else(|| tool.tier());
        steps.push(Step::Tier {
            tier: tier.as_str(),
            tool: tool.tier().as_str(),
            raises: self.policy.explain_raises(question),
        });
        let rules = self.policy.explain_rules(question);
        let changes = changes(judged, &rules);
        steps.push(Step::Rules { rules });
        let limits = self.policy.explain_limits(question);
        if !limits.is_empty() {
            steps.push(Step::Limits { limits });
        }
        if judged.decision() != DecisionKind::Deny {
            let Friction {
                confirm,
                preview,
                approvals,
                ..
            } = judged.friction();
            steps.push(Step::Friction {
                confirm: *confirm,
                preview: *preview,
                approvals: approvals.len(),
            });
            let names = judged.obligations().iter();
            steps.push(Step::Obligations {
                names: names.map(ToString::to_string).collect(),
            });
        }
        steps.push(Step::Nearest { changes });
    }
}

fn scope<'a>(judged: &Judged<'a>, tool: ToolRef<'a>) -> Step<'a> {
    let scope = match tool.scope() {
        ScopeDemand::Scope(scope) => Some(&**scope),
        _ => None,
    };
    let of_cut = |cut: Cut| match cut.place() {
        None => (Some("subject"), None),
        Some(place) => (Some("actor"), Some(place)),
    };
    let (hop, actor) = match judged.cause {
        Cause::Scope { lack, .. } => match lack {
            Lack::UnknownCaller => (Some("unknown_caller"), None),
            Lack::Subject => (Some("subject"), None),
            Lack::Actor { place } => (Some("actor"), Some(place)),
            Lack::Cut(cut) => of_cut(cut),
            _ => (Some("actor"), None),
        },
        Cause::ToolCut { cut, .. } => of_cut(cut),
        _ => (None, None),
    };
    let cut = match judged.cause {
        Cause::ToolCut { cut, .. }
        | Cause::Scope {
            lack: Lack::Cut(cut),
            ..
        } => Some(cut.as_str()),
        _ => None,
    };
    Step::Scope {
        ok: hop.is_none(),
        scope,
        hop,
        actor,
        cut,
        tool: matches!(judged.cause, Cause::ToolCut { .. }),
    }
}

/// What would have to differ.
fn changes<'a>(judged: &Judged<'a>, rules: &[StatementTrace<'a>]) -> Vec<Change<'a>> {
    let of = |effect| {
        rules
            .iter()
            .filter(move |rule| rule.effect == effect && !rule.observe)
    };
    let matched = |effect| of(effect).filter(|rule| rule.matched);
    match judged.code() {
        Code::NoPermit => {
            let nearest = of("permit").map(StatementTrace::to_match);
            nearest
                .min_by_key(|change| change.needed.len())
                .into_iter()
                .collect()
        }
        Code::Forbidden => matched("forbid").map(StatementTrace::to_miss).collect(),
        Code::Asked => matched("ask").map(StatementTrace::to_miss).collect(),
        _ => Vec::new(),
    }
}
