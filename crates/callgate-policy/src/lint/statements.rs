//! Statements without effect.

use super::view::View;
use super::walk;
use crate::DiagnosticCode as Code;

/// A statement about resources, where none of the tools that it selects names such a resource.
pub(super) fn never_matches(view: &View<'_>) {
    for statement in view.statements() {
        if statement.mentions_resource() && view.tools_of(statement).is_empty() {
            let (at, what) = if statement.selector.resources.is_some() {
                ("resources", "names such a resource")
            } else if walk::mentions_resource(statement.when) {
                ("when", "names a resource")
            } else {
                ("per", "names a resource")
            };
            let message = format!(
                "`{}` never matches: no tool it selects {what}",
                statement.id
            );
            let help = "say in `resources` of the tool what its calls act on";
            view.warn(Code::NeverMatches, statement.key(at), message, help);
        }
    }
}

/// A raise to a tier that the calls which it is about have already.
pub(super) fn idle_raise(view: &View<'_>) {
    for raise in &view.document.raises {
        let statement = view.raise(raise);
        let tools = view.tools_of(statement);
        if !tools.is_empty() && tools.iter().all(|(_, tool)| tool.tier >= raise.to) {
            let message = format!(
                "`{}` raises nothing: its calls are `{}` or higher anyway",
                raise.id, raise.to
            );
            let help = "name a higher tier, or leave it out";
            view.warn(Code::IdleRaise, statement.key("to"), message, help);
        }
    }
}
