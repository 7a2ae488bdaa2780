//! Matchers.

use callgate_types::Decimal;

use super::closed::closed;
use super::email::email;
use super::fact::Place;
use super::faults::Faults;
use super::fields::{Fields, array, boolean, count, shown, text, wrong_type};
use super::node::{Entry, Node, Value};
use super::path::path;
use super::schema::schema;
use super::shared::regular_expression;
use super::shell::shell;
use super::sql::sql;
use super::url::url;
use crate::DiagnosticCode as Code;
use crate::document::{Bounds, Matcher, Operand, Scalar, Span64};

/// The deepest nesting of matchers.
const MAX_DEPTH: u32 = 32;
/// The most decimal places that `scale` can ask for, as an exponent has at most so many.
const MAX_SCALE: u64 = 400;

/// All matchers.
pub(super) const MATCHERS: &[&str] = &[
    "equals", "one_of", "matches", "text", "integer", "decimal", "boolean", "length", "array",
    "path", "url", "email", "sql", "schema", "shell", "present", "any", "all", NULLABLE, OPEN,
];
/// What stands beside matchers in the arguments of a tool.
const OPTIONAL: &str = "optional";
const IN_TOOL: &[&str] = &[
    "equals", "one_of", "matches", "text", "integer", "decimal", "boolean", "length", "array",
    "path", "url", "email", "sql", "schema", "shell", "present", "any", "all", NULLABLE, OPEN,
    OPTIONAL,
];
/// What stands beside matchers: `null` passes, too.
const NULLABLE: &str = "nullable";
/// What stands alone: anything passes.
const OPEN: &str = "open";

const BOUNDS: &[&str] = &["above", "at_least", "below", "at_most"];
const DECIMAL: &[&str] = &["above", "at_least", "below", "at_most", "scale"];

/// Says nothing: stands where a faulty matcher was reported.
pub(super) const NOTHING: Matcher = Matcher::All(Vec::new());

/// Where a table of matchers stands.
#[derive(Clone, Copy)]
struct At {
    /// So many tables of matchers are around, this one included.
    depth: u32,
    /// It says what may stand at a pointer, so that `optional` and `open` have a meaning.
    declared: bool,
    /// It is about what is in an array or object, which is always there.
    inner: bool,
}

impl At {
    const fn below(self) -> Self {
        Self {
            depth: self.depth.saturating_add(1),
            declared: false,
            ..self
        }
    }
}

/// Reads a table of matchers: every one of them must hold.
pub(super) fn matcher(node: &Node<'_>, place: &Place<'_>) -> Matcher {
    let at = At {
        depth: 1,
        declared: false,
        inner: false,
    };
    nested(node, place, at)
}

/// Reads the table of matchers at a pointer; it is the one at `depth`.
pub(super) fn declared(node: &Node<'_>, place: &Place<'_>, depth: u32) -> Matcher {
    let at = At {
        depth,
        declared: true,
        inner: depth > 1,
    };
    nested(node, place, at)
}

/// Reads `optional` in a table of matchers.
pub(super) fn optional(node: &Node<'_>, place: &Place<'_>) -> bool {
    flag(node, OPTIONAL, place)
}

fn flag(node: &Node<'_>, key: &str, place: &Place<'_>) -> bool {
    let entry = node.member(key);
    entry
        .and_then(|entry| boolean(&entry.node, place.faults))
        .unwrap_or(false)
}

fn nested(node: &Node<'_>, place: &Place<'_>, at: At) -> Matcher {
    let faults = place.faults;
    if at.depth > MAX_DEPTH {
        let message = format!("matchers are nested deeper than {MAX_DEPTH}");
        faults.add(Code::TooDeep, node.span, message);
        return NOTHING;
    }
    let known = if at.declared { IN_TOOL } else { MATCHERS };
    let is_member = |key: &str| key.is_empty() || key.starts_with('/');
    let Some(fields) = Fields::of_or(node, "a matcher", known, is_member, faults) else {
        return NOTHING;
    };
    let is_flag = |key: &str| matches!(key, OPTIONAL | NULLABLE);
    if fields.entries().iter().all(|entry| is_flag(entry.key)) {
        let help = format!("write one of {}", list(place.in_tool));
        faults.add_with_help(Code::EmptyCondition, node.span, "expected a matcher", help);
    }
    if let Some(entry) = fields.entry(OPEN) {
        return open(entry, &fields, place, at);
    }
    let mut all: Vec<Matcher> = Vec::new();
    for entry in fields
        .entries()
        .iter()
        .filter(|entry| !is_member(entry.key))
    {
        all.extend(one(entry, place, at));
    }
    let members = fields.entries().iter().filter(|entry| is_member(entry.key));
    if members.clone().next().is_some() {
        all.push(Matcher::Object(closed(members, place, at.depth)));
    }
    let matcher = match all.pop() {
        Some(only) if all.is_empty() => only,
        last => {
            all.extend(last);
            Matcher::All(all)
        }
    };
    if flag(node, NULLABLE, place) {
        Matcher::Nullable(Box::new(matcher))
    } else {
        matcher
    }
}

/// `open`: stands alone, and where arguments are declared.
fn open(entry: &Entry<'_>, fields: &Fields<'_, '_>, place: &Place<'_>, at: At) -> Matcher {
    let faults = place.faults;
    if !at.declared {
        let message = "`open` stands where an argument is declared";
        faults.add(Code::MisplacedKey, entry.key_span, message);
    }
    if boolean(&entry.node, faults) == Some(false) {
        let help = "leave it out: nothing is open unless it says so";
        let message = "expected `open = true`";
        faults.add_with_help(Code::UnknownWord, entry.node.span, message, help);
    }
    for other in fields.entries() {
        if !matches!(other.key, OPEN | OPTIONAL) {
            fields.refuse(other.key, "stands beside `open`, which anything passes");
        }
    }
    Matcher::Open
}

/// One matcher; `None` where it is faulty, or no matcher.
fn one(entry: &Entry<'_>, place: &Place<'_>, at: At) -> Option<Matcher> {
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
            let mut scalars = Vec::with_capacity(items.len());
            scalars.extend(
                items
                    .iter()
                    .filter_map(|item| scalar(item, "a value", place)),
            );
            Matcher::OneOf(scalars)
        }
        "matches" => Matcher::Matches(regular_expression(node, faults)?),
        "text" => Matcher::Text {
            chars: span(node, "`text`", ["min_chars", "max_chars"], place)?,
        },
        "length" => Matcher::Length(span(node, "`length`", ["min", "max"], place)?),
        "integer" => {
            let fields = Fields::of(node, "`integer`", BOUNDS, faults)?;
            Matcher::Integer(Box::new(bounds(&fields, true, place)))
        }
        "decimal" => {
            let fields = Fields::of(node, "`decimal`", DECIMAL, faults)?;
            let scale = fields
                .get("scale")
                .and_then(|node| count(node, 0, MAX_SCALE, faults));
            Matcher::Decimal {
                bounds: Box::new(bounds(&fields, false, place)),
                scale: scale.and_then(|scale| u32::try_from(scale).ok()),
            }
        }
        "boolean" => {
            Fields::of(node, "`boolean`", &[], faults)?;
            Matcher::Boolean
        }
        "array" => of_array(node, place, at)?,
        "path" => Matcher::Path(Box::new(path(node, place)?)),
        "url" => url(node, entry.key_span, faults)?,
        "sql" => sql(node, entry.key_span, place)?,
        "schema" => schema(node, entry.key_span, faults)?,
        "email" => Matcher::Email(Box::new(email(node, faults)?)),
        "any" => Matcher::Any(several(entry, place, at)?),
        "all" => Matcher::All(several(entry, place, at)?),
        "shell" => shell(node, faults)?,
        "present" => {
            let refuse = |message| faults.add(Code::MisplacedKey, entry.key_span, message);
            if at.inner {
                refuse("`present` says nothing of an item, which is always there");
            } else if place.in_tool {
                refuse("`present` stands in a `when`: an argument is `optional` or needed");
            }
            Matcher::Present(boolean(node, faults)?)
        }
        // `optional`, `nullable`, or a key that has been refused.
        _ => return None,
    })
}

/// An array of tables of matchers.
fn several(entry: &Entry<'_>, place: &Place<'_>, at: At) -> Option<Vec<Matcher>> {
    let items = array(&entry.node, "matchers", place.faults)?;
    if items.is_empty() {
        let message = format!("`{}` is empty", entry.key);
        let (code, span) = (Code::EmptyCondition, entry.node.span);
        place.faults.add(code, span, message);
    }
    let items = items.iter();
    Some(items.map(|item| nested(item, place, at.below())).collect())
}

fn of_array(node: &Node<'_>, place: &Place<'_>, at: At) -> Option<Matcher> {
    const KEYS: &[&str] = &["min_items", "max_items", "each", "some"];
    let fields = Fields::of(node, "`array`", KEYS, place.faults)?;
    let below = At {
        inner: true,
        ..at.below()
    };
    let item = |key| {
        fields
            .get(key)
            .map(|node| Box::new(nested(node, place, below)))
    };
    Some(Matcher::Array {
        each: item("each"),
        some: item("some"),
        items: within(&fields, ["min_items", "max_items"], place.faults),
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
    Some(within(&fields, keys, place.faults))
}

/// Reads bounds of a count; neither has to be there.
pub(super) fn within(
    fields: &Fields<'_, '_>,
    [min, max]: [&str; 2],
    faults: &Faults<'_>,
) -> Span64 {
    let read = |key| {
        fields
            .get(key)
            .and_then(|node| count(node, 0, u64::MAX, faults))
    };
    let span = Span64 {
        min: read(min).unwrap_or(Span64::ANY.min),
        max: read(max).unwrap_or(Span64::ANY.max),
    };
    if span.min > span.max {
        let message = format!("`{min}` is greater than `{max}`: nothing matches");
        faults.add(Code::BadRange, fields.span(), message);
    }
    span
}

fn bounds(fields: &Fields<'_, '_>, whole: bool, place: &Place<'_>) -> Bounds {
    let read = |key| {
        fields
            .get(key)
            .and_then(|node| decimal(node, whole, place.faults))
    };
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

/// Reads an exact number, which is `whole` where that is asked.
pub(super) fn decimal(node: &Node<'_>, whole: bool, faults: &Faults<'_>) -> Option<Decimal> {
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
        .filter(|word| **word != NULLABLE && (!in_tool || **word != "present"))
        .filter(|word| in_tool || **word != OPEN);
    let words: Vec<String> = words.map(|word| format!("`{word}`")).collect();
    words.join(", ")
}
