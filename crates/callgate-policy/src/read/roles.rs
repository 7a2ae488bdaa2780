//! Roles and actors.

use std::collections::BTreeMap;

use super::faults::Faults;
use super::fields::{Fields, shown};
use super::names::{key, name, scope};
use super::node::{Node, Span};
use crate::DiagnosticCode as Code;
use crate::document::{Actor, Role};

/// Reads `[roles]`.
pub(super) fn roles(node: &Node<'_>, faults: &Faults<'_>) -> BTreeMap<Box<str>, Role> {
    let Some(table) = Fields::open(node, "roles", faults) else {
        return BTreeMap::new();
    };
    let mut includes: Vec<(Box<str>, Span)> = Vec::new();
    let mut roles = BTreeMap::new();
    for entry in table.entries() {
        let mut role = Role {
            scopes: Vec::new(),
            includes: Vec::new(),
            crosses: Vec::new(),
        };
        let keys = &["crosses", "includes", "scopes"];
        if let Some(fields) = Fields::of(&entry.node, "a role", keys, faults) {
            role.scopes = fields.each("scopes", "scopes", |node| scope(node, faults));
            role.includes = fields.each("includes", "roles", |node| {
                let role = name(node, "the name of a role", faults)?;
                includes.push((role.clone(), node.span));
                Some(role)
            });
            let tenants = fields.list("crosses", "tenants").unwrap_or_default();
            role.crosses.extend(tenants.iter().filter_map(|node| {
                let tenant = name(node, "a name in tenants", faults)?;
                Some(faults.shared().name(&tenant))
            }));
        }
        roles.insert(key(entry, "the name of a role", faults), role);
    }
    for (role, span) in includes {
        if !roles.contains_key(&role) {
            let message = format!("unknown role `{}`", shown(&role));
            let known = roles.keys().map(|name| &**name);
            faults.add_unknown(Code::UnknownRole, span, message, &role, known);
        }
    }
    for circle in in_circles(&roles) {
        let span = table
            .entry(circle)
            .map_or(table.span(), |entry| entry.key_span);
        let message = format!("role `{}` includes itself", shown(circle));
        let help = "roles must not include one another in a circle";
        faults.add_with_help(Code::RoleCycle, span, message, help);
    }
    roles
}

/// The roles that cannot be put in an order in which included ones come first, without those that
/// only lead to a circle. Linear, and without recursion.
fn in_circles(roles: &BTreeMap<Box<str>, Role>) -> Vec<&str> {
    // Twice the same: first take away what includes nothing that is left, then what nothing that
    // is left includes.
    let inner = peel(roles.keys().map(|name| &**name).collect(), |name| {
        let role = roles.get(name).into_iter();
        role.flat_map(|role| &role.includes)
            .map(|name| &**name)
            .collect()
    });
    let mut holders: BTreeMap<&str, Vec<&str>> = BTreeMap::new();
    for (name, role) in roles {
        for included in &role.includes {
            holders.entry(included).or_default().push(name);
        }
    }
    peel(inner, |name| holders.get(name).cloned().unwrap_or_default())
}

/// Takes away, again and again, each name whose `targets` are all gone.
fn peel<'r>(names: Vec<&'r str>, targets: impl Fn(&'r str) -> Vec<&'r str>) -> Vec<&'r str> {
    let mut sources: BTreeMap<&str, Vec<&'r str>> = BTreeMap::new();
    let mut open: BTreeMap<&'r str, usize> = names.iter().map(|name| (*name, 0)).collect();
    for name in &names {
        let inside = targets(name)
            .into_iter()
            .filter(|target| open.contains_key(target));
        let inside: Vec<&str> = inside.collect();
        open.insert(name, inside.len());
        for target in inside {
            sources.entry(target).or_default().push(name);
        }
    }
    let mut ready: Vec<&'r str> = names
        .iter()
        .copied()
        .filter(|name| open.get(name) == Some(&0))
        .collect();
    while let Some(name) = ready.pop() {
        open.remove(name);
        for source in sources.get(name).into_iter().flatten() {
            if let Some(left) = open.get_mut(source) {
                *left = left.saturating_sub(1);
                if *left == 0 {
                    ready.push(source);
                }
            }
        }
    }
    names
        .into_iter()
        .filter(|name| open.contains_key(name))
        .collect()
}

/// Reads `[actors]`.
pub(super) fn actors(node: &Node<'_>, faults: &Faults<'_>) -> BTreeMap<Box<str>, Actor> {
    let Some(table) = Fields::open(node, "actors", faults) else {
        return BTreeMap::new();
    };
    let mut actors = BTreeMap::new();
    for entry in table.entries() {
        let id = key(entry, "the id of an actor", faults);
        if let Some(bare) = id.strip_prefix("agent:") {
            let message = format!("actor `{}` is written with its kind", shown(&id));
            let help = format!("actors are agents: write `{}`", shown(bare));
            faults.add_with_help(Code::BadPrincipal, entry.key_span, message, help);
        }
        let fields = Fields::of(&entry.node, "an actor", &["scopes"], faults);
        let scopes = fields.map(|fields| {
            fields.need("scopes");
            fields.each("scopes", "scopes", |node| scope(node, faults))
        });
        let actor = Actor {
            scopes: scopes.unwrap_or_default(),
        };
        actors.insert(id, actor);
    }
    actors
}
