//! Objects and arrays, member by member.

use callgate_types::Digest;

use super::{push_name, push_number, push_string};
use crate::line::MAX_LINE;

/// An object that is being written.
pub(crate) struct Object<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
}

impl<'o> Object<'o> {
    pub(crate) fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'{');
        Self { out, first: true }
    }

    /// The object has begun, and has members already.
    pub(crate) const fn resume(out: &'o mut Vec<u8>) -> Self {
        Self { out, first: false }
    }

    /// Writes a key, which needs no escapes; the value is the caller's to write.
    #[inline]
    pub(crate) fn key(&mut self, key: &str) -> &mut Vec<u8> {
        self.key_of(key, "")
    }

    #[inline]
    fn key_of(&mut self, start: &str, end: &str) -> &mut Vec<u8> {
        let open: &[u8] = if self.first { b"\"" } else { b",\"" };
        self.first = false;
        self.out.extend_from_slice(open);
        self.out.extend_from_slice(start.as_bytes());
        self.out.extend_from_slice(end.as_bytes());
        self.out.extend_from_slice(b"\":");
        self.out
    }

    /// Writes a key that comes from outside; the value is the caller's to write.
    pub(crate) fn text_key(&mut self, key: &str) -> &mut Vec<u8> {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        push_string(self.out, key);
        self.out.push(b':');
        self.out
    }

    /// A string that needs no escapes.
    #[inline]
    pub(crate) fn word(&mut self, key: &str, word: &str) {
        let out = self.key(key);
        out.push(b'"');
        out.extend_from_slice(word.as_bytes());
        out.push(b'"');
    }

    #[inline]
    pub(crate) fn hex(&mut self, key: &str, digest: Digest) {
        let out = self.key(key);
        out.push(b'"');
        out.extend_from_slice(&digest.to_hex());
        out.push(b'"');
    }

    #[inline]
    pub(crate) fn number(&mut self, key: &str, value: u64) {
        push_number(self.key(key), value);
    }

    #[inline]
    pub(crate) fn bool(&mut self, key: &str, value: bool) {
        let word: &[u8] = if value { b"true" } else { b"false" };
        self.key(key).extend_from_slice(word);
    }

    #[inline]
    pub(crate) fn null(&mut self, key: &str) {
        self.key(key).extend_from_slice(b"null");
    }

    /// A name that may come from outside, or null.
    #[inline]
    pub(crate) fn name(&mut self, key: &str, name: Option<&str>) {
        match name {
            Some(name) => push_name(self.key(key), name),
            None => self.null(key),
        }
    }

    /// A list of at most `most` items; where there are more, `KEY_omitted` says how many.
    pub(crate) fn list<T>(
        &mut self,
        key: &str,
        most: usize,
        items: impl ExactSizeIterator<Item = T>,
        mut item: impl FnMut(&mut Vec<u8>, T),
    ) {
        let omitted = items.len().saturating_sub(most);
        let mut list = List::begin(self.key(key));
        for value in items.take(most) {
            let out = list.item();
            // Beyond the bound the record is written again with less.
            if out.len() > MAX_LINE {
                break;
            }
            item(out, value);
        }
        list.end();
        if omitted > 0 {
            let omitted = u64::try_from(omitted).unwrap_or(u64::MAX);
            push_number(self.key_of(key, "_omitted"), omitted);
        }
    }

    /// A list of names.
    pub(crate) fn names(&mut self, key: &str, most: usize, names: &[&str]) {
        self.list(key, most, names.iter(), |out, name| push_name(out, name));
    }

    pub(crate) fn end(self) {
        self.out.push(b'}');
    }
}

/// An array that is being written.
struct List<'o> {
    out: &'o mut Vec<u8>,
    first: bool,
}

impl<'o> List<'o> {
    fn begin(out: &'o mut Vec<u8>) -> Self {
        out.push(b'[');
        Self { out, first: true }
    }

    /// The value of the item is the caller's to write.
    fn item(&mut self) -> &mut Vec<u8> {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        self.out
    }

    fn end(self) {
        self.out.push(b']');
    }
}
