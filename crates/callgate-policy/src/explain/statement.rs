//! One rule, raise or limit, with everything that it asked.

use serde::Serialize;

use super::Answer;
use super::condition::ConditionTrace;
use crate::compile::{Class, Statement};
use crate::document::InForce;
use crate::evaluate::{Dims, Memo, NamedResource, Question, Stated, Truth, selected};

/// How a rule, a raise or a limit came out.
#[derive(Clone, Debug, Serialize)]
#[non_exhaustive]
pub struct StatementTrace<'p> {
    /// Its id.
    pub id: &'p str,
    /// `permit`, `ask`, `forbid`, `raise` or `limit`.
    pub effect: &'static str,
    /// The file where it stands.
    pub file: &'p str,
    /// The line of this file where it stands.
    pub line: u32,
    /// Whether it only observes.
    pub observe: bool,
    /// Whether it takes effect: a permit surely applies, any other surely or possibly.
    pub matched: bool,
    /// Whether it applies.
    pub answer: Answer,
    /// Which resource of the call that is about, counted from 0: the one that decided. `None`
    /// where the statement does not mention the resource, or the call names none.
    pub resource: Option<usize>,
    /// Whether it mentions the resource and the call names none.
    pub lacks_resource: bool,
    /// What it selects by.
    pub selectors: Vec<SelectorTrace>,
    /// Its condition.
    pub condition: Option<ConditionTrace>,
}

/// How one selector came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct SelectorTrace {
    /// Its key in policies; `in_force` for `from`, `until` and `times`.
    pub selector: &'static str,
    /// Whether the call meets it.
    pub answer: Answer,
    /// Of `in_force`, where the answer is no: whether it is expired, not yet in force, or in force
    /// at other hours.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<InForce>,
}

/// All selectors, as policies name them.
const SELECTORS: [(&str, Dims); 8] = [
    ("tools", Dims::TOOLS),
    ("roles", Dims::ROLES),
    ("principals", Dims::PRINCIPALS),
    ("actors", Dims::ACTORS),
    ("tenants", Dims::TENANTS),
    ("environments", Dims::ENVIRONMENTS),
    ("resources", Dims::RESOURCES),
    ("in_force", Dims::TIMING),
];

/// The traces of the statements that select the tool, each given with its number.
pub(super) fn traces<'p, S: Stated + 'p>(
    stated: impl Iterator<Item = (u32, &'p S)>,
    question: &Question<'_, 'p>,
) -> Vec<StatementTrace<'p>> {
    // Arguments that another tool has bound say nothing about this one.
    if !question.is_sound() {
        return Vec::new();
    }
    let statements = question.tool().compiled().statements();
    let traced = stated.filter_map(|(number, one)| {
        let statement = statements.statement(number)?;
        let tools = one.selector().tools.as_deref();
        let name = question.tool().name();
        let selects = tools.is_none_or(|tools| tools.iter().any(|tool| tool.matches(name)));
        selects.then(|| trace(one, *statement, question))
    });
    traced.collect()
}

fn trace<'p, S: Stated>(
    one: &'p S,
    statement: Statement,
    question: &Question<'_, 'p>,
) -> StatementTrace<'p> {
    let judge = |resource| judged(one, statement, resource, question);
    if !statement.per_resource {
        return judge(None);
    }
    let mut traces = question.resources().iter().enumerate().map(|(at, named)| {
        let mut trace = judge(Some(named));
        trace.resource = Some(at);
        trace
    });
    let Some(first) = traces.next() else {
        let mut trace = judge(None);
        trace.matched = false;
        trace.answer = Answer::No;
        trace.lacks_resource = true;
        return trace;
    };
    // A permit is stopped by any resource, a restriction brought about by any.
    let decides = |trace: &StatementTrace<'_>| trace.matched == statement.restricts;
    if decides(&first) {
        return first;
    }
    traces.find(decides).unwrap_or(first)
}

pub(super) fn judged<'p, S: Stated>(
    one: &'p S,
    statement: Statement,
    resource: Option<&NamedResource<'_>>,
    question: &Question<'_, 'p>,
) -> StatementTrace<'p> {
    let memo = Memo::new();
    let scene = question.scene(resource, &memo);
    let asked = |dim| {
        let selector = one.selector();
        if dim == Dims::TIMING {
            return selector.timing.is_some();
        }
        let patterns = [
            (Dims::TOOLS, &selector.tools),
            (Dims::ROLES, &selector.roles),
            (Dims::PRINCIPALS, &selector.principals),
            (Dims::ACTORS, &selector.actors),
            (Dims::TENANTS, &selector.tenants),
            (Dims::ENVIRONMENTS, &selector.environments),
            (Dims::RESOURCES, &selector.resources),
        ];
        patterns
            .iter()
            .any(|(one, asked)| *one == dim && asked.is_some())
    };
    let mut truth = Truth::Yes;
    let mut selectors = Vec::new();
    for (name, dim) in SELECTORS {
        if asked(dim) {
            let holds = selected(one.selector(), dim, statement.restricts, question, &scene);
            truth = truth.min(holds);
            let timing = one.selector().timing.as_ref();
            let timing = timing.filter(|_| dim == Dims::TIMING && holds == Truth::No);
            let now = question.context().time_now();
            selectors.push(SelectorTrace {
                selector: name,
                answer: holds.into(),
                why: timing.zip(now).map(|(timing, now)| timing.at(now)),
            });
        }
    }
    let conditions = question.tool().compiled().conditions();
    truth = truth.min(conditions.both_hold(statement.when, &scene));
    let condition = ConditionTrace::of_statement(conditions, statement.when, &scene);
    StatementTrace {
        id: one.id(),
        effect: one.effect(),
        file: one.file(),
        line: one.line(),
        observe: statement.class == Class::Observed,
        matched: truth.takes_effect(statement.restricts),
        answer: truth.into(),
        resource: None,
        lacks_resource: false,
        selectors,
        condition,
    }
}
