//! Bounds on names.

/// Longest name, in bytes, of a tool, principal, tenant, session, call and the like.
pub(crate) const MAX_NAME: usize = 256;

/// Whether `text` can name something: 1 to 256 bytes, no control characters.
pub fn is_name(text: &str) -> bool {
    !text.is_empty() && text.len() <= MAX_NAME && !has_control(text)
}

fn has_control(text: &str) -> bool {
    // Without an early end: many bytes are looked at in one step.
    let mut unusual = false;
    for byte in text.bytes() {
        unusual |= byte.wrapping_sub(b' ') >= 0x7f - b' ';
    }
    unusual && text.chars().any(char::is_control)
}
