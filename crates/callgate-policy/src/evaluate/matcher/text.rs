//! `text`: a text of bounded length.
//!
//! Protects tools that show or store what the model wrote. Characters are Unicode scalar values;
//! what they spell is not looked at.

use super::{Truth, Value, length, of_another_type};
use crate::document::Span64;

#[inline]
pub(super) fn holds(chars: Span64, value: Value<'_>) -> Truth {
    match length::chars_within(chars, value) {
        Some(within) => within.into(),
        None => of_another_type(value),
    }
}
