//! Friction that nobody meets, or nobody can satisfy.

use std::collections::BTreeSet;

use callgate_types::{Approver, ApproverGroup, RiskTier};

use super::view::View;
use crate::DiagnosticCode as Code;
use crate::document::{DryRun, NamePattern};

const TIERS: [RiskTier; 3] = [
    RiskTier::ReadOnly,
    RiskTier::BoundedWrite,
    RiskTier::Privileged,
];

impl View<'_> {
    /// The tiers that demand something.
    pub(super) fn demanding_tiers(&self) -> Vec<RiskTier> {
        let tiers = TIERS.into_iter().zip(&self.document.friction);
        tiers
            .filter(|(_, friction)| !friction.is_empty())
            .map(|(tier, _)| tier)
            .collect()
    }

    /// Whether calls of this tool can be tried out, or are themselves how others are.
    fn is_tried(&self, name: &str) -> bool {
        let tools = &self.document.tools;
        let tries = |dry: &DryRun| dry.tool.as_deref() == Some(name);
        let own = tools.get(name).and_then(|tool| tool.dry_run.as_ref());
        let mut all = tools.values().filter_map(|tool| tool.dry_run.as_ref());
        own.is_some() || all.any(tries)
    }

    /// Whether a call can be of `tier`.
    fn is_reached(&self, tier: RiskTier) -> bool {
        let tools = self.document.tools.values().any(|tool| tool.tier == tier);
        tools || self.document.raises.iter().any(|raise| raise.to == tier)
    }
}

/// Friction of a tier that no call has, and none of the highest tier.
pub(super) fn of_tiers(view: &View<'_>) {
    for (tier, friction) in TIERS.into_iter().zip(&view.document.friction) {
        let path = ["friction", tier.as_str()];
        if view.node(&path).is_none() {
            continue;
        }
        let span = view.key(&path);
        if !view.is_reached(tier) {
            let message = format!("no call is of tier `{tier}`");
            let help = "leave the table out, or state the tier of the tools that are meant";
            view.warn(Code::UnusedFriction, span, message, help);
        } else if tier == RiskTier::Privileged && friction.is_empty() {
            let message = "privileged calls demand nothing".to_owned();
            let help = "write what they demand: `confirm`, `preview` or `approval`";
            view.warn(Code::EmptyFriction, span, message, help);
        }
    }
}

/// A rule that asks people who cannot approve: nobody approves what they call themselves.
pub(super) fn impossible_approvals(view: &View<'_>) {
    for rule in &view.document.rules {
        let callers: Vec<&str> = exact(rule.selector.principals.as_deref());
        let lacking = rule
            .friction
            .approvals
            .iter()
            .any(|group| !can_be_met(group, &callers));
        if lacking {
            let message = format!(
                "`{}` asks for approvals that nobody can give: who calls does not approve",
                rule.id
            );
            let help = "name more people, or a role";
            let span = view.rule(rule).key("approval");
            view.warn(Code::ImpossibleApproval, span, message, help);
        }
    }
}

/// What demands a preview of calls that cannot be tried out: nobody can ever agree to them.
pub(super) fn previews_of_nothing(view: &View<'_>) {
    let document = view.document;
    let warn = |span, what: &str, tool: &str| {
        let message = format!("{what} a preview of tool `{tool}`, which has no `dry_run`");
        let help = "say in `dry_run` how its calls are tried out: until then none of them runs";
        view.warn(Code::PreviewOfNothing, span, message, help);
    };
    let rules = document
        .rules
        .iter()
        .map(|rule| (view.rule(rule), &rule.friction));
    let limits = document.limits.iter();
    let limits = limits.map(|limit| (view.limit(limit), &limit.friction));
    for (statement, friction) in rules.chain(limits) {
        let tools = view.tools_of(statement);
        let blind = tools.iter().find(|(name, _)| !view.is_tried(name));
        if let Some((name, _)) = blind.filter(|_| friction.preview) {
            warn(
                statement.key("preview"),
                &format!("`{}` demands", statement.id),
                name,
            );
        }
    }
    for (tier, friction) in TIERS.into_iter().zip(&document.friction) {
        let mut tools = document.tools.iter();
        let blind = tools.find(|(name, tool)| tool.tier == tier && !view.is_tried(name));
        if let Some((name, _)) = blind.filter(|_| friction.preview) {
            let span = view.key(&["friction", tier.as_str(), "preview"]);
            warn(span, &format!("tier `{tier}` demands"), name);
        }
    }
}

/// Whether there may be enough people when one of `callers` calls; if none is named, anybody may.
fn can_be_met(group: &ApproverGroup, callers: &[&str]) -> bool {
    let mut people = BTreeSet::new();
    let later = group.escalate.iter().flat_map(|rung| &rung.from);
    for one in group.from.iter().chain(later) {
        match one {
            Approver::Principal(id) => people.insert(id.as_str()),
            _ => return true,
        };
    }
    let left = people.len().saturating_sub(usize::from(
        !callers.is_empty() && callers.iter().all(|caller| people.contains(caller)),
    ));
    u32::try_from(left).is_ok_and(|left| left >= group.count)
}

/// The names in a selector, if it names all of them.
fn exact(patterns: Option<&[NamePattern]>) -> Vec<&str> {
    let names = patterns.unwrap_or_default().iter().map(NamePattern::exact);
    names.collect::<Option<_>>().unwrap_or_default()
}
