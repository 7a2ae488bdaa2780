//! `url`: where a text leads as a URL.

use super::{Truth, Value, of_another_type};
use crate::document::url::UrlSpec;

pub(super) fn holds(spec: &UrlSpec, value: Value<'_>) -> Truth {
    match value.as_str() {
        Some(text) => Truth::known(spec.admits(text)),
        None => of_another_type(value),
    }
}
