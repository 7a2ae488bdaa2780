//! `integer`: a number written as an integer, within bounds.
//!
//! Protects tools that count. `5.0`, `5e0` and `-0` are numbers of another form: no. `"5"` is no
//! number at all: unknown. No size is rounded: 2^53 + 1 is not 2^53.

use callgate_types::JsonRef;

use super::{Limits, Truth};

#[inline]
pub(super) fn holds_of(limits: &Limits, json: JsonRef<'_>) -> Truth {
    match json.is_integer() {
        Some(integer) => (integer && limits.admit(json) == Some(true)).into(),
        None => Truth::Unknown,
    }
}
