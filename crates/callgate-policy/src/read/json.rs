//! The tree of a policy that is written as JSON.

use callgate_types::{Json, JsonError, JsonKind, JsonRef, Number};

use super::MAX_BYTES;
use super::faults::Faults;
use super::fields::shown;
use super::node::{Entry, Node, Span, Value};
use crate::DiagnosticCode as Code;

/// Reads `text`, whose spans begin at `base`, strictly; reports what is wrong with it.
pub(super) fn parse(text: &str, base: usize, faults: &Faults<'_>) -> Option<Json> {
    match Json::parse_within(MAX_BYTES, text) {
        Ok(json) => Some(json),
        Err(refused) => {
            syntax(refused.error(), text, base, faults);
            None
        }
    }
}

/// Reports what the reader of JSON says.
fn syntax(error: &JsonError, text: &str, base: usize, faults: &Faults<'_>) {
    let at = error.position();
    let span = if text.get(at..).is_some_and(|rest| !rest.is_empty()) {
        Span::at(at)
    } else {
        Span { start: at, end: at }
    };
    let span = span.after(base);
    match error {
        JsonError::DuplicateKey { .. } => {
            // Escapes do not matter in a message: the author finds the key as it is written.
            let rest = text.get(at..).and_then(|rest| rest.strip_prefix('"'));
            let key = rest.and_then(|rest| rest.split('"').next());
            let key = key.unwrap_or_default();
            let message = format!("`{}` is defined twice", shown(key));
            let end = at.saturating_add(key.len()).saturating_add(2);
            let span = Span { start: at, end }.after(base);
            let help = "each key is written once";
            faults.add_with_help(Code::DuplicateKey, span, message, help);
        }
        JsonError::TooDeep { .. } => {
            faults.add(Code::TooDeep, span, "tables and keys are nested too deep");
        }
        other => faults.add(Code::Syntax, span, what(other)),
    }
}

/// The error without its place, which the diagnostic has.
fn what(error: &JsonError) -> String {
    match error {
        JsonError::LoneSurrogate { .. } => "lone surrogate".into(),
        JsonError::BadEscape { .. } => "bad escape".into(),
        JsonError::ControlCharacter { .. } => "control character in a string".into(),
        JsonError::BadNumber { .. } => "malformed number".into(),
        JsonError::ExponentOutOfRange { .. } => "exponent out of range".into(),
        JsonError::UnexpectedByte { expected, .. } => format!("expected {expected}"),
        JsonError::UnexpectedEnd { expected, .. } => format!("text ends, expected {expected}"),
        JsonError::TrailingText { .. } => "text goes on after its value".into(),
        other => other.to_string(),
    }
}

/// The tree of `json`, whose spans begin at `base`. Reports floats, null, and integers out of range.
pub(super) fn tree<'t>(json: &'t Json, base: usize, faults: &Faults<'_>) -> Node<'t> {
    node(json.root(), base, faults)
}

/// Recurses as deep as the tree, which [`Json::MAX_DEPTH`] bounds.
fn node<'t>(json: JsonRef<'t>, base: usize, faults: &Faults<'_>) -> Node<'t> {
    let span = span(json).after(base);
    let refuse = |message: &str, help: &str| {
        faults.add_with_help(Code::UnsupportedValue, span, message, help);
        Value::Refused
    };
    let value = match json.kind() {
        JsonKind::Text => Value::Text(json.as_str().unwrap_or_default()),
        JsonKind::Boolean => Value::Boolean(json.as_bool().unwrap_or_default()),
        JsonKind::Number => match (json.raw().parse(), json.as_number()) {
            (Ok(integer), _) => Value::Integer(integer),
            (Err(_), Some(number)) if is_written_whole(number) => refuse(
                "integer does not fit in 64 bits",
                "bounds can be written as text",
            ),
            (Err(_), _) => refuse("a policy holds no floats", "write decimals as text"),
        },
        JsonKind::Array => {
            let items = json.items();
            Value::Array(items.map(|item| node(item, base, faults)).collect())
        }
        JsonKind::Object => {
            let mut entries: Vec<Entry<'t>> = json
                .pairs()
                .map(|(key, value)| Entry {
                    key: key.as_str().unwrap_or_default(),
                    key_span: self::span(key).after(base),
                    node: node(value, base, faults),
                })
                .collect();
            entries.sort_unstable_by_key(|entry| entry.key);
            Value::Table(entries)
        }
        // Null, and whatever JSON may hold one day.
        _ => refuse("a policy holds no null", "leave the key out"),
    };
    Node { value, span }
}

fn is_written_whole(number: Number<'_>) -> bool {
    !number.as_str().contains(['.', 'e', 'E'])
}

fn span(json: JsonRef<'_>) -> Span {
    let start = json.start() as usize;
    Span {
        start,
        end: start.saturating_add(json.raw().len()),
    }
}
