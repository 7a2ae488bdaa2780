//! `length`: characters of a text, or items of an array.
//!
//! Protects tools whose cost or reach grows with their input.

use callgate_types::{JsonKind, JsonRef};

use super::{Truth, Value, of_another_type};
use crate::document::Span64;

#[inline]
pub(super) fn holds(span: Span64, value: Value<'_>) -> Truth {
    if let Some(within) = chars_within(span, value) {
        return within.into();
    }
    match value {
        Value::Json(json) if json.kind() == JsonKind::Array => {
            span.contains(json.len() as u64).into()
        }
        _ => of_another_type(value),
    }
}

/// Whether a text has so many characters without any doubt, reckoned from its bytes.
#[inline]
pub(super) fn surely_within(span: Span64, json: JsonRef<'_>) -> bool {
    let bytes = json.text_len().map(u64::from);
    // A scalar value takes one to four bytes.
    bytes.is_some_and(|bytes| bytes <= span.max && bytes.div_ceil(4) >= span.min)
}

/// Whether a text has so many Unicode scalar values; `None` for what is no text.
pub(super) fn chars_within(span: Span64, value: Value<'_>) -> Option<bool> {
    let chars = value.as_str()?.chars().count();
    Some(span.contains(chars as u64))
}
