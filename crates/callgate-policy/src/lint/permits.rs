//! Permits that grant nothing, or more than they seem to.

use callgate_types::RiskTier;

use super::view::{Statement, View};
use super::walk;
use crate::DiagnosticCode as Code;
use crate::document::{Condition, Effect, FactRoot, NamePattern, Rule, ScopeDemand, Selector};

/// A permit all of whose calls a forbid without conditions denies.
pub(super) fn always_overruled(view: &View<'_>) {
    let rules = &view.document.rules;
    let always = |rule: &&Rule| {
        let unconditional = matches!(&rule.when, Condition::All(parts) if parts.is_empty());
        let lasting = rule.selector.timing.is_none();
        rule.effect == Effect::Forbid && unconditional && lasting && !rule.observe
    };
    let forbids: Vec<&Rule> = rules.iter().filter(always).collect();
    for permit in permits(view) {
        let statement = view.rule(permit);
        let over = forbids
            .iter()
            .find(|forbid| is_wider(&forbid.selector, statement));
        if let Some(forbid) = over {
            let message = format!(
                "`{}` grants nothing: `{}` forbids all its calls",
                permit.id, forbid.id
            );
            let help = "narrow the forbid, or leave the permit out";
            view.warn(Code::AlwaysOverruled, statement.key("id"), message, help);
        }
    }
}

fn is_wider(forbid: &Selector, permit: Statement<'_>) -> bool {
    let narrow = permit.selector;
    // Nor does one that is in force for some time only deny calls at other times.
    let whenever = forbid.timing.is_none() || forbid.timing == narrow.timing;
    // A forbid on resources does not concern a call that names none.
    whenever
        && (forbid.resources.is_none() || permit.mentions_resource())
        && [
            (&forbid.roles, &narrow.roles),
            (&forbid.principals, &narrow.principals),
            (&forbid.actors, &narrow.actors),
            (&forbid.tools, &narrow.tools),
            (&forbid.tenants, &narrow.tenants),
            (&forbid.environments, &narrow.environments),
            (&forbid.resources, &narrow.resources),
        ]
        .into_iter()
        .all(|(wide, narrow)| covers(wide.as_deref(), narrow.as_deref()))
}

/// Whether whatever meets `narrow` surely meets `wide`.
fn covers(wide: Option<&[NamePattern]>, narrow: Option<&[NamePattern]>) -> bool {
    let Some(wide) = wide else { return true };
    narrow.is_some_and(|narrow| {
        narrow.iter().all(|one| {
            let inside = |wide: &NamePattern| match one.exact() {
                Some(name) => wide.matches(name),
                None => wide == one || wide.as_str() == "*",
            };
            wide.iter().any(inside)
        })
    })
}

/// A permit for a privileged tool that looks at neither arguments nor resource.
pub(super) fn unconditional(view: &View<'_>) {
    for permit in permits(view) {
        let statement = view.rule(permit);
        let looks = walk::reads(&permit.when, FactRoot::Arguments)
            || walk::reads(&permit.when, FactRoot::Resource);
        if looks {
            continue;
        }
        let tools = view.tools_of(statement);
        let privileged = tools
            .iter()
            .find(|(_, tool)| tool.tier == RiskTier::Privileged && !tool.arguments.is_empty());
        if let Some((name, _)) = privileged {
            let message = format!(
                "`{}` permits the privileged tool `{name}` whatever it acts on",
                permit.id
            );
            let help = "say in `when` which arguments or resources are meant";
            view.warn(
                Code::UnconditionalPermit,
                statement.key("id"),
                message,
                help,
            );
        }
    }
}

/// A permit for `*`, and a role that crosses into all tenants.
pub(super) fn wide_names(view: &View<'_>) {
    for permit in permits(view) {
        let all = |patterns: &Option<Vec<NamePattern>>| {
            let patterns = patterns.iter().flatten();
            patterns.into_iter().any(|pattern| pattern.as_str() == "*")
        };
        let selector = &permit.selector;
        let tools = all(&selector.tools).then_some(("tools", "every tool, later ones too"));
        let principals = all(&selector.principals).then_some(("principals", "everybody"));
        for (key, whom) in tools.into_iter().chain(principals) {
            let message = format!("`*` in `{key}` of a permit is {whom}");
            let help = "name those that are meant";
            view.warn(Code::WideName, view.rule(permit).key(key), message, help);
        }
    }
    for (name, role) in &view.document.roles {
        if role.crosses.iter().any(|tenant| tenant.as_str() == "*") {
            let message = format!("role `{name}` crosses into every tenant, later ones too");
            let help = "name the tenants that are meant";
            let place = view.key(&["roles", name, "crosses"]);
            view.warn(Code::WideName, place, message, help);
        }
    }
}

/// A permit that waives friction which none of its calls meets.
pub(super) fn idle_accepts_tier(view: &View<'_>) {
    for permit in permits(view) {
        let Some(accepted) = permit.accepts_tier else {
            continue;
        };
        let statement = view.rule(permit);
        let tools = view.tools_of(statement);
        let lowest = tools.iter().map(|(_, tool)| tool.tier).min();
        let demanding = view.demanding_tiers();
        let waives = demanding
            .iter()
            .any(|tier| *tier <= accepted && lowest.is_some_and(|lowest| *tier >= lowest));
        if !waives && lowest.is_some() {
            let message = format!(
                "`{}` accepts tier `{accepted}`, up to which its calls demand nothing",
                permit.id
            );
            let help = "leave `accepts_tier` out, or state `[friction]` of that tier";
            let span = statement.key("accepts_tier");
            view.warn(Code::IdleAcceptsTier, span, message, help);
        }
    }
}

/// A permit about actors, for a tool that states no scope: no actor holds one.
pub(super) fn actor_without_scope(view: &View<'_>) {
    for permit in permits(view) {
        if permit.selector.actors.is_none() {
            continue;
        }
        let statement = view.rule(permit);
        let tools = view.tools_of(statement);
        let stated = |tool: &ScopeDemand| *tool != ScopeDemand::Unstated;
        if let Some((name, _)) = tools.first()
            && !tools.iter().any(|(_, tool)| stated(&tool.scope))
        {
            let message = format!(
                "`{}` never matches: actors cannot call `{name}`, which states no scope",
                permit.id
            );
            let help = "write `scope` in the entry of the tool, or `scope = \"none\"`";
            view.warn(
                Code::ActorWithoutScope,
                statement.key("actors"),
                message,
                help,
            );
        }
    }
}

fn permits<'a>(view: &View<'a>) -> impl Iterator<Item = &'a Rule> + use<'a> {
    let rules = view.document.rules.iter();
    rules.filter(|rule| rule.effect == Effect::Permit)
}
