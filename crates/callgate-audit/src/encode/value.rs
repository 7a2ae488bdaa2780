//! Values that stand behind a key.

use callgate_types::Digest;

use super::{push_name, push_number};
use crate::line::MAX_LINE;

/// Appends a string that needs no escapes.
#[inline]
pub(crate) fn push_word(out: &mut Vec<u8>, word: &str) {
    out.push(b'"');
    out.extend_from_slice(word.as_bytes());
    out.push(b'"');
}

#[inline]
pub(crate) fn push_hex(out: &mut Vec<u8>, digest: Digest) {
    out.push(b'"');
    out.extend_from_slice(&digest.to_hex());
    out.push(b'"');
}

#[inline]
pub(crate) fn push_bool(out: &mut Vec<u8>, value: bool) {
    out.extend_from_slice(if value { b"true" } else { b"false" });
}

#[inline]
pub(crate) fn push_null(out: &mut Vec<u8>) {
    out.extend_from_slice(b"null");
}

/// Appends a word, or null.
#[inline]
pub(crate) fn push_word_or_null(out: &mut Vec<u8>, word: Option<&str>) {
    match word {
        Some(word) => push_word(out, word),
        None => push_null(out),
    }
}

/// Appends a name that may come from outside, or null.
#[inline]
pub(crate) fn push_name_or_null(out: &mut Vec<u8>, name: Option<&str>) {
    match name {
        Some(name) => push_name(out, name),
        None => push_null(out),
    }
}

/// Appends a number, or null.
#[inline]
pub(crate) fn push_number_or_null(out: &mut Vec<u8>, number: Option<u64>) {
    match number {
        Some(number) => push_number(out, number),
        None => push_null(out),
    }
}

/// Appends a list of at most `most` items, the value of `key`; where there are more, `KEY_omitted`
/// says how many.
#[inline]
pub(crate) fn push_list<T>(
    out: &mut Vec<u8>,
    key: &str,
    most: usize,
    items: impl ExactSizeIterator<Item = T>,
    mut item: impl FnMut(&mut Vec<u8>, T),
) {
    let count = items.len();
    if count == 0 {
        return out.extend_from_slice(b"[]");
    }
    let mut before = b'[';
    for value in items.take(most) {
        // Beyond the bound the record is written again with less.
        if out.len() > MAX_LINE {
            break;
        }
        out.push(before);
        item(out, value);
        before = b',';
    }
    if before == b'[' {
        out.push(b'[');
    }
    out.push(b']');
    if let Some(omitted @ 1..) = count.checked_sub(most) {
        push_omitted(out, key, omitted);
    }
}

#[cold]
fn push_omitted(out: &mut Vec<u8>, key: &str, omitted: usize) {
    for piece in [",\"", key, "_omitted\":"] {
        out.extend_from_slice(piece.as_bytes());
    }
    push_number(out, u64::try_from(omitted).unwrap_or(u64::MAX));
}
