//! The Merkle tree over the records of a log; its leaves are their digests (RFC 6962).

mod nodes;

pub(crate) use nodes::{Nodes, half};

use callgate_types::Digest;

pub(crate) use crate::sha::node as join;

/// Most peaks: one for each bit of a size.
pub(crate) const MAX_PEAKS: usize = 64;

/// The tree over the first records of a log, of which only the peaks are kept: the roots of its
/// complete subtrees.
///
/// They are all that it takes to go on, at most 64 digests however long the log is.
///
/// # Examples
///
/// ```
/// use callgate_audit::Tree;
/// use callgate_types::Digest;
///
/// let mut tree = Tree::new();
/// assert_eq!(tree.root(), Digest::of(b""));
/// tree.push(Digest::of(b"the first record"));
/// tree.push(Digest::of(b"the second"));
///
/// let same = Tree::from_peaks(tree.size(), tree.peaks())?;
/// assert_eq!(same.root(), tree.root());
/// # Ok::<(), callgate_audit::TreeError>(())
/// ```
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tree {
    size: u64,
    /// The largest first.
    peaks: Vec<Digest>,
}

impl Tree {
    /// The tree over no records.
    pub const fn new() -> Self {
        Self {
            size: 0,
            peaks: Vec::new(),
        }
    }

    /// The tree of `size` records with these `peaks`, the largest first.
    ///
    /// # Errors
    ///
    /// Refuses a number of peaks that no tree of that size has.
    pub fn from_peaks(size: u64, peaks: &[Digest]) -> Result<Self, TreeError> {
        let expected = size.count_ones();
        if u32::try_from(peaks.len()) != Ok(expected) {
            let found = peaks.len();
            return Err(TreeError {
                size,
                expected,
                found,
            });
        }
        let peaks = peaks.to_vec();
        Ok(Self { size, peaks })
    }

    /// Adds the record with `digest`.
    pub fn push(&mut self, digest: Digest) {
        self.push_node(0, digest);
    }

    /// Adds 2^`level` records, of which `node` is the root. The size must be a multiple of that.
    pub(crate) fn push_node(&mut self, level: u32, mut node: Digest) {
        let nodes = self.size.checked_shr(level).unwrap_or(0);
        // A set bit is a complete subtree that the new node completes to a larger one.
        for _ in 0..nodes.trailing_ones() {
            let Some(left) = self.peaks.pop() else { break };
            node = join(left, node);
        }
        self.peaks.push(node);
        // No log reaches 2^64 records.
        let records = 1_u64.checked_shl(level).unwrap_or(0);
        self.size = self.size.saturating_add(records);
    }

    /// The root.
    pub fn root(&self) -> Digest {
        let mut peaks = self.peaks.iter().rev().copied();
        let Some(last) = peaks.next() else {
            return Digest::of(b"");
        };
        peaks.fold(last, |right, left| join(left, right))
    }

    /// How many records it is over.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// The roots of its complete subtrees, the largest first.
    pub fn peaks(&self) -> &[Digest] {
        &self.peaks
    }
}

/// The number of peaks is not that of a tree of this size.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected {expected} peaks for {size} records, found {found}")]
#[non_exhaustive]
pub struct TreeError {
    /// The size.
    pub size: u64,
    /// How many peaks a tree of that size has.
    pub expected: u32,
    /// How many were given.
    pub found: usize,
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The definition of RFC 6962, as it stands there.
    fn naive(leaves: &[Digest]) -> Digest {
        match leaves {
            [] => Digest::of(b""),
            [leaf] => *leaf,
            _ => {
                let half = leaves.len().next_power_of_two() / 2;
                let (left, right) = leaves.split_at(half);
                join(naive(left), naive(right))
            }
        }
    }

    #[test]
    fn roots_are_those_of_the_definition() {
        let leaves: Vec<_> = (0_u32..200).map(|n| Digest::of(&n.to_be_bytes())).collect();
        let mut tree = Tree::new();
        for (size, leaf) in leaves.iter().enumerate() {
            assert_eq!(tree.root(), naive(&leaves[..size]), "{size}");
            let again = Tree::from_peaks(tree.size(), tree.peaks()).unwrap();
            assert_eq!(again, tree);
            tree.push(*leaf);
        }
    }

    /// The tree that implementations of RFC 6962 share as a test.
    #[test]
    fn known_roots() {
        let leaves: [&[u8]; 8] = [
            b"",
            b"\x00",
            b"\x10",
            b"\x20\x21",
            b"\x30\x31",
            b"\x40\x41\x42\x43",
            b"\x50\x51\x52\x53\x54\x55\x56\x57",
            b"\x60\x61\x62\x63\x64\x65\x66\x67\x68\x69\x6a\x6b\x6c\x6d\x6e\x6f",
        ];
        let roots = [
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
        ];
        let mut tree = Tree::new();
        for (leaf, root) in leaves.iter().zip(roots) {
            tree.push(Digest::of(&[b"\0", *leaf].concat()));
            assert_eq!(tree.root().to_string(), root);
        }
    }

    #[test]
    fn wrong_number_of_peaks() {
        let error = Tree::from_peaks(5, &[Digest::ZERO]).unwrap_err();
        assert_eq!(error.to_string(), "expected 2 peaks for 5 records, found 1");
        assert_eq!(Tree::from_peaks(0, &[]), Ok(Tree::new()));
    }
}
