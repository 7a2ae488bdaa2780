//! `equals = { fact = … }`: the value is the same as another one.
//!
//! Protects the border between tenants above all: what the arguments name must be what the host
//! says, type by type. Nothing is the same as `null`, nor as what nobody supplied.

use callgate_types::{Caller, JsonKind, JsonRef, quick_hash};

use super::{Scene, Truth, Value, of_another_type};

/// As [`holds`] of the caller's tenant.
#[inline]
pub(super) fn is_tenant(json: JsonRef<'_>, scene: &Scene<'_>) -> Truth {
    let tenant = scene.caller.and_then(Caller::tenant);
    match (json.as_text_bytes(), tenant) {
        (Some(text), Some(tenant)) => quick_hash::same(text, tenant.as_bytes()).into(),
        _ => Truth::Unknown,
    }
}

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
        _ => match (value.as_bytes(), operand.as_bytes()) {
            (Some(one), Some(other)) => quick_hash::same(one, other),
            _ => false,
        },
    }
    .into()
}
