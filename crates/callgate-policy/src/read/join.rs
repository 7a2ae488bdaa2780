//! Makes one tree of the trees of several files.

use super::fields::{Fields, shown, wrong_type};
use super::node::{Entry, Node, Value};
use super::rules::tables;
use super::{Faults, KEYS, format};
use crate::DiagnosticCode as Code;

/// The tables in which a key belongs to one file.
const TABLES: &[&str] = &["named", "roles", "actors", "tools", "friction"];
/// The arrays that go on from file to file.
const ARRAYS: &[&str] = &["rules", "raise", "limits", "examples"];

/// The tree of the root, which is the first, with what stands in the others. Reports keys that
/// stand in two files, and those that only the root has.
pub(super) fn joined<'t>(parts: Vec<Node<'t>>, faults: &Faults<'_>) -> Option<Node<'t>> {
    let mut parts = parts.into_iter();
    let mut root = parts.next()?;
    let Value::Table(entries) = &mut root.value else {
        return Some(root);
    };
    for part in parts {
        if let Some(fields) = Fields::of(&part, "an included file", KEYS, faults) {
            format(&fields, faults);
            for key in ["name", "isolation"] {
                fields.refuse(key, "stands in the root file only");
            }
        }
        let Value::Table(further) = part.value else {
            continue;
        };
        for entry in further {
            if TABLES.contains(&entry.key) || ARRAYS.contains(&entry.key) {
                add(entries, entry, faults);
            }
        }
    }
    for entry in entries {
        if TABLES.contains(&entry.key) {
            keep_first(&mut entry.node, faults);
        }
    }
    Some(root)
}

/// Adds what stands under one key of the top level to what stands there.
fn add<'t>(entries: &mut Vec<Entry<'t>>, entry: Entry<'t>, faults: &Faults<'_>) {
    let at = match entries.binary_search_by(|known| known.key.cmp(entry.key)) {
        Ok(at) => at,
        // Readers look at its type.
        Err(at) => return entries.insert(at, entry),
    };
    let Some(known) = entries.get_mut(at) else {
        return;
    };
    if ARRAYS.contains(&entry.key) {
        // Reports what is no array of tables; readers report the first.
        tables(&entry.node, entry.key, faults);
    } else if !matches!(entry.node.value, Value::Table(_)) {
        wrong_type(&entry.node, &format!("a table `{}`", entry.key), faults);
    }
    match (&mut known.node.value, entry.node.value) {
        (Value::Array(items), Value::Array(more)) => items.extend(more),
        (Value::Table(entries), Value::Table(more)) => entries.extend(more),
        _ => {}
    }
}

/// Puts the keys of a table in order. Reports those that stand in several files, and keeps the
/// first of each.
fn keep_first(node: &mut Node<'_>, faults: &Faults<'_>) {
    let Value::Table(entries) = &mut node.value else {
        return;
    };
    // Stable: files in their order.
    entries.sort_by_key(|entry| entry.key);
    entries.dedup_by(|later, first| {
        let is_double = later.key == first.key;
        if is_double {
            let message = format!("`{}` is defined twice", shown(later.key));
            let place = faults.seen_from(later.key_span, first.key_span);
            let help = format!("it stands at {place}, too");
            faults.add_with_help(Code::DuplicateKey, later.key_span, message, help);
        }
        is_double
    });
}
