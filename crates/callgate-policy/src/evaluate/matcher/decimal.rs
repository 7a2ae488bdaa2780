//! `decimal`: a number within bounds, by exact value.
//!
//! Protects tools that move money: `0.1` is not above `0.10`, and `scale = 2` refuses a tenth of
//! a cent.

use callgate_types::JsonRef;

use super::{Limits, Truth, Value, of_another_type};

/// With so many decimal places at most.
#[inline]
pub(super) fn holds_of(limits: &Limits, places: u32, json: JsonRef<'_>) -> Truth {
    match json.has_scale(places) {
        Some(true) => limits.holds_of(json),
        Some(false) => Truth::No,
        None => Truth::Unknown,
    }
}

pub(super) fn holds(limits: &Limits, scale: Option<u32>, value: Value<'_>) -> Truth {
    match (value, scale) {
        (Value::Json(json), Some(places)) => holds_of(limits, places, json),
        (Value::Json(json), None) => limits.holds_of(json),
        _ => of_another_type(value),
    }
}
