//! A limit that calls ran into.

use std::time::Duration;

use callgate_types::Decimal;
use chrono::{DateTime, Utc};

use super::extent::Extent;
use super::keep::number;
use super::write::{amount_or_null, number_or_null};
use crate::encode::Object;

/// A call would have gone beyond a limit.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct LimitReachedRecord<'a> {
    /// When.
    pub time: DateTime<Utc>,
    /// The name of the limit.
    pub limit: &'a str,
    /// The record of the decision on the call; `None` where it is written after this one.
    pub decision_seq: Option<u64>,
    /// For whom or what it is counted.
    pub key: &'a [LimitKey<'a>],
    /// The window in which it is counted; `None` for all time.
    pub window: Option<Window>,
    /// How much the limit allows.
    pub at_most: &'a Decimal,
    /// How much was used, or reserved, before the call; `None` where nobody looked.
    pub used: Option<&'a Decimal>,
    /// How much the call would have used; `None` where that cannot be told.
    pub wanted: Option<&'a Decimal>,
    /// In what unit: a currency, say.
    pub unit: Option<&'a str>,
    /// What came of it.
    pub effect: LimitEffect,
}

impl<'a> LimitReachedRecord<'a> {
    /// A call was denied, which would have used more than `at_most` together with others.
    pub const fn new(time: DateTime<Utc>, limit: &'a str, at_most: &'a Decimal) -> Self {
        Self {
            time,
            limit,
            decision_seq: None,
            key: &[],
            window: None,
            at_most,
            used: None,
            wanted: None,
            unit: None,
            effect: LimitEffect::Deny,
        }
    }

    pub(super) fn write(&self, extent: Extent, object: &mut Object<'_>) {
        object.name("limit", Some(self.limit));
        number_or_null(object, "decision_seq", self.decision_seq);
        object.list("key", extent.items(), self.key.iter(), |out, part| {
            let mut inner = Object::begin(out);
            inner.name("name", Some(part.name));
            inner.name("value", part.value);
            inner.end();
        });
        match self.window {
            Some(window) => {
                let (form, length) = match window {
                    Window::Fixed(length) => ("fixed", length),
                    Window::Sliding(length) => ("sliding", length),
                };
                let mut inner = Object::begin(object.key("window"));
                inner.word("form", form);
                let millis = usize::try_from(length.as_millis()).unwrap_or(usize::MAX);
                inner.number("length_ms", number(millis));
                inner.end();
            }
            None => object.null("window"),
        }
        amount_or_null(object, "at_most", Some(self.at_most));
        amount_or_null(object, "used", self.used);
        amount_or_null(object, "wanted", self.wanted);
        object.name("unit", self.unit);
        object.word("effect", self.effect.as_str());
    }
}

/// One part of what a limit is counted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct LimitKey<'a> {
    /// Such as `tenant`, `subject` or `tool`.
    pub name: &'a str,
    /// `None` where it was unknown.
    pub value: Option<&'a str>,
}

impl<'a> LimitKey<'a> {
    /// The part `name` is `value`.
    pub const fn new(name: &'a str, value: Option<&'a str>) -> Self {
        Self { name, value }
    }
}

/// How long something is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Window {
    /// From zero in every interval of this length.
    Fixed(Duration),
    /// At any moment, over the time of this length before it.
    Sliding(Duration),
}

/// What comes of a limit that is reached.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum LimitEffect {
    /// The call is denied.
    Deny,
    /// The call is asked.
    Ask,
}

impl LimitEffect {
    /// The word for it in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Deny => "deny",
            Self::Ask => "ask",
        }
    }
}
