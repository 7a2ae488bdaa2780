//! Rules and raises.

use std::collections::HashMap;
use std::sync::Arc;

use callgate_types::{Friction, RiskTier};

use super::faults::Faults;
use super::fields::{Fields, array, shown, word};
use super::friction::demanded;
use super::known::Known;
use super::names::{name, sentence};
use super::node::{Node, Span, Value};
use super::statement::{RAISE, RULE, about, id};
use super::tools::TIERS;
use crate::DiagnosticCode as Code;
use crate::document::{
    Condition, Effect, Fact, FactRoot, Matcher, NamePattern, Operand, Pointer, Raise, Rule,
    Selector, by_condition,
};

/// The id of the rule that `isolation = "tenant"` stands for.
const ISOLATION: &str = "own-tenant-only";

const EFFECTS: &[(&str, Effect)] = &[
    (Effect::Permit.as_str(), Effect::Permit),
    (Effect::Ask.as_str(), Effect::Ask),
    (Effect::Forbid.as_str(), Effect::Forbid),
];

/// Reads `[[rules]]` and adds what `isolation` stands for. Ordered by id.
pub(super) fn rules(
    node: Option<&Node<'_>>,
    isolation: Option<&Node<'_>>,
    known: &Known<'_>,
    faults: &Faults<'_>,
) -> Vec<Rule> {
    let items = node.map_or(&[][..], |node| tables(node, "rules", faults));
    let mut ids = Ids::default();
    let mut rules: Vec<Rule> = Vec::with_capacity(items.len().saturating_add(1));
    if let Some(node) = isolation
        && word(node, &[("tenant", ())], faults).is_some()
    {
        ids.add(ISOLATION, node.span);
        rules.push(own_tenant_only(faults.place(node.span)));
    }
    rules.extend(
        items
            .iter()
            .filter_map(|item| rule(item, &mut ids, known, faults)),
    );
    rules.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    rules
}

/// Reads `[[raise]]`, ordered by id, and where one raises to the highest tier.
pub(super) fn raises(
    node: Option<&Node<'_>>,
    known: &Known<'_>,
    faults: &Faults<'_>,
) -> (Vec<Raise>, Option<Span>) {
    let mut ids = Ids::default();
    let mut highest = None;
    let items = node.map_or(&[][..], |node| tables(node, "raise", faults));
    let mut raises: Vec<Raise> = Vec::with_capacity(items.len());
    for item in items {
        let Some(fields) = Fields::of(item, "a raise", RAISE, faults) else {
            continue;
        };
        let (file, line) = faults.place(item.span);
        let id = id(&fields, faults).filter(|(id, span)| ids.is_new(id, *span, item.span, faults));
        let to = fields.need("to");
        let tier = to.and_then(|node| word(node, TIERS, faults));
        if let (Some(node), Some(RiskTier::Privileged)) = (to, tier) {
            highest = highest.or(Some(node.span));
        }
        let (selector, when) = about(&fields, known, faults);
        if let (Some((id, _)), Some(to)) = (id, tier) {
            raises.push(Raise {
                id,
                to,
                selector,
                when,
                file,
                line,
            });
        }
    }
    raises.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    (raises, highest)
}

/// The tables of an array of tables.
pub(super) fn tables<'n, 't>(
    node: &'n Node<'t>,
    name: &str,
    faults: &Faults<'_>,
) -> &'n [Node<'t>] {
    if matches!(node.value, Value::Table(_)) {
        let message = format!("expected an array of tables, found one table `{name}`");
        let help = format!("write `[[{name}]]`");
        faults.add_with_help(Code::WrongType, node.span, message, help);
        return &[];
    }
    array(node, "tables", faults).unwrap_or_default()
}

fn rule(node: &Node<'_>, ids: &mut Ids, known: &Known<'_>, faults: &Faults<'_>) -> Option<Rule> {
    let fields = Fields::of(node, "a rule", RULE, faults)?;
    let (file, line) = faults.place(node.span);
    let id = id(&fields, faults).filter(|(id, span)| ids.is_new(id, *span, node.span, faults));
    let effect = fields.need("effect").and_then(|node| effect(node, faults));
    let (selector, when) = about(&fields, known, faults);
    let reason = fields
        .get("reason")
        .and_then(|node| sentence(node, "the reason", faults));
    let mut obligations = fields.each("obligations", "obligations", |node| {
        name(node, "the name of an obligation", faults)
    });
    if effect != Some(Effect::Forbid) {
        by_condition(&when, &mut obligations);
    }
    let accepts = fields
        .get("accepts_tier")
        .and_then(|node| word(node, TIERS, faults));
    let friction = demanded(&fields, known, faults);
    fields.refuse("expires_in", "stands in `approval`");
    let rule = Rule {
        id: id?.0,
        effect: effect?,
        selector,
        when,
        reason,
        disclose: fields.flag("disclose"),
        friction,
        accepts_tier: accepts,
        obligations,
        observe: fields.flag("observe"),
        file,
        line,
    };
    Some(fit(rule, &fields, faults))
}

fn effect(node: &Node<'_>, faults: &Faults<'_>) -> Option<Effect> {
    // The words for decisions, and those of other languages.
    let meant = match node.value {
        Value::Text("allow" | "grant") => Effect::Permit,
        Value::Text("deny" | "block") => Effect::Forbid,
        _ => return word(node, EFFECTS, faults),
    };
    let message = "expected `permit`, `ask` or `forbid`";
    let help = format!("the word for it is `{}`", meant.as_str());
    faults.add_with_help(Code::UnknownWord, node.span, message, help);
    None
}

/// Refuses what has no meaning for a rule of this effect, and puts in what an `ask` demands
/// unless it says otherwise.
fn fit(mut rule: Rule, fields: &Fields<'_, '_>, faults: &Faults<'_>) -> Rule {
    if rule.effect != Effect::Ask {
        for key in ["confirm", "preview", "approval"] {
            fields.refuse(key, "stands in an `ask` only");
        }
        rule.friction = Friction::NONE;
    } else if fields.get("approval").is_none() {
        match fields.entry("confirm") {
            None => rule.friction.confirm = true,
            Some(entry) if rule.friction.is_empty() => {
                let message = "an `ask` that demands nothing";
                let help = "leave `confirm` out, or add `[rules.approval]`";
                faults.add_with_help(Code::MisplacedKey, entry.key_span, message, help);
            }
            Some(_) => {}
        }
    }
    if rule.effect != Effect::Permit {
        fields.refuse("accepts_tier", "stands in a `permit` only");
    }
    if rule.effect == Effect::Forbid {
        fields.refuse("obligations", "have no meaning in a `forbid`: no call runs");
    }
    rule
}

/// Forbids what acts on the resource of another tenant, or of an unknown one.
fn own_tenant_only((file, line): (Arc<str>, u32)) -> Rule {
    let tenant = |root| Fact {
        root,
        pointer: Pointer::to_member("tenant"),
    };
    let same = Matcher::Equals(Operand::Fact(tenant(FactRoot::Caller)));
    Rule {
        id: ISOLATION.into(),
        effect: Effect::Forbid,
        selector: Selector {
            resources: Some(vec![NamePattern::new("*")]),
            ..Selector::default()
        },
        when: Condition::Not(Box::new(Condition::Value(tenant(FactRoot::Resource), same))),
        reason: None,
        disclose: false,
        friction: Friction::NONE,
        accepts_tier: None,
        obligations: Vec::new(),
        observe: false,
        file,
        line,
    }
}

/// The ids read so far, and where they stand.
#[derive(Default)]
pub(super) struct Ids(HashMap<Box<str>, Span>);

impl Ids {
    fn add(&mut self, id: &str, span: Span) -> Option<Span> {
        let before = self.0.get(id).copied();
        if before.is_none() {
            self.0.insert(id.into(), span);
        }
        before
    }

    /// Takes note of the id at `span` of a `statement`; reports one that is taken.
    pub(super) fn is_new(
        &mut self,
        id: &str,
        span: Span,
        statement: Span,
        faults: &Faults<'_>,
    ) -> bool {
        let before = self.add(id, statement);
        if let Some(before) = before {
            let place = faults.seen_from(span, before);
            let message = format!("id `{}` is taken: see {place}", shown(id));
            faults.add(Code::DuplicateId, span, message);
        }
        before.is_none()
    }
}

/// Whether one of the rules, which are ordered by id, has this id.
pub(super) fn has_rule(rules: &[Rule], id: &str) -> bool {
    rules.binary_search_by(|rule| (*rule.id).cmp(id)).is_ok()
}
