//! Standing approvals that reach too far, or nowhere.

use callgate_types::{Friction, RiskTier};

use super::view::View;
use crate::DiagnosticCode as Code;

/// A standing approval that is possible where a call does most harm.
pub(super) fn privileged(view: &View<'_>) {
    let highest = RiskTier::Privileged;
    let [.., of_highest] = &view.document.friction;
    if of_highest.standing.is_some() {
        let path = ["friction", highest.as_str(), "approval", "standing"];
        let message = "a standing approval answers for every privileged call".to_owned();
        view.warn(Code::PrivilegedStanding, view.key(&path), message, HELP);
    }
    for rule in &view.document.rules {
        if rule.friction.standing.is_none() {
            continue;
        }
        let statement = view.rule(rule);
        let tools = view.tools_of(statement);
        let grave = tools.iter().find(|(_, tool)| tool.tier == highest);
        if let Some((name, _)) = grave {
            let message = format!(
                "`{}` lets a standing approval answer for the privileged tool `{name}`",
                rule.id
            );
            let span = statement.key("approval");
            view.warn(Code::PrivilegedStanding, span, message, HELP);
        }
    }
}

const HELP: &str = "let each such call be approved by itself";

/// One beside which each call demands what no standing approval answers.
pub(super) fn idle(view: &View<'_>) {
    let asked_each_time =
        |friction: &Friction| friction.standing.is_some() && (friction.confirm || friction.preview);
    let message = |what: &str| {
        format!("{what} demands something of each call that no standing approval answers")
    };
    let help = "leave `standing` out, or `confirm` and `preview`";
    for rule in view
        .document
        .rules
        .iter()
        .filter(|rule| asked_each_time(&rule.friction))
    {
        let span = view.rule(rule).key("approval");
        view.warn(
            Code::IdleStanding,
            span,
            message(&format!("`{}`", rule.id)),
            help,
        );
    }
    for (tier, friction) in RiskTier::ALL.into_iter().zip(&view.document.friction) {
        if asked_each_time(friction) {
            let path = ["friction", tier.as_str(), "approval", "standing"];
            let what = format!("tier `{tier}`");
            view.warn(Code::IdleStanding, view.key(&path), message(&what), help);
        }
    }
}
