//! Friction that nobody meets, or nobody can satisfy.

use std::collections::BTreeSet;

use callgate_types::{Approver, ApproverGroup, RiskTier};

use super::view::View;
use crate::DiagnosticCode as Code;
use crate::document::NamePattern;

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
