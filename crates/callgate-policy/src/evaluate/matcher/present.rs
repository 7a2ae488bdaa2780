//! `present`: whether the value is there.
//!
//! Protects tools whose behaviour changes when an argument is given at all. `null` is there.

use super::{Truth, Value};

#[inline]
pub(super) fn holds(expected: bool, value: Value<'_>) -> Truth {
    match value {
        Value::Unknown => Truth::Unknown,
        Value::Absent => (!expected).into(),
        Value::Text(_) | Value::Json(_) => expected.into(),
    }
}
