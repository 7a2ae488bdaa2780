//! `matches`: the whole text matches a regular expression.
//!
//! Protects tools that take identifiers of a fixed form. It is anchored at both ends, its classes
//! are ASCII, and its time is linear in the text. It does not protect a shell, an SQL engine or a
//! URL client: whoever reads structure needs a matcher that reads the same structure.

use callgate_types::JsonRef;

use super::{Sequence, Truth, Value, of_another_type};
use crate::document::Pattern;

pub(super) fn holds(pattern: &Pattern, value: Value<'_>) -> Truth {
    match value.as_str() {
        Some(text) => pattern.is_match(text).into(),
        None => of_another_type(value),
    }
}

#[inline]
pub(super) fn simply_holds(sequence: &Sequence, json: JsonRef<'_>) -> Truth {
    match json.as_text_bytes() {
        Some(text) => sequence.is_match(text).into(),
        None => Truth::Unknown,
    }
}
