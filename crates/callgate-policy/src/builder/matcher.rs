//! Typed predicates on one value.

use std::ops::{Bound, RangeBounds};

use serde_json::Value;

use super::Place;
use super::written::{Table, Written, names};

/// A predicate on one value, as a table of matchers in a policy.
///
/// Numbers and arrays have types of their own, [`Number`](super::Number) and
/// [`Items`](super::Items); so have [`Path`](super::Path) and [`Url`](super::Url). Whatever else
/// the language has goes through [`Matcher::from_value`].
#[derive(Clone, Debug)]
pub struct Matcher(Written);

impl Matcher {
    /// A table of matchers as the language has it in JSON, such as
    /// `{"shell": {"commands": [{"names": ["ls"]}]}}`. It is checked as everything is.
    pub fn from_value(table: Value) -> Self {
        Self(table.into())
    }

    pub(super) fn of(name: &str, value: impl Into<Written>) -> Self {
        Self(Table::of(name, value).into())
    }

    /// This value: text, an integer or a boolean.
    pub fn equals(value: impl Into<Value>) -> Self {
        Self::of("equals", value.into())
    }

    /// The value that stands at a place, with its type.
    pub fn equals_fact(place: Place) -> Self {
        Self::of("equals", Table::of("fact", place.into_text()))
    }

    /// One of these: texts, integers or booleans.
    pub fn one_of(values: impl IntoIterator<Item = impl Into<Value>>) -> Self {
        let values = values.into_iter().map(|value| value.into().into());
        Self::of("one_of", Written::List(values.collect()))
    }

    /// A text that the regular expression matches as a whole.
    pub fn matches(pattern: impl Into<String>) -> Self {
        Self::of("matches", pattern.into())
    }

    /// A text of so many characters, as in `text(1..=500)`.
    pub fn text(chars: impl RangeBounds<u64>) -> Self {
        Self::of("text", counts(&chars, "min_chars", "max_chars"))
    }

    /// A text of so many characters, or an array of so many items.
    pub fn length(count: impl RangeBounds<u64>) -> Self {
        Self::of("length", counts(&count, "min", "max"))
    }

    /// `true` or `false`.
    pub fn boolean() -> Self {
        Self::of("boolean", Table::default())
    }

    /// A bare mail address of one of these domains, or below one of `*.…`.
    pub fn email(domains: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self::of("email", Table::of("domains", names(domains)))
    }

    /// Anything, also `null`: where an argument is declared.
    pub fn open() -> Self {
        Self::of("open", true)
    }

    /// Whether there is a value at all: in conditions.
    pub fn present(is_present: bool) -> Self {
        Self::of("present", is_present)
    }

    /// At least one of these holds.
    pub fn any(matchers: impl IntoIterator<Item = impl Into<Self>>) -> Self {
        Self::of("any", list(matchers))
    }

    /// Every one of these holds.
    pub fn all(matchers: impl IntoIterator<Item = impl Into<Self>>) -> Self {
        Self::of("all", list(matchers))
    }

    /// An object in which these stand and nothing else, by pointer.
    pub fn object(members: impl IntoIterator<Item = Member>) -> Self {
        let members = members
            .into_iter()
            .map(|member| (member.pointer, member.value));
        Self(Written::Table(Table(members.collect())))
    }

    /// The same, and `null`, too.
    #[must_use]
    pub fn or_null(self) -> Self {
        Self(with(self.0, "nullable"))
    }

    /// As it is written inside another matcher.
    pub(super) fn inside(self) -> Written {
        self.0.inside()
    }
}

/// A value in an object, or an argument of a tool.
#[derive(Clone, Debug)]
pub struct Member {
    pub(super) pointer: String,
    pub(super) value: Written,
}

impl Member {
    /// The value at `pointer`, which has to be there.
    pub fn needed(pointer: impl Into<String>, matcher: impl Into<Matcher>) -> Self {
        Self {
            pointer: pointer.into(),
            value: matcher.into().inside(),
        }
    }

    /// The value at `pointer`, which may be absent.
    pub fn optional(pointer: impl Into<String>, matcher: impl Into<Matcher>) -> Self {
        Self {
            pointer: pointer.into(),
            value: with(matcher.into().inside(), "optional"),
        }
    }
}

/// The table with a flag in it. What is no table is refused when it is read.
fn with(value: Written, flag: &str) -> Written {
    match value {
        Written::Table(table) => table.with(flag, true).into(),
        other => other,
    }
}

fn list(matchers: impl IntoIterator<Item = impl Into<Matcher>>) -> Written {
    let matchers = matchers.into_iter().map(|matcher| matcher.into().inside());
    Written::List(matchers.collect())
}

fn counts(range: &impl RangeBounds<u64>, min: &str, max: &str) -> Table {
    let mut counts = Table::default();
    match range.start_bound() {
        Bound::Unbounded => {}
        Bound::Included(least) => counts.put(min, *least),
        // Of more than the most there is nothing; the reader refuses the number.
        Bound::Excluded(below) => counts.put(min, below.saturating_add(1)),
    }
    match range.end_bound() {
        Bound::Unbounded => {}
        Bound::Included(most) => counts.put(max, *most),
        // No count is below nothing: the reader refuses a range upside down.
        Bound::Excluded(0) => counts.0.extend(Table::of(min, 1).with(max, 0).0),
        Bound::Excluded(above) => counts.put(max, above.saturating_sub(1)),
    }
    counts
}
