//! `length`: characters of a text, or items of an array.
//!
//! Protects tools whose cost or reach grows with their input.

use callgate_types::JsonKind;

use super::{Truth, Value, of_another_type};
use crate::document::Span64;

#[inline]
pub(super) fn holds(span: Span64, value: Value<'_>) -> Truth {
    if let Some(text) = value.as_str() {
        return chars_within(span, text).into();
    }
    match value {
        Value::Json(json) if json.kind() == JsonKind::Array => {
            span.contains(json.len() as u64).into()
        }
        _ => of_another_type(value),
    }
}

/// Whether `text` has so many Unicode scalar values.
#[inline]
pub(super) fn chars_within(span: Span64, text: &str) -> bool {
    // A scalar value takes one to four bytes: most texts are settled without counting.
    let bytes = text.len() as u64;
    if bytes <= span.max && bytes.div_ceil(4) >= span.min {
        return true;
    }
    span.contains(text.chars().count() as u64)
}
