//! `equals = { fact = … }`: the value is the same as another one.
//!
//! Protects the border between tenants above all: what the arguments name must be what the host
//! says, type by type. Nothing is the same as `null`, nor as what nobody supplied.

use callgate_types::{JsonKind, quick_hash};

use super::{Truth, Value, of_another_type};

#[inline]
pub(super) fn holds(operand: Value<'_>, value: Value<'_>) -> Truth {
    let Some(kind) = value.kind() else {
        return of_another_type(value);
    };
    match operand {
        Value::Unknown => return Truth::Unknown,
        Value::Absent => return Truth::No,
        Value::Text(_) | Value::Json(_) => {}
    }
    if kind == JsonKind::Null || operand.kind() != Some(kind) {
        return Truth::Unknown;
    }
    match (value, operand) {
        (Value::Json(one), Value::Json(other)) => one.equals(other),
        _ => match (value.as_str(), operand.as_str()) {
            (Some(one), Some(other)) => quick_hash::same(one.as_bytes(), other.as_bytes()),
            _ => false,
        },
    }
    .into()
}
