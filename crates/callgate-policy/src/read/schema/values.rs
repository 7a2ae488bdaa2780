//! Values that a schema lists, and how it is written.

use callgate_types::Json;

use crate::DiagnosticCode as Code;
use crate::read::MAX_BYTES;
use crate::read::faults::Faults;
use crate::read::fields::Fields;
use crate::read::node::{Node, Value};

/// What `enum` and `const` list.
pub(super) fn listed(fields: &Fields<'_, '_>, faults: &Faults<'_>) -> Vec<Box<[Json]>> {
    let mut listed = Vec::new();
    if let Some(items) = fields.list("enum", "values") {
        let values = items.iter().filter_map(|node| value(node, faults));
        listed.push(values.collect());
    }
    if let Some(node) = fields.get("const") {
        listed.extend(value(node, faults).map(|value| [value].into()));
    }
    listed
}

fn value(node: &Node<'_>, faults: &Faults<'_>) -> Option<Json> {
    let value = Json::parse_within(MAX_BYTES, written(node)).ok();
    if value.is_none() {
        let message = "the value is nested deeper than any in a call";
        faults.add(Code::TooDeep, node.span, message);
    }
    value
}

/// The node as JSON.
pub(super) fn written(node: &Node<'_>) -> String {
    let mut out = String::new();
    write(node, &mut out);
    out
}

/// The nesting of the text bounds the recursion.
fn write(node: &Node<'_>, out: &mut String) {
    match &node.value {
        Value::Text(text) => put_text(text, out),
        Value::Integer(integer) => out.push_str(&integer.to_string()),
        Value::Boolean(value) => out.push_str(if *value { "true" } else { "false" }),
        Value::Array(items) => {
            let mut sign = '[';
            for item in items {
                out.push(sign);
                write(item, out);
                sign = ',';
            }
            out.push_str(if items.is_empty() { "[]" } else { "]" });
        }
        Value::Table(entries) => {
            let mut sign = '{';
            for entry in entries {
                out.push(sign);
                put_text(entry.key, out);
                out.push(':');
                write(&entry.node, out);
                sign = ',';
            }
            out.push_str(if entries.is_empty() { "{}" } else { "}" });
        }
        // It was reported: what is read is not used.
        Value::Refused => out.push_str("null"),
    }
}

fn put_text(text: &str, out: &mut String) {
    out.push_str(&serde_json::Value::from(text).to_string());
}
