//! Repeated keys of an object.

use super::node::{Node, Shape};
use super::parse::Tree;

/// Up to this many keys, comparing each with each is the quickest.
const FEW: usize = 8;

/// Where the first key stands that its object, closed or still open, had before.
///
/// Keys are compared decoded. Many keys are sorted: whoever writes them can neither make that
/// quadratic nor guess a hash function.
pub(super) fn repeated(text: &str, tree: &Tree, object: u32) -> Option<u32> {
    let mut keys = Keys::of(text, tree, object);
    let mut few: [&[u8]; FEW] = [&[]; FEW];
    for slot in 0..=FEW {
        let (key, start) = keys.next()?;
        if few.iter().take(slot).any(|known| *known == key) {
            return Some(start);
        }
        if let Some(place) = few.get_mut(slot) {
            *place = key;
        }
    }
    let mut all: Vec<_> = Keys::of(text, tree, object).collect();
    all.sort_unstable();
    all.windows(2)
        .filter_map(|pair| match pair {
            [(one, _), (other, start)] if one == other => Some(*start),
            _ => None,
        })
        .min()
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
        let mut end = object;
        if let Some(Shape::Object(span)) = tree.nodes.get(object as usize).map(|node| node.shape) {
            end = if span.after > object {
                span.after
            } else {
                u32::MAX
            };
        }
        Self {
            text,
            tree,
            next: object.wrapping_add(1),
            end,
        }
    }
}

impl<'a> Iterator for Keys<'a> {
    type Item = (&'a [u8], u32);

    fn next(&mut self) -> Option<Self::Item> {
        if self.next >= self.end {
            return None;
        }
        let node = self.tree.nodes.get(self.next as usize)?;
        let value = self.next.wrapping_add(1);
        // An open container as the value is the last: its `after` lies before it.
        self.next = self
            .tree
            .nodes
            .get(value as usize)
            .map(|node| node.after(value))
            .filter(|after| *after > value)
            .unwrap_or(u32::MAX);
        Some((content(self.text, &self.tree.decoded, *node), node.start))
    }
}

/// The decoded bytes of a string.
fn content<'a>(text: &'a str, decoded: &'a str, node: Node) -> &'a [u8] {
    let (from, to, all) = match node.shape {
        Shape::Escaped { from, to } => (from, to, decoded),
        _ => (node.start.wrapping_add(1), node.end.wrapping_sub(1), text),
    };
    all.as_bytes()
        .get(from as usize..to as usize)
        .unwrap_or_default()
}
