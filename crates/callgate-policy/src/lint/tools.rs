//! Entries of the catalogue that cannot be what they were meant to be.

use super::view::View;
use crate::DiagnosticCode as Code;
use crate::document::{Access, Effect};

/// A tool that no permit is about: each of its calls is denied.
pub(super) fn never_permitted(view: &View<'_>) {
    let rules = view.document.rules.iter();
    let permits: Vec<_> = rules
        .filter(|rule| rule.effect == Effect::Permit && !rule.observe)
        .map(|rule| view.rule(rule))
        .collect();
    for (name, tool) in &view.document.tools {
        if !permits.iter().any(|permit| permit.is_about(name, tool)) {
            let message = format!("no rule permits tool `{name}`");
            let help = "add a permit, or leave the tool out: what is not listed is denied";
            view.warn(
                Code::NeverPermitted,
                view.key(&["tools", name]),
                message,
                help,
            );
        }
    }
}

/// A tool that writes, and whose entry does not say what to: no rule on resources holds it.
pub(super) fn without_resources(view: &View<'_>) {
    for (name, tool) in &view.document.tools {
        let can_name = !tool.arguments.is_empty();
        if tool.access == Access::Write && tool.resources.is_empty() && can_name {
            let message = format!("tool `{name}` writes, and names no resource");
            let help = "say in `resources` which argument names what it changes";
            let span = view.key(&["tools", name, "access"]);
            view.warn(Code::WriteWithoutResources, span, message, help);
        }
    }
}
