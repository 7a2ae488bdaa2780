//! `equals`: the value is this one.
//!
//! Protects any tool against a value that only looks like the one meant: `"50"` is not `50`,
//! and of `50` and `50.0` neither is taken for another number.

use callgate_types::JsonKind;

use super::{Truth, Value, kind_of, of_another_type};
use crate::document::Scalar;

#[inline]
pub(super) fn holds(scalar: &Scalar, value: Value<'_>) -> Truth {
    if value.kind() != Some(kind_of(scalar)) {
        return of_another_type(value);
    }
    is(scalar, value).into()
}

/// Whether `value` is `scalar`; of another type it is not.
#[inline]
pub(super) fn is(scalar: &Scalar, value: Value<'_>) -> bool {
    match scalar {
        Scalar::Text(text) => value.as_str() == Some(text),
        Scalar::Number(limit) => value
            .as_number()
            .is_some_and(|number| limit.compare(number).is_eq()),
        Scalar::Boolean(expected) => match value {
            Value::Json(json) if json.kind() == JsonKind::Boolean => {
                json.as_bool() == Some(*expected)
            }
            _ => false,
        },
    }
}
