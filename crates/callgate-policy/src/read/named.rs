//! Values that are written once and used in several places.

use std::cell::Cell;

use super::faults::Faults;
use super::fields::{Fields, shown};
use super::names::key;
use super::node::{Entry, Node, Span, Value, member};
use crate::DiagnosticCode as Code;

/// The key under which a table takes a named value.
const USE: &str = "use";
/// The most values that all uses together may add to a policy.
const MAX_ADDED: usize = 1 << 18;

/// The tree with each `use` replaced by what it names; `None` where the policy names no values.
///
/// A named value uses no other, so that nothing goes in circles and the tree stays as shallow as
/// the text.
pub(super) fn resolved<'t>(root: &Node<'t>, faults: &Faults<'_>) -> Option<Node<'t>> {
    let Value::Table(entries) = &root.value else {
        return None;
    };
    let table = &member(entries, "named")?.node;
    let values = Fields::open(table, "named values", faults);
    let values = values.map_or(&[][..], |values| values.entries());
    for entry in values {
        key(entry, "a name for values", faults);
        uses_none(&entry.node, faults);
    }
    let copier = Copier {
        named: values,
        left: Cell::new(MAX_ADDED),
        faults,
    };
    let entries = entries.iter().map(|entry| match entry.key {
        // Keys of examples are the author's own.
        "named" | "examples" => entry.clone(),
        _ => copier.entry(entry),
    });
    Some(Node {
        value: Value::Table(entries.collect()),
        span: root.span,
    })
}

/// Reports every `use` inside a named value; the nesting of the text bounds the recursion.
fn uses_none(node: &Node<'_>, faults: &Faults<'_>) {
    match &node.value {
        Value::Array(items) => {
            for item in items {
                uses_none(item, faults);
            }
        }
        Value::Table(entries) => {
            if let Some((entry, _)) = used(entries) {
                let message = "a named value uses no other";
                faults.add(Code::MisplacedKey, entry.key_span, message);
            }
            for entry in entries {
                uses_none(&entry.node, faults);
            }
        }
        _ => {}
    }
}

/// The entry `use` of a table, and what it names.
fn used<'n, 't>(entries: &'n [Entry<'t>]) -> Option<(&'n Entry<'t>, &'t str)> {
    let entry = member(entries, USE)?;
    match entry.node.value {
        Value::Text(name) => Some((entry, name)),
        _ => None,
    }
}

/// Copies a tree and puts named values in.
struct Copier<'n, 't> {
    named: &'n [Entry<'t>],
    left: Cell<usize>,
    faults: &'n Faults<'n>,
}

impl<'t> Copier<'_, 't> {
    fn entry(&self, entry: &Entry<'t>) -> Entry<'t> {
        Entry {
            key: entry.key,
            key_span: entry.key_span,
            node: self.node(&entry.node),
        }
    }

    /// The nesting of the text bounds the recursion.
    fn node(&self, node: &Node<'t>) -> Node<'t> {
        let value = match &node.value {
            Value::Array(items) => Value::Array(items.iter().map(|item| self.node(item)).collect()),
            Value::Table(entries) => match used(entries) {
                Some((entry, name)) => self
                    .expanded(entries, name, entry.node.span)
                    .unwrap_or(Value::Refused),
                None => Value::Table(entries.iter().map(|entry| self.entry(entry)).collect()),
            },
            other => other.clone(),
        };
        Node {
            value,
            span: node.span,
        }
    }

    /// What a table with `use = "name"` at `span` stands for.
    fn expanded(&self, entries: &[Entry<'t>], name: &str, span: Span) -> Option<Value<'t>> {
        let faults = self.faults;
        let Some(named) = member(self.named, name) else {
            let message = format!("no value is named `{}`", shown(name));
            let known = self.named.iter().map(|entry| entry.key);
            faults.add_unknown(Code::UnknownNamed, span, message, name, known);
            return None;
        };
        let Some(left) = self.left.get().checked_sub(size(&named.node)) else {
            let message = format!("named values add more than {MAX_ADDED} values to the policy");
            faults.add(Code::TooMany, span, message);
            return None;
        };
        self.left.set(left);
        if let [_] = entries {
            return Some(named.node.value.clone());
        }
        let Value::Table(shared) = &named.node.value else {
            let message = format!("`{}` is no table: nothing stands beside `use`", shown(name));
            faults.add(Code::WrongType, span, message);
            return None;
        };
        let mut all = shared.clone();
        for entry in entries.iter().filter(|entry| entry.key != USE) {
            if member(shared, entry.key).is_some() {
                let message = format!("`{}` stands in `{}`, too", shown(entry.key), shown(name));
                faults.add(Code::DuplicateKey, entry.key_span, message);
            } else {
                all.push(self.entry(entry));
            }
        }
        all.sort_unstable_by_key(|entry| entry.key);
        Some(Value::Table(all))
    }
}

/// How many values there are in a tree; its nesting bounds the recursion.
fn size(node: &Node<'_>) -> usize {
    let inner: usize = match &node.value {
        Value::Array(items) => items.iter().map(size).sum(),
        Value::Table(entries) => entries.iter().map(|entry| size(&entry.node)).sum(),
        _ => 0,
    };
    inner.saturating_add(1)
}
