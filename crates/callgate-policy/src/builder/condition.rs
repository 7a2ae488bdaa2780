//! What must hold of a call.

use serde_json::Value;

use super::written::{Table, Written};
use super::{Matcher, Place};

/// A condition: the `when` of a rule.
#[derive(Clone, Debug)]
pub struct Condition(Written);

impl Condition {
    /// A condition as the language has it in JSON. It is checked as everything is.
    pub fn from_value(table: Value) -> Self {
        Self(table.into())
    }

    /// The value at a place is such a one.
    pub fn value(place: Place, matcher: impl Into<Matcher>) -> Self {
        let matcher = matcher.into().inside();
        Self(Table::of(place.into_text(), matcher).into())
    }

    /// Every one of these holds.
    pub fn all(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self(Table::of("all", list(conditions)).into())
    }

    /// At least one of these holds.
    pub fn any(conditions: impl IntoIterator<Item = Self>) -> Self {
        Self(Table::of("any", list(conditions)).into())
    }

    /// It does not hold.
    #[expect(
        clippy::should_implement_trait,
        reason = "named as in the language, beside `all` and `any`"
    )]
    pub fn not(condition: Self) -> Self {
        Self(Table::of("not", condition.0.inside()).into())
    }

    pub(super) fn into_written(self) -> Written {
        self.0
    }
}

fn list(conditions: impl IntoIterator<Item = Condition>) -> Written {
    let conditions = conditions.into_iter().map(|condition| condition.0.inside());
    Written::List(conditions.collect())
}
