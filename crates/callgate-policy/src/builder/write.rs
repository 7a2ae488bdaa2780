//! Writes the document as JSON and as TOML.

use serde_json::Value;

use super::written::{Table, Written};

/// Tables whose path has more names than this are written on one line.
const MAX_PATH: usize = 3;

/// The document as JSON, with two blanks a level.
pub(super) fn json(table: &Table) -> String {
    let mut out = String::new();
    json_table(table, 0, &mut out);
    out.push('\n');
    out
}

fn json_value(value: &Written, level: usize, out: &mut String) {
    match value {
        Written::Plain(plain) => plain_value(plain, out),
        Written::Table(table) => json_table(table, level, out),
        Written::List(items) if items.iter().all(|item| matches!(item, Written::Plain(_))) => {
            list(items, inline_toml, out);
        }
        Written::List(items) => {
            let inner = level.saturating_add(1);
            for (at, item) in items.iter().enumerate() {
                out.push(if at == 0 { '[' } else { ',' });
                new_line(inner, out);
                json_value(item, inner, out);
            }
            new_line(level, out);
            out.push(']');
        }
    }
}

fn json_table(Table(members): &Table, level: usize, out: &mut String) {
    if members.is_empty() {
        out.push_str("{}");
        return;
    }
    let inner = level.saturating_add(1);
    for (at, (key, value)) in members.iter().enumerate() {
        out.push(if at == 0 { '{' } else { ',' });
        new_line(inner, out);
        quoted(key, out);
        out.push_str(": ");
        json_value(value, inner, out);
    }
    new_line(level, out);
    out.push('}');
}

fn new_line(level: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", level));
}

/// The document as TOML. It has to be one that loads: TOML has no `null`, and no key twice.
pub(super) fn toml(table: &Table) -> String {
    let mut out = String::new();
    section(table, "", 0, &mut out);
    out
}

/// Writes the keys of a table that take one line each, and then those that are sections.
fn section(Table(members): &Table, path: &str, names: usize, out: &mut String) {
    let mut sections = Vec::new();
    for (key, value) in members {
        match value {
            Written::Table(inner) if names < MAX_PATH => sections.push((key, vec![inner], false)),
            Written::List(items) if names == 0 => match tables(items) {
                Some(items) => sections.push((key, items, true)),
                None => assignment(key, value, out),
            },
            _ => assignment(key, value, out),
        }
    }
    for (key, tables, is_array) in sections {
        let mut path = path.to_owned();
        if !path.is_empty() {
            path.push('.');
        }
        toml_key(key, &mut path);
        // What is in a rule reads best on one line.
        let inner = names.saturating_add(if is_array { 2 } else { 1 });
        for table in tables {
            if is_array {
                out.push_str("\n[[");
                out.push_str(&path);
                out.push_str("]]\n");
            } else if !holds_only_sections(table, inner) {
                out.push_str("\n[");
                out.push_str(&path);
                out.push_str("]\n");
            }
            section(table, &path, inner, out);
        }
    }
}

fn assignment(key: &str, value: &Written, out: &mut String) {
    toml_key(key, out);
    out.push_str(" = ");
    inline_toml(value, out);
    out.push('\n');
}

/// The items, where each is a table and there is one.
fn tables(items: &[Written]) -> Option<Vec<&Table>> {
    let tables: Option<Vec<&Table>> = items
        .iter()
        .map(|item| match item {
            Written::Table(table) => Some(table),
            _ => None,
        })
        .collect();
    tables.filter(|tables| !tables.is_empty())
}

/// Whether the sections in a table say that it is there.
fn holds_only_sections(Table(members): &Table, names: usize) -> bool {
    let is_table = |(_, value): &(String, Written)| matches!(value, Written::Table(_));
    names < MAX_PATH && !members.is_empty() && members.iter().all(is_table)
}

fn inline_toml(value: &Written, out: &mut String) {
    match value {
        Written::Plain(plain) => plain_value(plain, out),
        Written::List(items) => list(items, inline_toml, out),
        Written::Table(Table(members)) if members.is_empty() => out.push_str("{}"),
        Written::Table(Table(members)) => {
            for (at, (key, value)) in members.iter().enumerate() {
                out.push_str(if at == 0 { "{ " } else { ", " });
                toml_key(key, out);
                out.push_str(" = ");
                inline_toml(value, out);
            }
            out.push_str(" }");
        }
    }
}

fn list(items: &[Written], item: fn(&Written, &mut String), out: &mut String) {
    out.push('[');
    for (at, one) in items.iter().enumerate() {
        if at > 0 {
            out.push_str(", ");
        }
        item(one, out);
    }
    out.push(']');
}

fn toml_key(key: &str, out: &mut String) {
    let is_bare = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'_' || byte == b'-';
    if !key.is_empty() && key.bytes().all(is_bare) {
        out.push_str(key);
    } else {
        quoted(key, out);
    }
}

/// A value that both write alike.
fn plain_value(value: &Value, out: &mut String) {
    match value {
        Value::String(text) => quoted(text, out),
        other => out.push_str(&other.to_string()),
    }
}

/// Text in quotes, with the escapes that JSON and TOML share. What a reviewer would not see, or
/// would see in another order, is escaped, too.
fn quoted(text: &str, out: &mut String) {
    out.push('"');
    for c in text.chars() {
        let hides = matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}');
        match c {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\n' => out.push_str("\\n"),
            '\t' => out.push_str("\\t"),
            _ if c.is_control() || hides => {
                let escaped = format!("\\u{:04x}", u32::from(c));
                out.push_str(&escaped);
            }
            _ => out.push(c),
        }
    }
    out.push('"');
}
