//! Objects and arrays, member by member.

use callgate_types::Digest;

use super::value::{push_bool, push_hex, push_list, push_name_or_null, push_null, push_word};
use super::{push_name, push_number, push_string};

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

    /// Where members are written with [`key!`](super::key), piece by piece.
    pub(crate) const fn out(&mut self) -> &mut Vec<u8> {
        debug_assert!(!self.first, "such a key has a comma before it");
        self.out
    }

    /// Writes a key, which needs no escapes; the value is the caller's to write.
    #[inline]
    pub(crate) fn key(&mut self, key: &str) -> &mut Vec<u8> {
        let open: &[u8] = if self.first { b"\"" } else { b",\"" };
        self.first = false;
        self.out.extend_from_slice(open);
        self.out.extend_from_slice(key.as_bytes());
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
        push_word(self.key(key), word);
    }

    #[inline]
    pub(crate) fn hex(&mut self, key: &str, digest: Digest) {
        push_hex(self.key(key), digest);
    }

    #[inline]
    pub(crate) fn number(&mut self, key: &str, value: u64) {
        push_number(self.key(key), value);
    }

    #[inline]
    pub(crate) fn bool(&mut self, key: &str, value: bool) {
        push_bool(self.key(key), value);
    }

    #[inline]
    pub(crate) fn null(&mut self, key: &str) {
        push_null(self.key(key));
    }

    /// A name that may come from outside, or null.
    #[inline]
    pub(crate) fn name(&mut self, key: &str, name: Option<&str>) {
        push_name_or_null(self.key(key), name);
    }

    /// A list of at most `most` items; where there are more, `KEY_omitted` says how many.
    pub(crate) fn list<T>(
        &mut self,
        key: &str,
        most: usize,
        items: impl ExactSizeIterator<Item = T>,
        item: impl FnMut(&mut Vec<u8>, T),
    ) {
        push_list(self.key(key), key, most, items, item);
    }

    /// A list of names.
    pub(crate) fn names(&mut self, key: &str, most: usize, names: &[&str]) {
        self.list(key, most, names.iter(), |out, name| push_name(out, name));
    }

    pub(crate) fn end(self) {
        self.out.push(b'}');
    }
}
