//! RFC 6901 pointers.

use std::borrow::Cow;

use super::{JsonKind, JsonRef};

/// The value that `pointer` names, seen from `from`.
pub(super) fn follow<'a>(from: JsonRef<'a>, pointer: &str) -> Option<JsonRef<'a>> {
    if pointer.is_empty() {
        return Some(from);
    }
    let mut value = from;
    for token in pointer.strip_prefix('/')?.split('/') {
        value = match value.kind() {
            JsonKind::Object => value.get(&unescape(token)?)?,
            JsonKind::Array => value.at(index(token)?)?,
            _ => return None,
        };
    }
    Some(value)
}

/// Appends `key` to an RFC 6901 pointer: a slash, and the key with its escapes.
///
/// # Examples
///
/// ```
/// let mut pointer = String::from("/to");
/// callgate_types::push_pointer_token(&mut pointer, "a/b~");
/// assert_eq!(pointer, "/to/a~1b~0");
/// ```
pub fn push_token(pointer: &mut String, key: &str) {
    pointer.push('/');
    for c in key.chars() {
        match c {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            c => pointer.push(c),
        }
    }
}

/// Decodes `~0` and `~1`; no other tilde is allowed.
fn unescape(token: &str) -> Option<Cow<'_, str>> {
    let mut pieces = token.split('~');
    let first = pieces.next()?;
    let mut key = Cow::Borrowed(first);
    for piece in pieces {
        let (sign, rest) = match piece.strip_prefix('0') {
            Some(rest) => ('~', rest),
            None => ('/', piece.strip_prefix('1')?),
        };
        let key = key.to_mut();
        key.push(sign);
        key.push_str(rest);
    }
    Some(key)
}

/// An index: digits without leading zeros.
fn index(token: &str) -> Option<usize> {
    let digits = token.bytes().all(|byte| byte.is_ascii_digit());
    let padded = token.len() > 1 && token.starts_with('0');
    (digits && !padded).then(|| token.parse().ok()).flatten()
}
