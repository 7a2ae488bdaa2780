//! Repeated keys of an object.

use super::node::{Node, Shape, Word};
use super::open::Open;
use super::parse::Tree;
use super::word::word;

/// Up to so many keys of an object are compared one by one, where there may be a repeated one.
const MANY: u32 = 32;

/// An odd number whose bits are in no order.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// One of 64 bits that tells many keys apart, by their length and both ends.
#[inline]
pub(super) fn bit(key: &[u8]) -> u64 {
    let length = u32::try_from(key.len()).unwrap_or(u32::MAX);
    let last = match key.len() {
        0..9 => 0,
        _ => key.last_chunk().map_or(0, |last| u64::from_le_bytes(*last)),
    };
    bit_of(length, word(key, 0), last)
}

/// The same of a key of at most eight bytes.
#[inline]
pub(super) fn bit_of_short(length: u32, content: Word) -> u64 {
    bit_of(length, content.get(), 0)
}

#[inline]
const fn bit_of(length: u32, first: u64, last: u64) -> u64 {
    let ends = first ^ last.rotate_left(29) ^ ((length as u64) << 56);
    // The highest bits are the best ones.
    1 << (ends.wrapping_mul(SPREAD) >> 58)
}

/// Whether the last key of an object that is being read may be one that it had before. Looks at
/// few keys only: of many it may be said of any.
#[inline(never)]
pub(super) fn is_known(text: &str, tree: &Tree, open: &Open) -> bool {
    if open.len > MANY {
        return true;
    }
    let Some(last) = tree.nodes.last() else {
        return true;
    };
    let before = open.len.saturating_sub(1) as usize;
    let last = content(text, tree, *last);
    Keys::of(text, tree, open.node)
        .take(before)
        .any(|(key, _)| key == last)
}

/// Where the first key stands that its object, closed or still open, had before.
///
/// Keys are compared decoded. They are sorted: whoever writes them can neither make that quadratic
/// nor guess a secret of the hash, because it has none. Keys of one hash are told apart by their
/// bytes.
pub(super) fn repeated(text: &str, tree: &Tree, object: u32) -> Option<u32> {
    let keys = || Keys::of(text, tree, object);
    let mut hashes: Vec<_> = keys().map(|(key, _)| hash(key)).collect();
    hashes.sort_unstable();
    if hashes.is_sorted_by(|one, next| one < next) {
        return None;
    }
    let mut all: Vec<_> = keys().collect();
    all.sort_unstable();
    all.windows(2)
        .filter_map(|pair| match pair {
            [(one, _), (other, start)] if one == other => Some(*start),
            _ => None,
        })
        .min()
}

/// The decoded bytes of a string.
pub(super) fn content<'a>(text: &'a str, tree: &'a Tree, node: Node) -> &'a [u8] {
    let (from, to, all) = match node.shape {
        Shape::Escaped { from, to } => (from, to, tree.decoded.as_str()),
        _ => (node.start.wrapping_add(1), node.end.wrapping_sub(1), text),
    };
    all.as_bytes()
        .get(from as usize..to as usize)
        .unwrap_or_default()
}

/// Tells nearly all keys apart that were not chosen to defeat it.
fn hash(key: &[u8]) -> u64 {
    let (words, rest) = key.as_chunks::<8>();
    let last = rest
        .iter()
        .fold(0, |last, byte| (last << 8) | u64::from(*byte));
    words
        .iter()
        .map(|word| u64::from_le_bytes(*word))
        .chain([last])
        .fold(key.len() as u64, |hash, word| {
            (hash.rotate_left(23) ^ word).wrapping_mul(SPREAD)
        })
}

/// The keys of an object and where they stand, as far as it has been read.
struct Keys<'a> {
    text: &'a str,
    tree: &'a Tree,
    next: u32,
    end: u32,
}

impl<'a> Keys<'a> {
    fn of(text: &'a str, tree: &'a Tree, object: u32) -> Self {
        let after = match tree.nodes.get(object as usize) {
            Some(node) => node.after(object),
            None => 0,
        };
        Self {
            text,
            tree,
            next: object.wrapping_add(1),
            end: if after == 0 { u32::MAX } else { after },
        }
    }
}

impl<'a> Iterator for Keys<'a> {
    type Item = (&'a [u8], u32);

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let key = *self.tree.nodes.get(self.next as usize)?;
        let value = self.next.wrapping_add(1);
        // Nothing follows a value that is missing or is being read.
        self.next = match self.tree.nodes.get(value as usize) {
            Some(node) if node.after(value) > value => node.after(value),
            _ => u32::MAX,
        };
        Some((content(self.text, self.tree, key), key.start))
    }
}
