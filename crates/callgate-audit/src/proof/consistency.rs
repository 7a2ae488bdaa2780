//! That a tree begins with a smaller one.

use std::fmt;
use std::str::FromStr;

use callgate_types::Digest;

use super::{ParseProofError, ProofError, text};
use crate::tree::join;

const NAME: &str = "callgate-consistency/v1";

/// Shows that the records of a tree are the first ones of a larger tree.
///
/// Somebody who kept the root of a log can so be shown that the log still begins with the same
/// records, without being given any of them.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ConsistencyProof {
    pub(super) old: u64,
    pub(super) new: u64,
    pub(super) path: Vec<Digest>,
}

impl ConsistencyProof {
    /// The size of the smaller tree.
    pub const fn old(&self) -> u64 {
        self.old
    }

    /// The size of the larger tree.
    pub const fn new_size(&self) -> u64 {
        self.new
    }

    /// Checks that the tree of `new` begins with the tree of `old`.
    ///
    /// # Errors
    ///
    /// Says why the proof shows nothing.
    pub fn verify(&self, old: Digest, new: Digest) -> Result<(), ProofError> {
        if self.old > self.new {
            return Err(ProofError::WrongShape);
        }
        if self.old == 0 || self.old == self.new {
            // Nothing is the start of everything; a tree is its own start.
            let (path, same) = (
                self.path.is_empty(),
                self.old != 0 || old == Digest::of(b""),
            );
            return match (path, same && (self.old == 0 || old == new)) {
                (false, _) => Err(ProofError::WrongShape),
                (true, false) => Err(ProofError::WrongRoot),
                (true, true) => Ok(()),
            };
        }
        let mut path = self.path.iter().copied();
        // Where the smaller tree is complete, its root is left out of the proof.
        let first = if self.old.is_power_of_two() {
            old
        } else {
            path.next().ok_or(ProofError::WrongShape)?
        };
        let shift = self.old.saturating_sub(1).trailing_ones();
        let mut index = self.old.saturating_sub(1).checked_shr(shift).unwrap_or(0);
        let mut last = self.new.saturating_sub(1).checked_shr(shift).unwrap_or(0);
        let (mut smaller, mut larger) = (first, first);
        for node in path {
            if last == 0 {
                return Err(ProofError::WrongShape);
            }
            if index & 1 == 1 || index == last {
                smaller = join(node, smaller);
                larger = join(node, larger);
                while index & 1 == 0 && index != 0 {
                    index >>= 1;
                    last >>= 1;
                }
            } else {
                larger = join(larger, node);
            }
            index >>= 1;
            last >>= 1;
        }
        match (last, smaller == old && larger == new) {
            (0, true) => Ok(()),
            (0, false) => Err(ProofError::WrongRoot),
            _ => Err(ProofError::WrongShape),
        }
    }
}

impl fmt::Display for ConsistencyProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(f, NAME, (self.old, self.new), &self.path)
    }
}

impl FromStr for ConsistencyProof {
    type Err = ParseProofError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ((old, new), path) = text::read(NAME, text)?;
        Ok(Self { old, new, path })
    }
}
