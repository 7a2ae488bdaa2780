//! Bounds on names.

/// Longest name, in bytes, of a tool, principal, tenant, session, call and the like.
pub(crate) const MAX_NAME: usize = 256;

/// Whether `text` can name something: 1 to 256 bytes, no control characters.
pub(crate) fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_NAME && !text.chars().any(char::is_control)
}
