//! `array`: so many items, each of them and some of them so.
//!
//! Protects tools that act on many things at once: one item that does not pass is enough to fail
//! `each`, which holds of an empty array; `some` does not.

use callgate_types::JsonKind;

use super::{Scene, Test, Truth, Value, of_another_type};
use crate::document::Span64;

#[derive(Debug)]
pub(crate) struct Array {
    pub(crate) items: Span64,
    pub(crate) each: Option<Test>,
    pub(crate) some: Option<Test>,
}

impl Array {
    pub(super) fn holds(&self, value: Value<'_>, scene: &Scene<'_>) -> Truth {
        let json = match value {
            Value::Json(json) if json.kind() == JsonKind::Array => json,
            other => return of_another_type(other),
        };
        let count = Truth::from(self.items.contains(json.len() as u64));
        if count == Truth::No {
            return Truth::No;
        }
        let of = |test: &Test, item| test.holds(Value::Json(item), scene);
        let each = self.each.iter();
        let each = each.map(|test| Truth::all(json.items().map(|item| of(test, item))));
        let some = self.some.iter();
        let some = some.map(|test| Truth::any(json.items().map(|item| of(test, item))));
        Truth::all(each.chain(some))
    }

    pub(super) fn cost(&self) -> u32 {
        let inner = [&self.each, &self.some].into_iter().flatten();
        inner
            .map(Test::cost)
            .fold(4, u32::saturating_add)
            .saturating_mul(4)
    }
}
