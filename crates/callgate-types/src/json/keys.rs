//! Repeated keys of an object.

use super::node::{Node, Shape, Word};
use super::parse::Tree;
use super::word::word;

/// Up to this many keys, of an object and those around it, are told apart while they are read.
const MANY: usize = 32;

/// An odd number whose bits are in no order.
const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;

/// What is remembered of the keys of the objects that are being read, the outermost object's first.
pub(super) struct Prints {
    all: [u32; MANY],
    count: usize,
}

impl Prints {
    pub(super) const NONE: Self = Self {
        all: [0; MANY],
        count: 0,
    };

    #[inline]
    pub(super) const fn count(&self) -> usize {
        self.count
    }

    /// Remembers one more; whether it may be a repeated one of those from `first` on, which set
    /// their bits in `seen`.
    #[inline]
    pub(super) fn add(&mut self, first: usize, seen: &mut u64, print: u32) -> bool {
        let bit = 1_u64.wrapping_shl(print);
        // Few keys share a bit with another one.
        let known = *seen & bit != 0 && self.is_known(first, print);
        *seen |= bit;
        match self.all.get_mut(self.count) {
            Some(free) => {
                *free = print;
                self.count = self.count.wrapping_add(1);
                known
            }
            None => true,
        }
    }

    #[inline(never)]
    fn is_known(&self, first: usize, print: u32) -> bool {
        let known = self.all.get(first..self.count).unwrap_or_default();
        known.contains(&print)
    }

    /// Forgets those from `first` on.
    #[inline]
    pub(super) const fn forget(&mut self, first: usize) {
        self.count = first;
    }
}

/// Tells most keys apart by their length and both ends.
#[inline]
pub(super) fn print(key: &[u8]) -> u32 {
    let length = u32::try_from(key.len()).unwrap_or(u32::MAX);
    let last = match key.len() {
        0..9 => 0,
        _ => key.last_chunk().map_or(0, |last| u64::from_le_bytes(*last)),
    };
    print_of(length, word(key, 0), last)
}

/// The same of a key of at most eight bytes.
#[inline]
pub(super) fn print_of_short(length: u32, content: Word) -> u32 {
    print_of(length, content.get(), 0)
}

#[inline]
const fn print_of(length: u32, first: u64, last: u64) -> u32 {
    let ends = first ^ last.rotate_left(29) ^ ((length as u64) << 56);
    // The upper half is the better one.
    (ends.wrapping_mul(SPREAD) >> 32) as u32
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
