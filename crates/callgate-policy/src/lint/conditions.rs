//! Conditions that no call meets, and those that an absent argument meets.

use std::collections::BTreeMap;

use super::domain::{Domain, Kind};
use super::view::{Statement, View};
use super::walk::{self, spelled};
use crate::DiagnosticCode as Code;
use crate::document::{Argument, Condition, FactRoot, Matcher, Tool};

pub(super) fn of_all(view: &View<'_>) {
    for statement in view.statements() {
        let tools = view.tools_of(statement);
        wrong_types(view, statement, &tools);
        contradictions(view, statement, statement.when, &tools);
        if !statement.restricts {
            absent_passes(view, statement, &tools);
        }
    }
}

/// A matcher on an argument that every tool declares to be of another type.
fn wrong_types(view: &View<'_>, statement: Statement<'_>, tools: &[(&str, &Tool)]) {
    walk::values(statement.when, &mut |fact, matcher, _| {
        if fact.root != FactRoot::Arguments {
            return;
        }
        let mut declared = tools
            .iter()
            .filter_map(|(_, tool)| declaration(tool, fact.pointer.as_str()))
            .map(|argument| Kind::of_matcher(&argument.matcher));
        let (Some(wanted), Some(Some(first))) = (Kind::of_matcher(matcher), declared.next()) else {
            return;
        };
        let wrong = first != wanted && declared.all(|kind| kind.is_some_and(|kind| kind != wanted));
        if wrong {
            let name = spelled(fact);
            let message = format!(
                "`{name}` is {} wherever `{}` applies, and is compared as {}",
                first.as_str(),
                statement.id,
                wanted.as_str()
            );
            let help = if statement.restricts {
                "the answer is unknown wherever it is there, and that counts as met in this rule"
            } else {
                "the answer is unknown wherever it is there, and that never counts as met in a permit"
            };
            view.warn(
                Code::WrongArgumentType,
                statement.fact(&name),
                message,
                help,
            );
        }
    });
}

/// Values of which too much is asked at once. The nesting of the document bounds the recursion.
fn contradictions(
    view: &View<'_>,
    statement: Statement<'_>,
    condition: &Condition,
    tools: &[(&str, &Tool)],
) {
    let mut asked: BTreeMap<String, Vec<&Matcher>> = BTreeMap::new();
    for (fact, matcher) in walk::together(condition) {
        asked.entry(spelled(fact)).or_default().push(matcher);
    }
    for (name, matchers) in &asked {
        let mut domain = Domain::default();
        for matcher in matchers {
            domain.meet(matcher);
        }
        let help = "leave one of the conditions out, or put them into `any`";
        if domain.is_empty() {
            let message = format!(
                "no value of `{name}` meets what `{}` asks of it",
                statement.id
            );
            view.warn(Code::NeverHolds, statement.fact(name), message, help);
            continue;
        }
        let pointer = name.strip_prefix(FactRoot::Arguments.as_str());
        let mut declared = tools
            .iter()
            .filter_map(|(_, tool)| declaration(tool, pointer?))
            .peekable();
        let refused = |argument: &Argument| {
            let mut both = domain.clone();
            both.meet(&argument.matcher);
            both.is_empty()
        };
        if declared.peek().is_some() && declared.all(refused) {
            let message = format!(
                "no value of `{name}` that the tool accepts meets what `{}` asks of it",
                statement.id
            );
            let help = "compare it with what the arguments of the tool allow";
            view.warn(Code::NeverHolds, statement.fact(name), message, help);
        }
    }
    inner(condition, &mut |part| {
        contradictions(view, statement, part, tools);
    });
}

/// The conditions below that stand for themselves.
fn inner<'c>(condition: &'c Condition, see: &mut dyn FnMut(&'c Condition)) {
    match condition {
        Condition::All(parts) => parts.iter().for_each(|part| inner(part, see)),
        Condition::Any(parts) => parts.iter().for_each(see),
        Condition::Not(one) => see(one),
        Condition::Value(..) => {}
    }
}

/// `not` around an argument that may be absent: matchers say no to what is absent.
fn absent_passes(view: &View<'_>, statement: Statement<'_>, tools: &[(&str, &Tool)]) {
    let asked: Vec<String> = walk::together(statement.when)
        .into_iter()
        .map(|(fact, _)| spelled(fact))
        .collect();
    walk::values(statement.when, &mut |fact, matcher, negated| {
        let name = spelled(fact);
        let argument = fact.root == FactRoot::Arguments;
        if !negated || !argument || matches!(matcher, Matcher::Present(_)) || asked.contains(&name)
        {
            return;
        }
        let optional = tools.iter().find(|(_, tool)| {
            declaration(tool, fact.pointer.as_str()).is_some_and(|argument| argument.optional)
        });
        if let Some((tool, _)) = optional {
            let message = format!(
                "`not` holds where `{name}` is absent, and `{tool}` may be called without it"
            );
            let help = format!("add `\"{name}\" = {{ present = true }}`, or require the argument");
            view.warn(Code::AbsentPasses, statement.fact(&name), message, help);
        }
    });
}

fn declaration<'t>(tool: &'t Tool, pointer: &str) -> Option<&'t Argument> {
    let mut arguments = tool.arguments.iter();
    arguments.find(|argument| argument.pointer.as_str() == pointer)
}
