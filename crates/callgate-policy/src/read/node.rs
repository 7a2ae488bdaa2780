//! The tree of a policy text, whatever notation it is written in.

use std::ops::Range;

use toml::Spanned;
use toml::de::{DeTable, DeValue};

use super::faults::Faults;
use crate::DiagnosticCode as Code;

/// A range of bytes of the text, or of one of several texts as [`Faults`] counts them.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Span {
    pub(crate) start: usize,
    pub(crate) end: usize,
}

impl Span {
    /// The one byte at `at`.
    pub(crate) const fn at(at: usize) -> Self {
        Self {
            start: at,
            end: at.saturating_add(1),
        }
    }

    /// The range of a text whose spans begin at `base`.
    pub(crate) const fn after(self, base: usize) -> Self {
        Self {
            start: self.start.saturating_add(base),
            end: self.end.saturating_add(base),
        }
    }
}

impl From<Range<usize>> for Span {
    fn from(Range { start, end }: Range<usize>) -> Self {
        Self { start, end }
    }
}

/// A value and where it stands.
#[derive(Clone)]
pub(crate) struct Node<'t> {
    pub(crate) value: Value<'t>,
    pub(crate) span: Span,
}

/// A value of a policy.
#[derive(Clone)]
pub(crate) enum Value<'t> {
    Text(&'t str),
    Integer(i64),
    Boolean(bool),
    Array(Vec<Node<'t>>),
    /// Ordered by the bytes of the key; no key stands twice.
    Table(Vec<Entry<'t>>),
    /// Something that no policy holds. It has been reported; readers pass over it.
    Refused,
}

/// One key of a table with its value.
#[derive(Clone)]
pub(crate) struct Entry<'t> {
    pub(crate) key: &'t str,
    pub(crate) key_span: Span,
    pub(crate) node: Node<'t>,
}

impl<'t> Node<'t> {
    /// The tree of a TOML document, whose spans begin at `base`. Reports floats and dates, and
    /// integers out of range.
    pub(crate) fn of_toml(
        document: &'t Spanned<DeTable<'_>>,
        base: usize,
        faults: &Faults<'_>,
    ) -> Self {
        Self {
            value: table(document.get_ref(), base, faults),
            span: Span::from(document.span()).after(base),
        }
    }

    /// The member `key`, where this is a table that has it.
    pub(crate) fn member(&self, key: &str) -> Option<&Entry<'t>> {
        match &self.value {
            Value::Table(entries) => member(entries, key),
            _ => None,
        }
    }

    /// What stands here, in the words of messages.
    pub(crate) const fn kind(&self) -> &'static str {
        match self.value {
            Value::Text(_) => "text",
            Value::Integer(_) => "an integer",
            Value::Boolean(_) => "a boolean",
            Value::Array(_) => "an array",
            Value::Table(_) => "a table",
            Value::Refused => "something else",
        }
    }
}

/// The member `key` of a table.
pub(crate) fn member<'n, 't>(entries: &'n [Entry<'t>], key: &str) -> Option<&'n Entry<'t>> {
    let found = entries.binary_search_by(|entry| entry.key.cmp(key));
    found.ok().and_then(|at| entries.get(at))
}

/// Recurses as deep as the tree, which [`too_deep`](super::nesting::too_deep) has bounded.
fn value<'t>(value: &'t Spanned<DeValue<'_>>, base: usize, faults: &Faults<'_>) -> Node<'t> {
    let span = Span::from(value.span()).after(base);
    let refuse = |message: &str, help: &str| {
        faults.add_with_help(Code::UnsupportedValue, span, message, help);
        Value::Refused
    };
    let value = match value.get_ref() {
        DeValue::String(text) => Value::Text(text),
        DeValue::Boolean(value) => Value::Boolean(*value),
        DeValue::Integer(integer) => match i64::from_str_radix(integer.as_str(), integer.radix()) {
            Ok(integer) => Value::Integer(integer),
            Err(_) => refuse(
                "integer does not fit in 64 bits",
                "bounds can be written as text",
            ),
        },
        DeValue::Float(_) => refuse("a policy holds no floats", "write decimals as text"),
        DeValue::Datetime(_) => refuse("a policy holds no dates", "write it as text"),
        DeValue::Array(items) => {
            let items = items.iter();
            Value::Array(items.map(|item| self::value(item, base, faults)).collect())
        }
        DeValue::Table(members) => table(members, base, faults),
    };
    Node { value, span }
}

fn table<'t>(table: &'t DeTable<'_>, base: usize, faults: &Faults<'_>) -> Value<'t> {
    let entries = table.iter().map(|(key, node)| Entry {
        key: key.get_ref(),
        key_span: Span::from(key.span()).after(base),
        node: value(node, base, faults),
    });
    Value::Table(entries.collect())
}
