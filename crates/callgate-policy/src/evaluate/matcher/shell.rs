//! `shell`: a command line for `bash -c` of which every command is listed, or none.

use super::{Truth, Value, of_another_type};
use crate::document::shell::Shell;
use crate::document::shell::deny::Deny;

pub(super) fn holds(shell: &Shell, value: Value<'_>) -> Truth {
    match value.as_str() {
        Some(text) => shell.test(text).map_or(Truth::Unknown, Truth::from),
        None => of_another_type(value),
    }
}

pub(super) fn denies(deny: &Deny, value: Value<'_>) -> Truth {
    match value.as_str() {
        Some(text) => deny.test(text).map_or(Truth::Unknown, Truth::from),
        None => of_another_type(value),
    }
}
