//! Reads one table key by key.

use super::faults::Faults;
use super::node::{Entry, Node, Span, Value, member};
use crate::DiagnosticCode as Code;

/// One table of the text, whose keys have been checked.
///
/// A key that is absent and one whose value is faulty both read as `None`; the fault has been
/// reported then, so whatever a reader puts in its place is never used.
pub(super) struct Fields<'n, 't> {
    entries: &'n [Entry<'t>],
    span: Span,
    faults: &'n Faults<'n>,
}

impl<'n, 't> Fields<'n, 't> {
    /// Reads `node` as a table with no other keys than `known`; `what` names it in messages.
    pub(super) fn of(
        node: &'n Node<'t>,
        what: &str,
        known: &[&str],
        faults: &'n Faults<'n>,
    ) -> Option<Self> {
        Self::of_or(node, what, known, |_| false, faults)
    }

    /// As [`Fields::of`], where keys that are `also` so are known, too.
    pub(super) fn of_or(
        node: &'n Node<'t>,
        what: &str,
        known: &[&str],
        also: impl Fn(&str) -> bool,
        faults: &'n Faults<'n>,
    ) -> Option<Self> {
        #[cfg(test)]
        known_keys::note(what, known);
        let fields = Self::open(node, what, faults)?;
        for entry in fields.entries {
            if !known.contains(&entry.key) && !also(entry.key) {
                let message = format!("unknown key `{}` in {what}", shown(entry.key));
                let known = known.iter().copied();
                faults.add_unknown(Code::UnknownKey, entry.key_span, message, entry.key, known);
            }
        }
        Some(fields)
    }

    /// Reads `node` as a table whose keys are the author's.
    pub(super) fn open(node: &'n Node<'t>, what: &str, faults: &'n Faults<'n>) -> Option<Self> {
        let Value::Table(entries) = &node.value else {
            wrong_type(node, &format!("a table for {what}"), faults);
            return None;
        };
        Some(Self {
            entries,
            span: node.span,
            faults,
        })
    }

    /// Where the table stands.
    pub(super) const fn span(&self) -> Span {
        self.span
    }

    /// All keys with their values, in the order of their bytes.
    pub(super) const fn entries(&self) -> &'n [Entry<'t>] {
        self.entries
    }

    /// The value of `key`.
    pub(super) fn get(&self, key: &str) -> Option<&'n Node<'t>> {
        self.entry(key).map(|entry| &entry.node)
    }

    /// The key and value of `key`.
    pub(super) fn entry(&self, key: &str) -> Option<&'n Entry<'t>> {
        member(self.entries, key)
    }

    /// The value of `key`, which must be there.
    pub(super) fn need(&self, key: &str) -> Option<&'n Node<'t>> {
        let found = self.get(key);
        if found.is_none() {
            let message = format!("missing key `{key}`");
            self.faults.add(Code::MissingKey, self.span, message);
        }
        found
    }

    /// Reports `key`, if it is there, as out of place.
    pub(super) fn refuse(&self, key: &str, why: &str) {
        if let Some(entry) = self.entry(key) {
            let message = format!("`{key}` {why}");
            self.faults.add(Code::MisplacedKey, entry.key_span, message);
        }
    }

    /// The value of `key` as a boolean; absent is `false`.
    pub(super) fn flag(&self, key: &str) -> bool {
        self.get(key)
            .and_then(|node| boolean(node, self.faults))
            .unwrap_or(false)
    }

    /// The items of the array `key`, which must not be empty where it is there.
    pub(super) fn list(&self, key: &str, what: &str) -> Option<&'n [Node<'t>]> {
        let node = self.get(key)?;
        let items = array(node, what, self.faults)?;
        if items.is_empty() {
            let message = format!("`{key}` is empty");
            let help = format!("name {what}, or leave `{key}` out");
            self.faults
                .add_with_help(Code::EmptyList, node.span, message, help);
        }
        Some(items)
    }

    /// Reads each item of the array `key`; absent is none.
    pub(super) fn each<T>(
        &self,
        key: &str,
        what: &str,
        read: impl FnMut(&'n Node<'t>) -> Option<T>,
    ) -> Vec<T> {
        let items = self
            .get(key)
            .and_then(|node| array(node, what, self.faults));
        items.unwrap_or_default().iter().filter_map(read).collect()
    }
}

/// The items of an array; `what` names them in messages.
pub(super) fn array<'n, 't>(
    node: &'n Node<'t>,
    what: &str,
    faults: &Faults<'_>,
) -> Option<&'n [Node<'t>]> {
    let Value::Array(items) = &node.value else {
        wrong_type(node, &format!("an array of {what}"), faults);
        return None;
    };
    Some(items)
}

/// The value as text; `what` says in messages which.
pub(super) fn text<'t>(node: &Node<'t>, what: &str, faults: &Faults<'_>) -> Option<&'t str> {
    let Value::Text(text) = node.value else {
        wrong_type(node, &format!("{what} as text"), faults);
        return None;
    };
    Some(text)
}

/// The value as a boolean.
pub(super) fn boolean(node: &Node<'_>, faults: &Faults<'_>) -> Option<bool> {
    let Value::Boolean(value) = node.value else {
        wrong_type(node, "`true` or `false`", faults);
        return None;
    };
    Some(value)
}

/// The value as a count between `min` and `max`.
pub(super) fn count(node: &Node<'_>, min: u64, max: u64, faults: &Faults<'_>) -> Option<u64> {
    let Value::Integer(integer) = node.value else {
        wrong_type(node, "an integer", faults);
        return None;
    };
    let count = u64::try_from(integer)
        .ok()
        .filter(|count| (min..=max).contains(count));
    if count.is_none() {
        let limit = if max == u64::MAX {
            format!("of at least {min}")
        } else {
            format!("from {min} to {max}")
        };
        let message = format!("expected an integer {limit}, found `{integer}`");
        faults.add(Code::BadNumber, node.span, message);
    }
    count
}

/// The value as one of the words in `known`.
pub(super) fn word<T: Copy>(
    node: &Node<'_>,
    known: &[(&str, T)],
    faults: &Faults<'_>,
) -> Option<T> {
    let Value::Text(word) = node.value else {
        wrong_type(node, &one_of(known), faults);
        return None;
    };
    let found = known.iter().find(|(name, _)| *name == word);
    if found.is_none() {
        let message = format!("expected {}, found `{}`", one_of(known), shown(word));
        let names = known.iter().map(|(name, _)| *name);
        faults.add_unknown(Code::UnknownWord, node.span, message, word, names);
    }
    found.map(|(_, value)| *value)
}

/// Reports that `expected` should stand where `node` is.
pub(super) fn wrong_type(node: &Node<'_>, expected: &str, faults: &Faults<'_>) {
    if !matches!(node.value, Value::Refused) {
        let message = format!("expected {expected}, found {}", node.kind());
        faults.add(Code::WrongType, node.span, message);
    }
}

/// The author's word as a message shows it: bounded, on one line, without backticks of its own and
/// without what turns the direction of writing.
pub(crate) fn shown(word: &str) -> String {
    const MAX: usize = 64;
    let is_harmful = |c: char| {
        let turns = matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        c.is_control() || turns || c == '`'
    };
    let plain = |c| if is_harmful(c) { '\u{fffd}' } else { c };
    let mut shown: String = word.chars().take(MAX).map(plain).collect();
    if word.chars().nth(MAX).is_some() {
        shown.push('…');
    }
    shown
}

fn one_of<T>(known: &[(&str, T)]) -> String {
    let mut words = String::new();
    for (at, (name, _)) in known.iter().enumerate() {
        words.push_str(match known.len().saturating_sub(at) {
            _ if at == 0 => "",
            1 => " or ",
            _ => ", ",
        });
        words.push('`');
        words.push_str(name);
        words.push('`');
    }
    words
}

/// Which keys readers know of each table, for the test that holds them against the schema.
#[cfg(test)]
pub(super) mod known_keys {
    use std::cell::RefCell;
    use std::collections::{BTreeMap, BTreeSet};

    type Keys = BTreeMap<String, BTreeSet<String>>;

    thread_local! {
        static KNOWN: RefCell<Keys> = RefCell::default();
    }

    pub(super) fn note(what: &str, known: &[&str]) {
        KNOWN.with_borrow_mut(|all| {
            let keys = known.iter().map(|key| (*key).to_owned());
            all.entry(what.to_owned()).or_default().extend(keys);
        });
    }

    /// What was noted in this thread.
    #[cfg(all(
        feature = "schema",
        feature = "sql",
        feature = "url",
        feature = "zones"
    ))]
    pub(in crate::read) fn noted() -> Keys {
        KNOWN.take()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn shown_words() {
        assert_eq!(shown("größe"), "größe");
        assert_eq!(shown("a`b\nc\u{202e}d"), "a\u{fffd}b\u{fffd}c\u{fffd}d");
        assert_eq!(shown(&"é".repeat(65)), format!("{}…", "é".repeat(64)));
    }

    #[test]
    fn listed_words() {
        assert_eq!(one_of(&[("a", ())]), "`a`");
        assert_eq!(one_of(&[("a", ()), ("b", ())]), "`a` or `b`");
        assert_eq!(
            one_of(&[("a", ()), ("b", ()), ("c", ())]),
            "`a`, `b` or `c`"
        );
    }
}
