//! Repeated keys of an object.

use super::node::{Node, Shape};
use super::parse::Tree;

/// Up to this many keys are told apart while they are read.
const FEW: usize = 8;

/// What is remembered of the keys of an object that is being read.
#[derive(Default)]
pub(super) struct Seen {
    prints: [u32; FEW],
    doubtful: bool,
}

impl Seen {
    /// Remembers `key`, the `count`th.
    pub(super) fn add(&mut self, count: u32, key: &[u8]) {
        let print = print(key);
        // One pass over all places, free ones included: no print is 0.
        let mut known = false;
        for other in &self.prints {
            known |= *other == print;
        }
        match self.prints.get_mut(count.wrapping_sub(1) as usize) {
            Some(free) => *free = print,
            None => known = true,
        }
        self.doubtful |= known;
    }

    /// Whether a key may be a repeated one.
    pub(super) const fn is_doubtful(&self) -> bool {
        self.doubtful
    }
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

/// Tells most keys apart by their length and both ends; never 0.
fn print(key: &[u8]) -> u32 {
    let (first, last) = match (key.first_chunk(), key.last_chunk()) {
        (Some(first), Some(last)) => (u32::from_le_bytes(*first), u32::from_le_bytes(*last)),
        _ => (
            key.iter()
                .fold(0, |print, byte| (print << 8) | u32::from(*byte)),
            0,
        ),
    };
    let ends = first ^ last.rotate_left(11).wrapping_mul(0x9e37_79b1);
    (ends ^ (u32::try_from(key.len()).unwrap_or(0) << 24)).max(1)
}

/// Tells nearly all keys apart that were not chosen to defeat it.
fn hash(key: &[u8]) -> u64 {
    const SPREAD: u64 = 0x9e37_79b9_7f4a_7c15;
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
