//! `integer`: a number written as an integer, within bounds.
//!
//! Protects tools that count. `5.0`, `5e0` and `-0` are numbers of another form: no. `"5"` is no
//! number at all: unknown. No size is rounded: 2^53 + 1 is not 2^53.

use super::{Limits, Truth, Value, of_another_type};

pub(super) fn holds(limits: &Limits, value: Value<'_>) -> Truth {
    let Value::Json(json) = value else {
        return of_another_type(value);
    };
    match json.is_integer() {
        Some(true) => limits.holds_of(json),
        Some(false) => Truth::No,
        None => Truth::Unknown,
    }
}
