//! Limits that hold everything up, or nothing.

use callgate_types::Amount;

use super::view::View;
use crate::DiagnosticCode as Code;
use crate::document::{Fact, FactRoot, KeyPart, Limit, Matcher, Measure, Operand, Pointer, Tool};

/// A limit that every call of a tool exceeds.
pub(super) fn always_exceeded(view: &View<'_>) {
    for limit in &view.document.limits {
        let statement = view.limit(limit);
        match &limit.measure {
            Measure::Calls if limit.at_most == Amount::ZERO => {
                let message = format!("`{}` lets no call through", limit.id);
                let help = "write a rule that forbids, or a larger `count`";
                view.warn(Code::AlwaysExceeded, statement.key("count"), message, help);
            }
            Measure::Sum { of, .. } if of.root == FactRoot::Arguments => {
                for (name, tool) in view.tools_of(statement) {
                    if !may_hold(tool, &of.pointer) {
                        let message = format!(
                            "every call of `{name}` exceeds `{}`: it has no argument `{}`",
                            limit.id, of.pointer
                        );
                        let help = "name the tools that are meant in `tools`";
                        view.warn(Code::AlwaysExceeded, statement.key("tools"), message, help);
                    }
                }
            }
            _ => {}
        }
    }
}

/// A limit that is reached one day, and holds from then on.
pub(super) fn endless(view: &View<'_>) {
    for limit in &view.document.limits {
        let ends = |part: &KeyPart| {
            matches!(part, KeyPart::Value(Fact { root: FactRoot::Context, pointer })
                if matches!(pointer.as_str(), "/session" | "/task"))
        };
        if limit.window.is_none() && !limit.per.iter().any(ends) {
            let message = format!("`{}` is never counted anew", limit.id);
            let help = "add a `window`, or count `per` session or task";
            let what = match limit.measure {
                Measure::Calls => "count",
                Measure::Sum { .. } => "sum",
            };
            view.warn(
                Code::EndlessLimit,
                view.limit(limit).key(what),
                message,
                help,
            );
        }
    }
}

/// A limit that is counted apart for what the model writes as it likes.
pub(super) fn free_key(view: &View<'_>) {
    for limit in &view.document.limits {
        let statement = view.limit(limit);
        for part in &limit.per {
            let KeyPart::Value(fact) = part else { continue };
            let is_free = |(_, tool): &(&str, &Tool)| !is_settled(tool, &fact.pointer);
            if fact.root == FactRoot::Arguments && view.tools_of(statement).iter().any(is_free) {
                let message = format!(
                    "`{}` is counted anew for every `arguments{}` that the model writes",
                    limit.id, fact.pointer
                );
                let help =
                    "say in its matchers which values there are, or count what the host knows";
                let key = if is_unit(limit, fact) { "sum" } else { "per" };
                view.warn(Code::FreeLimitKey, statement.key(key), message, help);
            }
        }
    }
}

fn is_unit(limit: &Limit, fact: &Fact) -> bool {
    matches!(&limit.measure, Measure::Sum { unit: Some(unit), .. } if unit == fact)
}

/// Whether calls of `tool` can have something at `pointer`.
fn may_hold(tool: &Tool, pointer: &Pointer) -> bool {
    let leads = |one: &str, other: &str| {
        let rest = other.strip_prefix(one);
        rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
    };
    let mut arguments = tool.arguments.iter();
    arguments.any(|one| leads(one.pointer.as_str(), pointer.as_str()))
}

/// Whether the policy settles which values can stand at `pointer`.
fn is_settled(tool: &Tool, pointer: &Pointer) -> bool {
    let mut arguments = tool.arguments.iter();
    let declared = arguments.find(|one| one.pointer == *pointer);
    declared.is_some_and(|one| is_listed(&one.matcher))
}

/// The nesting of the document bounds the recursion.
fn is_listed(matcher: &Matcher) -> bool {
    match matcher {
        Matcher::All(matchers) => matchers.iter().any(is_listed),
        Matcher::Any(matchers) => matchers.iter().all(is_listed),
        Matcher::Nullable(inner) => is_listed(inner),
        Matcher::OneOf(_) | Matcher::Boolean | Matcher::Equals(Operand::Literal(_)) => true,
        Matcher::Equals(Operand::Fact(fact)) => fact.root != FactRoot::Arguments,
        _ => false,
    }
}
