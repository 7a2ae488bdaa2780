//! What rules, raises and limits share: whom and what they are about.

use super::condition::condition;
use super::fact::Place;
use super::faults::Faults;
use super::fields::{Fields, shown, text};
use super::known::Known;
use super::names::{can_be_principal, is_name, name};
use super::node::{Node, Span};
use super::timing::timing;
use crate::DiagnosticCode as Code;
use crate::document::{Condition, NamePattern, Selector};

/// The keys of rules.
pub(super) const RULE: &[&str] = &[
    "id",
    "effect",
    "roles",
    "principals",
    "actors",
    "tools",
    "tenants",
    "environments",
    "resources",
    "from",
    "until",
    "times",
    "when",
    "reason",
    "disclose",
    "observe",
    "confirm",
    "preview",
    "approval",
    "expires_in",
    "accepts_tier",
    "obligations",
];

/// The keys of raises.
pub(super) const RAISE: &[&str] = &[
    "id",
    "to",
    "roles",
    "principals",
    "actors",
    "tools",
    "tenants",
    "environments",
    "resources",
    "from",
    "until",
    "times",
    "when",
];

/// The keys of limits.
pub(super) const LIMIT: &[&str] = &[
    "id",
    "roles",
    "principals",
    "actors",
    "tools",
    "tenants",
    "environments",
    "resources",
    "from",
    "until",
    "times",
    "when",
    "count",
    "sum",
    "per",
    "window",
    "form",
    "on_exceed",
    "confirm",
    "preview",
    "approval",
    "reason",
    "disclose",
];

/// Reads the id of a statement.
pub(super) fn id(fields: &Fields<'_, '_>, faults: &Faults<'_>) -> Option<(Box<str>, Span)> {
    let node = fields.need("id")?;
    Some((name(node, "the id", faults)?, node.span))
}

/// Reads selectors and condition of a statement.
pub(super) fn about(
    fields: &Fields<'_, '_>,
    known: &Known<'_>,
    faults: &Faults<'_>,
) -> (Selector, Condition) {
    let selector = selector(fields, known, faults);
    let place = Place::new(false, faults);
    let when = fields
        .get("when")
        .map_or(Condition::ALWAYS, |node| condition(node, &place));
    for (pointer, span) in place.arguments.into_inner() {
        known.argument(&selector, &pointer, span, faults);
    }
    (selector, when)
}

/// Reads a condition on calls of `tool`; `None` where there is no such tool.
pub(super) fn condition_on(
    tool: &str,
    node: &Node<'_>,
    known: &Known<'_>,
    faults: &Faults<'_>,
) -> Option<Condition> {
    if !known.tool(tool, node.span, faults) {
        return None;
    }
    let selector = Selector {
        tools: Some(vec![NamePattern::new(tool)]),
        ..Selector::default()
    };
    let place = Place::new(false, faults);
    let when = condition(node, &place);
    for (pointer, span) in place.arguments.into_inner() {
        known.argument(&selector, &pointer, span, faults);
    }
    Some(when)
}

fn selector(fields: &Fields<'_, '_>, known: &Known<'_>, faults: &Faults<'_>) -> Selector {
    let patterns = |key: &str, [all, one]: [&str; 2], check: &dyn Fn(&NamePattern, Span)| {
        let items = fields.list(key, all)?;
        let mut patterns = Vec::with_capacity(items.len());
        patterns.extend(items.iter().filter_map(|item| {
            let text = text(item, one, faults)?;
            let is_name = is_name(text, one, item.span, faults);
            let pattern = is_name.then(|| faults.shared().name(text))?;
            check(&pattern, item.span);
            Some(pattern)
        }));
        Some(patterns)
    };
    let any = |_: &NamePattern, _| {};
    let principal = |pattern: &NamePattern, span| {
        if !can_be_principal(pattern.as_str()) {
            let message = format!("`{}` matches no principal", shown(pattern.as_str()));
            let help = "write `user:`, `service:` or `agent:` before the id";
            faults.add_with_help(Code::BadPrincipal, span, message, help);
        }
    };
    Selector {
        roles: patterns("roles", ["roles", "a name in roles"], &|one, span| {
            known.roles(one, span, faults);
        }),
        principals: patterns(
            "principals",
            ["principals", "a name in principals"],
            &principal,
        ),
        actors: patterns("actors", ["actors", "a name in actors"], &principal),
        tools: patterns("tools", ["tools", "a name in tools"], &|one, span| {
            known.tools(one, span, faults);
        }),
        tenants: patterns("tenants", ["tenants", "a name in tenants"], &any),
        environments: patterns(
            "environments",
            ["environments", "a name in environments"],
            &any,
        ),
        resources: patterns(
            "resources",
            ["kinds of resource", "a name in kinds of resource"],
            &|one, span| {
                known.kinds(one, span, faults);
            },
        ),
        timing: timing(fields, known.zones(), faults),
    }
}
