//! The `when` of a statement.

use super::fact::Place;
use super::fields::{Fields, array, shown};
use super::matcher::{MATCHERS, matcher};
use super::nearest::nearest;
use super::node::{Entry, Node};
use super::statement::{RAISE, RULE};
use crate::DiagnosticCode as Code;
use crate::document::{Condition, FactRoot};

/// The deepest nesting of conditions.
const MAX_DEPTH: u32 = 32;

/// Reads a table of conditions: every one of its keys must hold.
pub(super) fn condition(node: &Node<'_>, place: &Place<'_>) -> Condition {
    nested(node, place, 1)
}

fn nested(node: &Node<'_>, place: &Place<'_>, depth: u32) -> Condition {
    let faults = place.faults;
    if depth > MAX_DEPTH {
        let message = format!("conditions are nested deeper than {MAX_DEPTH}");
        faults.add(Code::TooDeep, node.span, message);
        return Condition::ALWAYS;
    }
    let Some(fields) = Fields::open(node, "a condition", faults) else {
        return Condition::ALWAYS;
    };
    if fields.entries().is_empty() {
        let help = "say what must hold, or leave it out";
        faults.add_with_help(
            Code::EmptyCondition,
            node.span,
            "the condition is empty",
            help,
        );
    }
    let entries = fields.entries();
    let mut all: Vec<Condition> = Vec::with_capacity(entries.len());
    all.extend(entries.iter().filter_map(|entry| one(entry, place, depth)));
    match all.pop() {
        Some(only) if all.is_empty() => only,
        last => {
            all.extend(last);
            Condition::All(all)
        }
    }
}

fn one(entry: &Entry<'_>, place: &Place<'_>, depth: u32) -> Option<Condition> {
    let below = depth.saturating_add(1);
    let several = || {
        let items = array(&entry.node, "conditions", place.faults)?;
        if items.is_empty() {
            let message = format!("`{}` is empty", entry.key);
            place
                .faults
                .add(Code::EmptyCondition, entry.node.span, message);
        }
        Some(
            items
                .iter()
                .map(|item| nested(item, place, below))
                .collect(),
        )
    };
    Some(match entry.key {
        "all" => Condition::All(several()?),
        "any" => Condition::Any(several()?),
        "not" => Condition::Not(Box::new(nested(&entry.node, place, below))),
        key if key.contains('/') => {
            let fact = place.fact(key, entry.key_span);
            let matcher = matcher(&entry.node, place);
            Condition::Value(fact?, matcher)
        }
        _ => {
            unknown(entry, place);
            return None;
        }
    })
}

fn unknown(entry: &Entry<'_>, place: &Place<'_>) {
    let faults = place.faults;
    let (key, span) = (entry.key, entry.key_span);
    if FactRoot::ALL.iter().any(|root| root.as_str() == key) {
        // `arguments.amount` without quotes is a table in a table.
        place.fact(key, span);
    } else if RULE.contains(&key) || RAISE.contains(&key) {
        let message = format!("`{key}` stands in a condition");
        let help = "write it above `when`: what follows `[….when]` belongs to the condition";
        faults.add_with_help(Code::MisplacedKey, span, message, help);
    } else {
        let message = format!("unknown key `{}` in a condition", shown(key));
        let help = match nearest(key, ["all", "any", "not"]) {
            Some(near) => format!("did you mean `{near}`?"),
            None if MATCHERS.contains(&key) => {
                "name a value first, as in `\"arguments/amount\" = { … }`".to_owned()
            }
            None => {
                "write `all`, `any`, `not` or a value such as `\"arguments/amount\"`".to_owned()
            }
        };
        faults.add_with_help(Code::UnknownKey, span, message, help);
    }
}
