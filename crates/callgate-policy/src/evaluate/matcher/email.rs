//! `email`: one bare address, written plainly.

use super::{Truth, Value, of_another_type};
use crate::document::email::EmailSpec;

pub(super) fn holds(spec: &EmailSpec, value: Value<'_>) -> Truth {
    match value.as_str() {
        Some(text) => Truth::known(spec.admits(text)),
        None => of_another_type(value),
    }
}
