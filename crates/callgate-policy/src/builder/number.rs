//! Numbers, arrays: matchers that have bounds.

use serde_json::Value;

use super::Matcher;
use super::written::Table;

/// A number within bounds: the matchers `integer` and `decimal`.
///
/// A bound is a whole number, or a decimal as text such as `"0.10"`; floats are refused.
#[derive(Clone, Debug)]
pub struct Number {
    name: &'static str,
    bounds: Table,
}

impl Number {
    /// A number that is written as an integer.
    pub fn integer() -> Self {
        Self::of("integer")
    }

    /// A number by its exact value.
    pub fn decimal() -> Self {
        Self::of("decimal")
    }

    fn of(name: &'static str) -> Self {
        let bounds = Table::default();
        Self { name, bounds }
    }

    /// Greater than this.
    #[must_use]
    pub fn above(self, bound: impl Into<Value>) -> Self {
        self.with("above", bound)
    }

    /// This or greater.
    #[must_use]
    pub fn at_least(self, bound: impl Into<Value>) -> Self {
        self.with("at_least", bound)
    }

    /// Less than this.
    #[must_use]
    pub fn below(self, bound: impl Into<Value>) -> Self {
        self.with("below", bound)
    }

    /// This or less.
    #[must_use]
    pub fn at_most(self, bound: impl Into<Value>) -> Self {
        self.with("at_most", bound)
    }

    /// Of at most so many decimal places, by value. Only a decimal has them.
    #[must_use]
    pub fn scale(self, places: u32) -> Self {
        self.with("scale", places)
    }

    fn with(mut self, key: &str, value: impl Into<Value>) -> Self {
        self.bounds.put(key, value.into());
        self
    }
}

impl From<Number> for Matcher {
    fn from(number: Number) -> Self {
        Self::of(number.name, number.bounds)
    }
}

/// An array: the matcher `array`.
#[derive(Clone, Debug, Default)]
pub struct Items(Table);

impl Items {
    /// Any array.
    pub fn any() -> Self {
        Self::default()
    }

    /// Of at least so many items.
    #[must_use]
    pub fn min(self, items: u64) -> Self {
        Self(self.0.with("min_items", items))
    }

    /// Of at most so many items.
    #[must_use]
    pub fn max(self, items: u64) -> Self {
        Self(self.0.with("max_items", items))
    }

    /// Each of which is such a value; yes for an empty array.
    #[must_use]
    pub fn each(self, matcher: impl Into<Matcher>) -> Self {
        Self(self.0.with("each", matcher.into().inside()))
    }

    /// At least one of which is such a value; no for an empty array.
    #[must_use]
    pub fn some(self, matcher: impl Into<Matcher>) -> Self {
        Self(self.0.with("some", matcher.into().inside()))
    }
}

impl From<Items> for Matcher {
    fn from(items: Items) -> Self {
        Self::of("array", items.0)
    }
}
