//! Matchers.

use callgate_types::Decimal;

use super::fact::Place;
use super::fields::{Fields, array, boolean, count, shown, text, wrong_type};
use super::shell::shell;
use super::node::{Entry, Node, Value};
use crate::DiagnosticCode as Code;
use crate::document::{Bounds, Matcher, Operand, Pattern, Scalar, Span64};

/// The deepest nesting of matchers.
const MAX_DEPTH: u32 = 32;
/// The most decimal places that `scale` can ask for, as an exponent has at most so many.
const MAX_SCALE: u64 = 400;

/// All matchers.
pub(super) const MATCHERS: &[&str] = &[
    "equals", "one_of", "matches", "text", "integer", "decimal", "boolean", "length", "array",
    "shell", "present",
];
/// What stands beside matchers in the arguments of a tool.
const OPTIONAL: &str = "optional";
const IN_TOOL: &[&str] = &[
    "equals", "one_of", "matches", "text", "integer", "decimal", "boolean", "length", "array",
    "shell", "present", OPTIONAL,
];

const BOUNDS: &[&str] = &["above", "at_least", "below", "at_most"];
const DECIMAL: &[&str] = &["above", "at_least", "below", "at_most", "scale"];

/// Says nothing: stands where a faulty matcher was reported.
pub(super) const NOTHING: Matcher = Matcher::All(Vec::new());

/// Reads a table of matchers: every one of them must hold.
pub(super) fn matcher(node: &Node<'_>, place: &Place<'_>) -> Matcher {
    nested(node, place, 1)
}

/// Reads `optional` in a table of matchers.
pub(super) fn optional(node: &Node<'_>, place: &Place<'_>) -> bool {
    let entry = node.member(OPTIONAL);
    entry
        .and_then(|entry| boolean(&entry.node, place.faults))
        .unwrap_or(false)
}

fn nested(node: &Node<'_>, place: &Place<'_>, depth: u32) -> Matcher {
    let faults = place.faults;
    if depth > MAX_DEPTH {
        let message = format!("matchers are nested deeper than {MAX_DEPTH}");
        faults.add(Code::TooDeep, node.span, message);
        return NOTHING;
    }
    let known = if place.in_tool && depth == 1 {
        IN_TOOL
    } else {
        MATCHERS
    };
    let Some(fields) = Fields::of(node, "a matcher", known, faults) else {
        return NOTHING;
    };
    if fields.entries().iter().all(|entry| entry.key == OPTIONAL) {
        let help = format!("write one of {}", list(place.in_tool));
        faults.add_with_help(Code::EmptyCondition, node.span, "expected a matcher", help);
    }
    let mut all: Vec<Matcher> = Vec::new();
    for entry in fields.entries() {
        all.extend(one(entry, place, depth));
    }
    match all.pop() {
        Some(only) if all.is_empty() => only,
        last => {
            all.extend(last);
            Matcher::All(all)
        }
    }
}

/// One matcher; `None` where it is faulty, or no matcher.
fn one(entry: &Entry<'_>, place: &Place<'_>, depth: u32) -> Option<Matcher> {
    let node = &entry.node;
    let faults = place.faults;
    Some(match entry.key {
        "equals" => Matcher::Equals(operand(node, place)?),
        "one_of" => {
            let items = array(node, "values", faults)?;
            if items.is_empty() {
                faults.add(
                    Code::EmptyList,
                    node.span,
                    "`one_of` is empty: nothing matches",
                );
            }
            Matcher::OneOf(
                items
                    .iter()
                    .filter_map(|item| scalar(item, "a value", place))
                    .collect(),
            )
        }
        "matches" => {
            let source = text(node, "a regular expression", faults)?;
            match Pattern::new(source) {
                Ok(pattern) => Matcher::Matches(pattern),
                Err(error) => {
                    let message = error.to_string();
                    match error.help() {
                        None => faults.add(Code::BadPattern, node.span, message),
                        Some(help) => {
                            faults.add_with_help(Code::BadPattern, node.span, message, help);
                        }
                    }
                    return None;
                }
            }
        }
        "text" => Matcher::Text {
            chars: span(node, "`text`", ["min_chars", "max_chars"], place)?,
        },
        "length" => Matcher::Length(span(node, "`length`", ["min", "max"], place)?),
        "integer" => {
            let fields = Fields::of(node, "`integer`", BOUNDS, faults)?;
            Matcher::Integer(bounds(&fields, true, place))
        }
        "decimal" => {
            let fields = Fields::of(node, "`decimal`", DECIMAL, faults)?;
            let scale = fields
                .get("scale")
                .and_then(|node| count(node, 0, MAX_SCALE, faults));
            Matcher::Decimal {
                bounds: bounds(&fields, false, place),
                scale: scale.and_then(|scale| u32::try_from(scale).ok()),
            }
        }
        "boolean" => {
            Fields::of(node, "`boolean`", &[], faults)?;
            Matcher::Boolean
        }
        "array" => of_array(node, place, depth)?,
        "shell" => Matcher::Shell(Box::new(shell(node, faults)?)),
        "present" => {
            let refuse = |message| faults.add(Code::MisplacedKey, entry.key_span, message);
            if depth > 1 {
                refuse("`present` says nothing of an item, which is always there");
            } else if place.in_tool {
                refuse("`present` stands in a `when`: an argument is `optional` or needed");
            }
            Matcher::Present(boolean(node, faults)?)
        }
        // `optional`, or a key that has been refused.
        _ => return None,
    })
}

fn of_array(node: &Node<'_>, place: &Place<'_>, depth: u32) -> Option<Matcher> {
    const KEYS: &[&str] = &["min_items", "max_items", "each", "some"];
    let fields = Fields::of(node, "`array`", KEYS, place.faults)?;
    let below = depth.saturating_add(1);
    let item = |key| {
        fields
            .get(key)
            .map(|node| Box::new(nested(node, place, below)))
    };
    Some(Matcher::Array {
        each: item("each"),
        some: item("some"),
        items: within(&fields, ["min_items", "max_items"], place),
    })
}

fn operand(node: &Node<'_>, place: &Place<'_>) -> Option<Operand> {
    if !matches!(node.value, Value::Table(_)) {
        let expected = "a value or `{ fact = \"…\" }`";
        return scalar(node, expected, place).map(Operand::Literal);
    }
    let fields = Fields::of(node, "`equals`", &["fact"], place.faults)?;
    let node = fields.need("fact")?;
    let fact = text(node, "the place of a value", place.faults)?;
    place.fact(fact, node.span).map(Operand::Fact)
}

fn scalar(node: &Node<'_>, expected: &str, place: &Place<'_>) -> Option<Scalar> {
    match node.value {
        Value::Text(text) => Some(Scalar::Text(text.into())),
        Value::Integer(integer) => Some(Scalar::Number(integer.into())),
        Value::Boolean(value) => Some(Scalar::Boolean(value)),
        _ => {
            wrong_type(node, expected, place.faults);
            None
        }
    }
}

fn span(node: &Node<'_>, what: &str, keys: [&str; 2], place: &Place<'_>) -> Option<Span64> {
    let fields = Fields::of(node, what, &keys, place.faults)?;
    Some(within(&fields, keys, place))
}

fn within(fields: &Fields<'_, '_>, [min, max]: [&str; 2], place: &Place<'_>) -> Span64 {
    let read = |key| {
        fields
            .get(key)
            .and_then(|node| count(node, 0, u64::MAX, place.faults))
    };
    let span = Span64 {
        min: read(min).unwrap_or(Span64::ANY.min),
        max: read(max).unwrap_or(Span64::ANY.max),
    };
    if span.min > span.max {
        let message = format!("`{min}` is greater than `{max}`: nothing matches");
        place.faults.add(Code::BadRange, fields.span(), message);
    }
    span
}

fn bounds(fields: &Fields<'_, '_>, whole: bool, place: &Place<'_>) -> Bounds {
    let read = |key| fields.get(key).and_then(|node| decimal(node, whole, place));
    let bounds = Bounds {
        above: read("above"),
        at_least: read("at_least"),
        below: read("below"),
        at_most: read("at_most"),
    };
    for [one, other] in [["above", "at_least"], ["below", "at_most"]] {
        if fields.get(one).is_some() {
            fields.refuse(other, &format!("stands beside `{one}`: write one of them"));
        }
    }
    let low = bounds.above.as_ref().or(bounds.at_least.as_ref());
    let high = bounds.below.as_ref().or(bounds.at_most.as_ref());
    let strict = bounds.above.is_some() || bounds.below.is_some();
    if let (Some(low), Some(high)) = (low, high)
        && (low > high || (strict && low == high))
    {
        let message = "no number lies between these bounds";
        place.faults.add(Code::BadRange, fields.span(), message);
    }
    bounds
}

fn decimal(node: &Node<'_>, whole: bool, place: &Place<'_>) -> Option<Decimal> {
    let faults = place.faults;
    let decimal = match node.value {
        Value::Integer(integer) => Decimal::from(integer),
        Value::Text(text) => match Decimal::parse(text) {
            Ok(decimal) => decimal,
            Err(error) => {
                let message = format!("{error}, found `{}`", shown(text));
                faults.add(Code::BadNumber, node.span, message);
                return None;
            }
        },
        _ => {
            wrong_type(node, "a number, as an integer or as text", faults);
            return None;
        }
    };
    if whole && !decimal.as_number().has_scale(0) {
        let message = "expected a whole number in `integer`";
        faults.add_with_help(
            Code::BadNumber,
            node.span,
            message,
            "write `decimal` for others",
        );
        return None;
    }
    Some(decimal)
}

/// The matchers that can stand here, as messages list them.
fn list(in_tool: bool) -> String {
    let words = MATCHERS
        .iter()
        .filter(|word| !in_tool || **word != "present");
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
