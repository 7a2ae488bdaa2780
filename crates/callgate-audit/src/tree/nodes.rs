//! All complete subtrees of a tree, for those who make proofs.

use callgate_types::Digest;

use super::{Tree, join};

/// Every node of a tree that covers a power of two of records, from where a log begins on.
///
/// It holds about 64 bytes a record.
#[derive(Clone, Debug)]
pub(crate) struct Nodes {
    levels: Vec<Level>,
    size: u64,
}

/// The nodes that cover 2^k records each.
#[derive(Clone, Debug)]
struct Level {
    /// How many nodes stand before the first one that is held.
    skipped: u64,
    nodes: Vec<Digest>,
}

impl Nodes {
    /// What follows `start`.
    pub(crate) fn after(start: &Tree) -> Self {
        let mut peaks = start.peaks().iter().rev();
        let mut levels = Vec::new();
        let mut rest = start.size();
        // The peaks stand before all else: nodes above that cover later records, too, need them.
        while rest > 0 {
            let peak = (rest & 1 == 1).then(|| peaks.next().copied()).flatten();
            levels.push(Level {
                skipped: rest.saturating_sub(u64::from(peak.is_some())),
                nodes: peak.into_iter().collect(),
            });
            rest >>= 1;
        }
        Self {
            levels,
            size: start.size(),
        }
    }

    pub(crate) const fn size(&self) -> u64 {
        self.size
    }

    /// Adds a record.
    pub(crate) fn push(&mut self, digest: Digest) {
        let mut node = digest;
        let mut index = self.size;
        for level in &mut self.levels {
            level.nodes.push(node);
            let [.., left, right] = &*level.nodes else {
                self.size = self.size.saturating_add(1);
                return;
            };
            if index & 1 == 0 {
                self.size = self.size.saturating_add(1);
                return;
            }
            node = join(*left, *right);
            index >>= 1;
        }
        self.levels.push(Level {
            skipped: 0,
            nodes: vec![node],
        });
        self.size = self.size.saturating_add(1);
    }

    /// The root of the records from `from` up to `to`; `None` where it cannot be told.
    pub(crate) fn root(&self, from: u64, to: u64) -> Option<Digest> {
        let width = to.checked_sub(from)?;
        if width == 0 || to > self.size {
            return None;
        }
        if width.is_power_of_two() && from.checked_rem(width)? == 0 {
            let level = self
                .levels
                .get(usize::try_from(width.trailing_zeros()).ok()?)?;
            let index = from.checked_div(width)?.checked_sub(level.skipped)?;
            return level.nodes.get(usize::try_from(index).ok()?).copied();
        }
        let middle = from.checked_add(half(width))?;
        Some(join(self.root(from, middle)?, self.root(middle, to)?))
    }
}

/// The largest power of two below `width`, which is at least 2.
pub(crate) fn half(width: u64) -> u64 {
    let most = width.saturating_sub(1);
    1_u64
        .checked_shl(most.checked_ilog2().unwrap_or(0))
        .unwrap_or(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nodes_from_any_start_on() {
        let leaf = |n: u64| Digest::of(&n.to_be_bytes());
        for start in 0..40 {
            let mut tree = Tree::new();
            (0..start).for_each(|n| tree.push(leaf(n)));
            let mut nodes = Nodes::after(&tree);
            for n in start..start + 40 {
                if n > 0 {
                    assert_eq!(nodes.root(0, n), Some(tree.root()), "{n} from {start}");
                }
                nodes.push(leaf(n));
                tree.push(leaf(n));
                assert_eq!(nodes.size(), n + 1);
                assert_eq!(nodes.root(n, n + 1), Some(leaf(n)));
            }
            assert_eq!(nodes.root(0, start + 41), None);
            assert_eq!(nodes.root(5, 5), None);
        }
    }
}
