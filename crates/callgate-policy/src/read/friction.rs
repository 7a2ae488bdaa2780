//! What is demanded before a call may run.

use std::time::Duration;

use callgate_types::{
    Approver, ApproverGroup, Friction, Method, RiskTier, Rung, StandingBound, StepUp,
};

use super::faults::Faults;
use super::fields::{Fields, array, count, shown, text, word};
use super::known::Known;
use super::names::{duration, is_scope, principal};
use super::node::{Node, Span};
use crate::DiagnosticCode as Code;

/// The most approvals that one group can demand.
const MAX_COUNT: u64 = 1_000;
/// The most groups, and the most approvers in one.
const MAX_ITEMS: usize = 100;
/// The most rungs of a ladder.
const MAX_RUNGS: usize = 10;

const DAY: Duration = Duration::from_secs(24 * 3_600);

/// What is demanded, and where it is written: `confirm`, `preview`, `approval`.
pub(super) fn demanded(
    fields: &Fields<'_, '_>,
    known: &Known<'_>,
    faults: &Faults<'_>,
) -> Friction {
    let mut friction = Friction::NONE;
    friction.confirm = fields.flag("confirm");
    friction.preview = fields.flag("preview");
    if let Some(node) = fields.get("approval") {
        approval(node, &mut friction, known, faults);
    }
    friction
}

/// Reads `[friction]`: what each tier demands. `privileged` is where a call can first reach the
/// highest tier, which must be spoken of then.
pub(super) fn tiers(
    node: Option<&Node<'_>>,
    privileged: Option<Span>,
    known: &Known<'_>,
    faults: &Faults<'_>,
) -> [Friction; 3] {
    const TIER: &[&str] = &["confirm", "preview", "approval", "expires_in"];
    let names = RiskTier::ALL.map(RiskTier::as_str);
    let table = node.map(|node| Fields::of(node, "`friction`", &names, faults));
    if let Some(span) = privileged {
        let stated = match &table {
            Some(Some(table)) => table.get(RiskTier::Privileged.as_str()).is_some(),
            Some(None) => true,
            None => false,
        };
        if !stated {
            let message = "a call can be `privileged`, and nothing says what that demands";
            let help = "add `[friction.privileged]`, for example with `confirm = true`";
            faults.add_with_help(Code::MissingFriction, span, message, help);
        }
    }
    let table = table.flatten();
    names.map(|name| {
        let Some(node) = table.as_ref().and_then(|table| table.get(name)) else {
            return Friction::NONE;
        };
        let Some(fields) = Fields::of(node, "a tier's friction", TIER, faults) else {
            return Friction::NONE;
        };
        let mut friction = demanded(&fields, known, faults);
        let time = fields
            .get("expires_in")
            .and_then(|node| duration(node, faults));
        friction.expires_in = match (friction.expires_in, time) {
            (Some(one), Some(other)) => Some(one.min(other)),
            (one, other) => one.or(other),
        };
        friction
    })
}

fn approval(node: &Node<'_>, friction: &mut Friction, known: &Known<'_>, faults: &Faults<'_>) {
    const KEYS: &[&str] = &["all_of", "step_up", "standing", "expires_in"];
    let Some(fields) = Fields::of(node, "`approval`", KEYS, faults) else {
        return;
    };
    if let Some(node) = fields.need("all_of") {
        let groups = some_of(node, "`all_of`", "groups of approvers", faults).unwrap_or_default();
        friction.approvals = groups
            .iter()
            .filter_map(|node| group(node, known, faults))
            .collect();
    }
    friction.step_up = fields
        .get("step_up")
        .and_then(|node| step_up(node, faults))
        .map(Box::new);
    friction.standing = fields
        .get("standing")
        .and_then(|node| standing(node, faults))
        .map(Box::new);
    friction.expires_in = fields
        .get("expires_in")
        .and_then(|node| duration(node, faults));
}

/// How far a standing approval may go. Both bounds must be said.
fn standing(node: &Node<'_>, faults: &Faults<'_>) -> Option<StandingBound> {
    let fields = Fields::of(node, "`standing`", &["uses", "within"], faults)?;
    let uses = fields.need("uses");
    let uses = uses.and_then(|node| count(node, 1, StandingBound::MAX_USES, faults));
    let node = fields.need("within")?;
    let within = duration(node, faults)?;
    if within > StandingBound::MAX_TIME {
        let days = StandingBound::MAX_TIME.as_secs().div_euclid(DAY.as_secs());
        let message = format!("a standing approval holds for {days}d at most");
        faults.add(Code::BadDuration, node.span, message);
        return None;
    }
    Some(StandingBound::new(uses?, within))
}

/// How whoever answers must have proved who they are: at least one of the two must be said.
fn step_up(node: &Node<'_>, faults: &Faults<'_>) -> Option<StepUp> {
    let fields = Fields::of(node, "`step_up`", &["max_age", "methods"], faults)?;
    let mut step_up = StepUp::default();
    let (age, methods) = (fields.get("max_age"), fields.get("methods"));
    if age.is_none() && methods.is_none() {
        let help = "write `max_age`, `methods` or both";
        faults.add_with_help(Code::MissingKey, node.span, "`step_up` asks nothing", help);
        return None;
    }
    step_up.max_age = age.and_then(|node| duration(node, faults));
    if let Some(node) = methods {
        let known = Method::ALL.map(|method| (method.as_str(), method));
        let items = some_of(node, "`methods`", "methods", faults)?;
        let words = items.iter().filter_map(|item| word(item, &known, faults));
        step_up.methods = Some(words.collect());
    }
    Some(step_up)
}

/// Who else may approve, once it was asked a while ago: later with each rung.
fn ladder(node: &Node<'_>, known: &Known<'_>, faults: &Faults<'_>) -> Vec<Rung> {
    let items = some_of(node, "`escalate`", "rungs", faults).unwrap_or_default();
    if items.len() > MAX_RUNGS {
        let message = format!(
            "`escalate` has {} rungs, at most {MAX_RUNGS} are allowed",
            items.len()
        );
        faults.add(Code::TooMany, node.span, message);
    }
    let mut ladder: Vec<Rung> = Vec::with_capacity(items.len());
    for item in items {
        let Some(fields) = Fields::of(item, "a rung", &["after", "from"], faults) else {
            continue;
        };
        let after = fields.need("after").and_then(|node| duration(node, faults));
        let from = fields.need("from").and_then(|node| {
            let items = some_of(node, "`from`", "approvers", faults)?;
            Some(
                items
                    .iter()
                    .filter_map(|item| approver(item, known, faults))
                    .collect(),
            )
        });
        if let (Some(after), Some(from)) = (after, from) {
            if ladder.last().is_some_and(|last| last.after >= after) {
                let message =
                    "each rung of `escalate` must come later than the one before".to_owned();
                faults.add(Code::BadRange, item.span, message);
            }
            ladder.push(Rung::new(after, from));
        }
    }
    ladder
}

fn group(node: &Node<'_>, known: &Known<'_>, faults: &Faults<'_>) -> Option<ApproverGroup> {
    const KEYS: &[&str] = &["from", "count", "escalate"];
    let fields = Fields::of(node, "a group of approvers", KEYS, faults)?;
    let wanted = match fields.get("count") {
        Some(node) => count(node, 1, MAX_COUNT, faults),
        None => Some(1),
    };
    let items = some_of(fields.need("from")?, "`from`", "approvers", faults)?;
    let mut from: Vec<Approver> = Vec::with_capacity(items.len());
    let mut whole = true;
    for item in items {
        match approver(item, known, faults) {
            Some(approver) if !from.contains(&approver) => from.push(approver),
            Some(_) => {}
            None => whole = false,
        }
    }
    let wanted = wanted?;
    let people = from.iter().all(|one| matches!(one, Approver::Principal(_)));
    let enough = usize::try_from(wanted).is_ok_and(|wanted| wanted <= from.len());
    let escalate = fields
        .get("escalate")
        .map(|node| ladder(node, known, faults));
    // Who comes later may make it enough.
    if people && whole && !enough && escalate.is_none() {
        let message = format!(
            "{wanted} people must approve, and `from` names {}",
            from.len()
        );
        faults.add(Code::BadRange, node.span, message);
    }
    let mut group = ApproverGroup::new(from, u32::try_from(wanted).ok()?);
    group.escalate = escalate.unwrap_or_default();
    Some(group)
}

/// The items of an array of at least one and at most [`MAX_ITEMS`] `what`.
fn some_of<'n, 't>(
    node: &'n Node<'t>,
    key: &str,
    what: &str,
    faults: &Faults<'_>,
) -> Option<&'n [Node<'t>]> {
    let items = array(node, what, faults)?;
    if items.is_empty() {
        let help = format!("name {what}");
        faults.add_with_help(Code::EmptyList, node.span, format!("{key} is empty"), help);
        return None;
    }
    if items.len() > MAX_ITEMS {
        let message = format!(
            "{key} has {} {what}, at most {MAX_ITEMS} are allowed",
            items.len()
        );
        faults.add(Code::TooMany, node.span, message);
        return None;
    }
    Some(items)
}

fn approver(node: &Node<'_>, known: &Known<'_>, faults: &Faults<'_>) -> Option<Approver> {
    let text = text(node, "an approver", faults)?;
    match text.split_once(':') {
        Some(("role", role)) => {
            known.role(role, node.span, faults);
            Some(Approver::Role(role.into()))
        }
        Some(("scope", scope)) => {
            is_scope(scope, node.span, faults).then(|| Approver::Scope(scope.into()))
        }
        Some(("user", _)) => principal(text, node.span, faults).map(Approver::Principal),
        _ => {
            let message = format!("`{}` is no approver", shown(text));
            let help = "write `role:NAME`, `scope:NAME` or `user:ID`";
            faults.add_with_help(Code::BadPrincipal, node.span, message, help);
            None
        }
    }
}
