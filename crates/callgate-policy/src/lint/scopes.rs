//! Rights that nobody needs, and rights that nobody has.

use std::collections::BTreeSet;

use callgate_types::{Approver, Friction};

use super::view::{View, selects};
use crate::DiagnosticCode as Code;
use crate::document::ScopeDemand;

/// A role that confers nothing and that no statement names.
pub(super) fn unused_roles(view: &View<'_>) {
    let document = view.document;
    let statements: Vec<_> = view.statements().collect();
    for (name, role) in &document.roles {
        let included = document
            .roles
            .values()
            .any(|role| role.includes.contains(name));
        let selected = |patterns: Option<&[_]>| patterns.is_some() && selects(patterns, name);
        let used = !role.scopes.is_empty()
            || !role.includes.is_empty()
            || included
            || statements
                .iter()
                .any(|statement| selected(statement.selector.roles.as_deref()))
            || approvers(view).any(|one| matches!(one, Approver::Role(role) if role == name));
        if !used {
            let message = format!("role `{name}` confers nothing, and no rule names it");
            let help = "give it scopes, name it in a rule, or leave it out";
            view.warn(Code::UnusedRole, view.key(&["roles", name]), message, help);
        }
    }
}

/// An actor that holds nothing and that no statement names.
pub(super) fn unused_actors(view: &View<'_>) {
    let statements: Vec<_> = view.statements().collect();
    for (name, actor) in &view.document.actors {
        let id = if name.contains(':') {
            name.to_string()
        } else {
            format!("agent:{name}")
        };
        let selected = |patterns: Option<&[_]>| patterns.is_some() && selects(patterns, &id);
        let used = statements
            .iter()
            .any(|statement| selected(statement.selector.actors.as_deref()));
        if actor.scopes.is_empty() && !used {
            let message = format!("actor `{name}` holds nothing, and no rule names it");
            let help = "give it scopes, or leave it out: an actor that is not listed holds none";
            view.warn(
                Code::UnusedActor,
                view.key(&["actors", name]),
                message,
                help,
            );
        }
    }
}

/// A scope that a role or an actor holds, and that no tool and no approval demands.
pub(super) fn unused_scopes(view: &View<'_>) {
    let demanded = demanded(view);
    let mut told = BTreeSet::new();
    let roles = view.document.roles.iter();
    let roles = roles.map(|(name, role)| ("roles", name, &role.scopes));
    let actors = view.document.actors.iter();
    let actors = actors.map(|(name, actor)| ("actors", name, &actor.scopes));
    for (list, name, scopes) in roles.chain(actors) {
        for scope in scopes {
            if !demanded.contains(&**scope) && told.insert(scope) {
                let message = format!("no tool demands scope `{scope}`");
                let help = "leave it out, or write it as `scope` of the tool that it is for";
                let span = view.key(&[list, name, "scopes"]);
                view.warn(Code::UnusedScope, span, message, help);
            }
        }
    }
}

/// A scope that a tool demands, and that no role or not one actor holds.
pub(super) fn unheld_scopes(view: &View<'_>) {
    let document = view.document;
    let conferred: BTreeSet<&str> = document
        .roles
        .values()
        .flat_map(|role| &role.scopes)
        .map(|scope| &**scope)
        .collect();
    for (name, tool) in &document.tools {
        let ScopeDemand::Scope(scope) = &tool.scope else {
            continue;
        };
        if !conferred.contains(&**scope) {
            let message = format!("no role holds scope `{scope}`: nobody can call `{name}`");
            let help = "give it to a role, or write `scope = \"none\"`";
            let span = view.key(&["tools", name, "scope"]);
            view.warn(Code::UnheldScope, span, message, help);
        }
    }
}

fn demanded<'a>(view: &View<'a>) -> BTreeSet<&'a str> {
    let tools = view.document.tools.values();
    let of_tools = tools.filter_map(|tool| match &tool.scope {
        ScopeDemand::Scope(scope) => Some(&**scope),
        _ => None,
    });
    let of_approvals = approvers(view).filter_map(|one| match one {
        Approver::Scope(scope) => Some(&**scope),
        _ => None,
    });
    of_tools.chain(of_approvals).collect()
}

/// Everybody who is asked to approve something.
fn approvers<'a>(view: &View<'a>) -> impl Iterator<Item = &'a Approver> + use<'a> {
    let document = view.document;
    let rules = document.rules.iter().map(|rule| &rule.friction);
    let all = rules.chain(&document.friction);
    all.flat_map(|friction: &Friction| &friction.approvals)
        .flat_map(|group| &group.from)
}
