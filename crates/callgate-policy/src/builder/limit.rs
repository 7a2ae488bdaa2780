//! Limits.

use std::time::Duration;

use super::friction::seconds;
use super::rule::{about, selectors, written};
use super::written::{Table, Written, names};
use super::{Approval, Condition, Place, Window};
use chrono::{DateTime, Utc};

/// A bound on what many calls do together. What is unknown is counted, and exceeds.
#[derive(Clone, Debug)]
pub struct Limit(Table);

impl Limit {
    /// So many calls.
    pub fn count(id: impl Into<String>, at_most: u32) -> Self {
        Self(Table::of("id", id.into()).with("count", u64::from(at_most)))
    }

    /// So much, of the value at a place; `at_most` is a decimal number such as `5000.00`.
    pub fn sum(id: impl Into<String>, of: Place, at_most: impl Into<String>) -> Self {
        Self(Table::of("id", id.into()).with("sum", sum(of, at_most)))
    }

    /// So much, of each unit apart: `unit` is where the unit stands, a currency say.
    pub fn sum_by_unit(
        id: impl Into<String>,
        of: Place,
        at_most: impl Into<String>,
        unit: Place,
    ) -> Self {
        let sum = sum(of, at_most).with("unit", unit.into_text());
        Self(Table::of("id", id.into()).with("sum", sum))
    }

    /// It is counted apart for each of these together.
    #[must_use]
    pub fn per(self, parts: impl IntoIterator<Item = Per>) -> Self {
        self.with("per", names(parts.into_iter().map(|part| part.0)))
    }

    /// It is counted anew in every interval of this length, in whole seconds.
    #[must_use]
    pub fn in_fixed_window(self, length: Duration) -> Self {
        self.with("window", seconds(length)).with("form", "fixed")
    }

    /// It holds of every interval of this length, in whole seconds.
    #[must_use]
    pub fn in_sliding_window(self, length: Duration) -> Self {
        self.with("window", seconds(length)).with("form", "sliding")
    }

    /// A call that would exceed it is asked, and not denied.
    #[must_use]
    pub fn asks(self) -> Self {
        self.with("on_exceed", "ask")
    }

    /// Whether the subject must say yes; only a limit that asks can say so.
    #[must_use]
    pub fn confirm(self, confirm: bool) -> Self {
        self.with("confirm", confirm)
    }

    /// A dry run must have been shown; only a limit that asks can say so.
    #[must_use]
    pub fn preview(self) -> Self {
        self.with("preview", true)
    }

    /// Who else must agree; only a limit that asks can say so.
    #[must_use]
    pub fn approval(self, approval: Approval) -> Self {
        self.with("approval", approval.into_table())
    }

    /// The author's sentence.
    #[must_use]
    pub fn reason(self, reason: impl Into<String>) -> Self {
        self.with("reason", reason.into())
    }

    /// The model may be told reason and limit.
    #[must_use]
    pub fn disclose(self) -> Self {
        self.with("disclose", true)
    }

    about!();
}

fn sum(of: Place, at_most: impl Into<String>) -> Table {
    Table::of("of", of.into_text()).with("at_most", at_most.into())
}

/// What a limit is counted apart for.
#[derive(Clone, Debug)]
pub struct Per(String);

impl Per {
    /// Each tool.
    pub fn tool() -> Self {
        Self("tool".to_owned())
    }

    /// Each resource.
    pub fn resource() -> Self {
        Self("resource".to_owned())
    }

    /// Each value at a place.
    pub fn value(place: Place) -> Self {
        Self(place.into_text())
    }
}
