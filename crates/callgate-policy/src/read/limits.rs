//! Limits: how often, and how much.

use callgate_types::{Amount, Friction};

use super::fact::Place;
use super::faults::Faults;
use super::fields::{Fields, count, shown, text, word};
use super::friction::demanded;
use super::known::Known;
use super::names::{duration, sentence};
use super::node::{Node, Span, Value};
use super::rules::{Ids, tables};
use super::statement::{LIMIT, about, id};
use crate::DiagnosticCode as Code;
use crate::document::{
    Fact, FactRoot, KeyPart, Limit, LimitWindow, Measure, OnExceed, Pointer, Selector,
};

/// The most limits of a policy.
const MAX_LIMITS: usize = 1_000;
/// The most parts of a key.
const MAX_PARTS: usize = 8;

const FORMS: &[(&str, bool)] = &[("fixed", false), ("sliding", true)];
const EXCEEDED: &[(&str, OnExceed)] = &[
    (OnExceed::Forbid.as_str(), OnExceed::Forbid),
    (OnExceed::Ask.as_str(), OnExceed::Ask),
];

/// Reads `[[limits]]`, ordered by id.
pub(super) fn limits(
    node: Option<&Node<'_>>,
    known: &Known<'_>,
    faults: &Faults<'_>,
) -> Vec<Limit> {
    let mut ids = Ids::default();
    let items = node.map_or(&[][..], |node| tables(node, "limits", faults));
    if let (Some(node), true) = (node, items.len() > MAX_LIMITS) {
        let message = format!("{} limits, at most {MAX_LIMITS} are allowed", items.len());
        faults.add(Code::TooMany, node.span, message);
    }
    let read = |item| limit(item, &mut ids, known, faults);
    let mut limits: Vec<Limit> = items.iter().filter_map(read).collect();
    limits.sort_unstable_by(|one, other| one.id.cmp(&other.id));
    limits
}

fn limit(node: &Node<'_>, ids: &mut Ids, known: &Known<'_>, faults: &Faults<'_>) -> Option<Limit> {
    let fields = Fields::of(node, "a limit", LIMIT, faults)?;
    let (file, line) = faults.place(node.span);
    let id = id(&fields, faults).filter(|(id, span)| ids.is_new(id, *span, node.span, faults));
    let (selector, when) = about(&fields, known, faults);
    let reason = fields.get("reason");
    let reason = reason.and_then(|node| sentence(node, "the reason", faults));
    let keys = Keys {
        selector: &selector,
        known,
        faults,
    };
    let measured = measure(&fields, &keys, faults);
    let mut per = per(&fields, &keys, faults);
    if let Some((
        Measure::Sum {
            unit: Some(unit), ..
        },
        _,
    )) = &measured
    {
        let unit = KeyPart::Value(unit.clone());
        if !per.contains(&unit) {
            per.push(unit);
        }
    }
    if per.len() > MAX_PARTS {
        let span = fields.get("per").map_or(node.span, |node| node.span);
        let message = format!(
            "the key has {} parts, at most {MAX_PARTS} are allowed",
            per.len()
        );
        faults.add(Code::TooMany, span, message);
    }
    let window = window(&fields, faults);
    let on_exceed = fields.get("on_exceed");
    let on_exceed = on_exceed.map_or(Some(OnExceed::Forbid), |node| word(node, EXCEEDED, faults));
    let friction = demanded(&fields, known, faults);
    if let Some(entry) = fields
        .entry("approval")
        .and_then(|entry| entry.node.member("standing"))
    {
        let message = "no standing approval lets a call past a limit";
        let help = "leave `standing` out: it stands in the `approval` of rules and tiers";
        faults.add_with_help(Code::MisplacedKey, entry.key_span, message, help);
    }
    let friction = fit(on_exceed?, friction, &fields, faults);
    let (measure, at_most) = measured?;
    Some(Limit {
        id: id?.0,
        selector,
        when,
        measure,
        at_most,
        per,
        window,
        on_exceed: on_exceed?,
        friction,
        reason,
        disclose: fields.flag("disclose"),
        file,
        line,
    })
}

/// What is demanded of a call that exceeds: confirmation, where nothing else is said.
fn fit(
    on_exceed: OnExceed,
    mut friction: Friction,
    fields: &Fields<'_, '_>,
    faults: &Faults<'_>,
) -> Friction {
    if on_exceed == OnExceed::Forbid {
        for key in ["confirm", "preview", "approval"] {
            fields.refuse(key, "stands beside `on_exceed = \"ask\"` only");
        }
        return Friction::NONE;
    }
    if fields.get("approval").is_none() {
        match fields.entry("confirm") {
            None => friction.confirm = true,
            Some(entry) if friction.is_empty() => {
                let message = "a limit that asks and demands nothing";
                let help = "leave `confirm` out, or add `[limits.approval]`";
                faults.add_with_help(Code::MisplacedKey, entry.key_span, message, help);
            }
            Some(_) => {}
        }
    }
    friction
}

/// Reads `count` or `sum`, of which one is needed.
fn measure(
    fields: &Fields<'_, '_>,
    keys: &Keys<'_>,
    faults: &Faults<'_>,
) -> Option<(Measure, Amount)> {
    if let Some(node) = fields.get("count") {
        fields.refuse("sum", "stands beside `count`: write two limits");
        let most = count(node, 0, u64::from(u32::MAX), faults)?;
        let most = u32::try_from(most).ok()?;
        return Some((Measure::Calls, Amount::whole(most)));
    }
    let Some(node) = fields.get("sum") else {
        let message = "a limit says neither `count` nor `sum`";
        let help =
            "write `count = 20`, or `sum = { of = \"arguments/amount\", at_most = \"500\" }`";
        faults.add_with_help(Code::MissingKey, fields.span(), message, help);
        return None;
    };
    let sum = Fields::of(node, "a sum", &["of", "at_most", "unit"], faults)?;
    let of = sum.need("of").and_then(|node| {
        let fact = keys.fact(text(node, "the place of an amount", faults)?, node.span)?;
        if !matches!(fact.root, FactRoot::Arguments | FactRoot::Context) {
            let message = format!("`{}` is no amount of a call", fact.root.as_str());
            let help = "name an argument, or a fact of the context";
            faults.add_with_help(Code::MisplacedKey, node.span, message, help);
            return None;
        }
        Some(fact)
    });
    let at_most = sum.need("at_most").and_then(|node| amount(node, faults));
    let unit = match sum.get("unit") {
        Some(node) => Some(keys.fact(text(node, "the place of a unit", faults)?, node.span)?),
        None => None,
    };
    Some((Measure::Sum { of: of?, unit }, at_most?))
}

fn amount(node: &Node<'_>, faults: &Faults<'_>) -> Option<Amount> {
    let written = match node.value {
        Value::Integer(integer) => integer.to_string(),
        _ => text(node, "an amount", faults)?.to_owned(),
    };
    let message = match written.parse::<Amount>() {
        Ok(amount) if !amount.is_negative() => return Some(amount),
        Ok(_) => format!(
            "expected an amount of at least 0, found `{}`",
            shown(&written)
        ),
        Err(error) => format!("`{}` is no amount: {error}", shown(&written)),
    };
    faults.add(Code::BadNumber, node.span, message);
    None
}

/// Reads `per`.
fn per(fields: &Fields<'_, '_>, keys: &Keys<'_>, faults: &Faults<'_>) -> Vec<KeyPart> {
    let items = fields
        .list("per", "what is counted apart")
        .unwrap_or_default();
    let mut per: Vec<KeyPart> = Vec::with_capacity(items.len());
    for item in items {
        let Some(written) = text(item, "a part of a key", faults) else {
            continue;
        };
        let parts = match written {
            "tool" => vec![Some(KeyPart::Tool)],
            "resource" => ["kind", "id"].map(|name| Some(of_resource(name))).into(),
            place => vec![keys.part(place, item.span)],
        };
        for part in parts.into_iter().flatten() {
            if !per.contains(&part) {
                per.push(part);
            }
        }
    }
    per
}

fn of_resource(name: &str) -> KeyPart {
    KeyPart::Value(Fact {
        root: FactRoot::Resource,
        pointer: Pointer::to_member(name),
    })
}

fn window(fields: &Fields<'_, '_>, faults: &Faults<'_>) -> Option<LimitWindow> {
    let slides = fields
        .get("form")
        .and_then(|node| word(node, FORMS, faults));
    let Some(node) = fields.get("window") else {
        fields.refuse("form", "stands beside `window` only");
        return None;
    };
    let length = duration(node, faults)?;
    Some(match slides {
        Some(true) => LimitWindow::Sliding(length),
        _ => LimitWindow::Fixed(length),
    })
}

/// Reads places of values, whose arguments must be declared.
struct Keys<'k> {
    selector: &'k Selector,
    known: &'k Known<'k>,
    faults: &'k Faults<'k>,
}

impl Keys<'_> {
    fn fact(&self, written: &str, span: Span) -> Option<Fact> {
        let place = Place::new(false, self.faults);
        let fact = place.fact(written, span)?;
        for (pointer, span) in place.arguments.into_inner() {
            self.known
                .argument(self.selector, &pointer, span, self.faults);
        }
        Some(fact)
    }

    /// A part of a key other than `tool` and `resource`.
    fn part(&self, written: &str, span: Span) -> Option<KeyPart> {
        // What people write first.
        let meant = match written {
            "tenant" | "subject" | "actor" => format!("caller/{written}"),
            "session" | "task" | "environment" => format!("context/{written}"),
            _ => return self.fact(written, span).map(KeyPart::Value),
        };
        let message = format!("`{written}` is no place of a value");
        let help = format!("write `{meant}`");
        self.faults
            .add_with_help(Code::UnknownFact, span, message, help);
        None
    }
}
