//! Bounds of numbers.

use callgate::{Json, JsonKind, JsonRef, Number};
use serde_json::Value;

use super::Reader;
use super::accepts::{Accepts, Rest, Table};

/// One end of a range.
#[derive(Clone, Copy)]
struct Bound<'a> {
    value: Number<'a>,
    strict: bool,
}

impl<'a> Reader<'a> {
    /// Numbers within bounds, of which each keeps the digits that it is written with.
    pub(super) fn number(&mut self, schema: JsonRef<'a>, integer: bool) -> Accepts {
        let low = self.bound(schema, "minimum", "exclusiveMinimum", Number::gt);
        let high = self.bound(schema, "maximum", "exclusiveMaximum", Number::lt);
        if let (Some(low), Some(high)) = (low, high) {
            let strict = low.strict || high.strict;
            if low.value > high.value || (strict && low.value == high.value) {
                return Accepts::NOTHING;
            }
        }
        let mut bounds = Table::new();
        let ends = [(low, "above", "at_least"), (high, "below", "at_most")];
        for (bound, strict, other) in ends {
            if let Some(bound) = bound {
                let key = if bound.strict { strict } else { other };
                bounds.insert(key.into(), written(bound.value));
            }
        }
        let scale = self.scale(schema, integer);
        let whole = |bound: Option<Bound<'_>>| bound.is_none_or(|bound| bound.value.has_scale(0));
        let mut table = Table::new();
        if integer && whole(low) && whole(high) {
            table.insert("integer".into(), bounds.into());
            return Accepts::only(Rest::Table(table));
        }
        if integer {
            table.insert("integer".into(), Table::new().into());
        } else if let Some(scale) = scale {
            bounds.insert("scale".into(), scale.into());
        }
        table.insert("decimal".into(), bounds.into());
        Accepts::only(Rest::Table(table))
    }

    /// One end of the range, by the keywords for it; `tighter` tells which of two leaves less.
    fn bound(
        &mut self,
        schema: JsonRef<'a>,
        key: &str,
        exclusive: &str,
        tighter: impl Fn(&Number<'a>, &Number<'a>) -> bool,
    ) -> Option<Bound<'a>> {
        let mut read = |key: &str, strict: bool| {
            let value = schema.get(key)?;
            let bound = value.as_number().map(|value| Bound { value, strict });
            if bound.is_none() && value.kind() != JsonKind::Boolean {
                self.find(true, format!("`{key}` is no number: it is not read"));
            }
            bound
        };
        // As drafts before the sixth write it, the second only says how the first is meant.
        let strict = schema.get(exclusive).and_then(JsonRef::as_bool) == Some(true);
        let (one, other) = (read(key, strict), read(exclusive, true));
        match (one, other) {
            (Some(one), Some(other)) if tighter(&one.value, &other.value) => Some(one),
            (one, other) => other.or(one),
        }
    }

    /// How many decimal places `multipleOf` allows; what else it says is left out.
    fn scale(&mut self, schema: JsonRef<'a>, integer: bool) -> Option<u32> {
        const MAX: u32 = 400;
        let step = schema.get("multipleOf")?;
        let canonical = Json::parse(step.raw()).ok()?.canonical();
        let places = match canonical.strip_prefix("1e-") {
            Some(places) => places.parse().ok(),
            None => (canonical == "1").then_some(0),
        };
        let places = places.filter(|places| *places <= MAX);
        if places.is_none() {
            self.find(
                true,
                "`multipleOf` is not read, but for 1, 0.1, 0.01 and so on",
            );
        }
        places.filter(|_| !integer)
    }
}

/// A number as a policy writes it: an integer, or text with the digits of the schema.
pub(super) fn written(number: Number<'_>) -> Value {
    match number.as_i64() {
        Some(integer) => integer.into(),
        None => number.as_str().into(),
    }
}

/// The whole number that `number` is, however it is written.
pub(super) fn whole(number: Number<'_>) -> Option<i64> {
    if let Some(integer) = number.as_i64() {
        return Some(integer);
    }
    // `10.0` and `1e1` are counts, too.
    let canonical = Json::parse(number.as_str()).ok()?.canonical();
    let (digits, zeros) = canonical.split_once('e').unwrap_or((&canonical, "0"));
    let zeros: u32 = zeros.parse().ok()?;
    let digits: i64 = digits.parse().ok()?;
    digits.checked_mul(10_i64.checked_pow(zeros)?)
}
