//! `boolean`: `true` or `false`.
//!
//! Protects tools with switches: `"true"`, `1` and `null` are unknown.

use callgate_types::JsonKind;

use super::{Truth, Value, of_another_type};

#[inline]
pub(super) fn holds(value: Value<'_>) -> Truth {
    match value.kind() {
        Some(JsonKind::Boolean) => Truth::Yes,
        _ => of_another_type(value),
    }
}
