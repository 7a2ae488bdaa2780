//! Matchers.

use callgate_types::Decimal;

use super::fact::Place;
use super::fields::{Fields, array, boolean, count, shown, text, wrong_type};
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
    "present",
];

const BOUNDS: &[&str] = &["above", "at_least", "below", "at_most"];
const DECIMAL: &[&str] = &["above", "at_least", "below", "at_most", "scale"];

/// Says nothing: stands where a faulty matcher was reported.
pub(super) const NOTHING: Matcher = Matcher::All(Vec::new());

/// Reads a table of matchers; a tool may put `optional` beside them.
pub(super) fn matcher(node: &Node<'_>, place: &Place<'_>) -> Matcher {
    let known: Vec<&str> = MATCHERS
        .iter()
        .copied()
        .filter(|word| !place.in_tool || *word != "present")
        .chain(place.in_tool.then_some("optional"))
        .collect();
    if place.in_tool {
        if let Some(fields) = Fields::open(node, "a matcher", place.faults) {
            fields.refuse("present", "stands in a `when`: a tool says `optional`");
        }
    }
    nested(node, &known, place, 1)
}

fn nested(node: &Node<'_>, known: &[&str], place: &Place<'_>, depth: u32) -> Matcher {
    let faults = place.faults;
    if depth > MAX_DEPTH {
        let message = format!("matchers are nested deeper than {MAX_DEPTH}");
        faults.add(Code::TooDeep, node.span, message);
        return NOTHING;
    }
    let Some(fields) = Fields::of(node, "a matcher", known, faults) else {
        return NOTHING;
    };
    let mut all: Vec<Matcher> = Vec::new();
    let mut said = false;
    for entry in fields.entries() {
        said |= entry.key != "optional";
        all.extend(one(entry, place, depth));
    }
    if !said {
        let help = format!("write one of {}", list(known));
        faults.add_with_help(Code::EmptyCondition, node.span, "expected a matcher", help);
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
                        Some(help) => {
                            faults.add_with_help(Code::BadPattern, node.span, message, help)
                        }
                        None => faults.add(Code::BadPattern, node.span, message),
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
        "present" if !place.in_tool => Matcher::Present(boolean(node, faults)?),
        _ => return None,
    })
}

fn of_array(node: &Node<'_>, place: &Place<'_>, depth: u32) -> Option<Matcher> {
    const KEYS: &[&str] = &["min_items", "max_items", "each", "some"];
    let fields = Fields::of(node, "`array`", KEYS, place.faults)?;
    // An item is always there, and never optional.
    let known: Vec<&str> = MATCHERS
        .iter()
        .copied()
        .filter(|word| *word != "present")
        .collect();
    let item = |key: &str| {
        let node = fields.get(key)?;
        if let Some(entry) = Fields::open(node, "a matcher", place.faults)?.entry("present") {
            let message = "`present` says nothing of an item, which is always there";
            place
                .faults
                .add(Code::MisplacedKey, entry.key_span, message);
        }
        Some(Box::new(nested(
            node,
            &known,
            place,
            depth.saturating_add(1),
        )))
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
    if let (Some(low), Some(high)) = (low, high) {
        if low > high || (strict && low == high) {
            let message = "no number lies between these bounds";
            place.faults.add(Code::BadRange, fields.span(), message);
        }
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

fn list(words: &[&str]) -> String {
    let words: Vec<String> = words
        .iter()
        .filter(|word| **word != "optional")
        .map(|word| format!("`{word}`"))
        .collect();
    words.join(", ")
}
