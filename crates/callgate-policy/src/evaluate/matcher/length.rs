//! `length`: characters of a text, or items of an array.
//!
//! Protects tools whose cost or reach grows with their input.

use callgate_types::JsonKind;

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

/// Whether a text has so many Unicode scalar values; `None` for what is no text.
#[inline]
pub(super) fn chars_within(span: Span64, value: Value<'_>) -> Option<bool> {
    // A scalar value takes one to four bytes: most texts are settled without counting.
    let bytes = match value {
        Value::Json(json) => u64::from(json.text_len()?),
        other => other.as_str()?.len() as u64,
    };
    if bytes <= span.max && bytes.div_ceil(4) >= span.min {
        return Some(true);
    }
    let chars = value.as_str()?.chars().count();
    Some(span.contains(chars as u64))
}
