//! That a record is in a tree.

use std::fmt;
use std::str::FromStr;

use callgate_types::Digest;

use super::{ParseProofError, ProofError, text};
use crate::tree::join;

const NAME: &str = "callgate-inclusion/v1";

/// Shows that a record is the one at its place in the tree of a root.
///
/// At a million records it has 20 digests. Its text is a line that says what it is about, and one
/// line for each digest.
///
/// # Examples
///
/// ```
/// use callgate_audit::{InclusionProof, record_digest};
///
/// let record = record_digest(b"the only record of a log");
/// let proof: InclusionProof = "callgate-inclusion/v1 0 1\n".parse()?;
/// assert!(proof.verify(record, record).is_ok());
/// # Ok::<(), callgate_audit::ParseProofError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct InclusionProof {
    pub(super) seq: u64,
    pub(super) size: u64,
    /// From the leaf up.
    pub(super) path: Vec<Digest>,
}

impl InclusionProof {
    /// The place of the record.
    pub const fn seq(&self) -> u64 {
        self.seq
    }

    /// The size of the tree.
    pub const fn size(&self) -> u64 {
        self.size
    }

    /// Checks that the record with digest `record` is at its place in the tree of `root`.
    ///
    /// # Errors
    ///
    /// Says why the proof shows nothing.
    pub fn verify(&self, record: Digest, root: Digest) -> Result<(), ProofError> {
        let last = self.size.checked_sub(1).ok_or(ProofError::WrongShape)?;
        if self.seq > last {
            return Err(ProofError::WrongShape);
        }
        let (mut index, mut last) = (self.seq, last);
        let mut node = record;
        for sibling in &self.path {
            if last == 0 {
                return Err(ProofError::WrongShape);
            }
            if index & 1 == 1 || index == last {
                node = join(*sibling, node);
                while index & 1 == 0 && index != 0 {
                    index >>= 1;
                    last >>= 1;
                }
            } else {
                node = join(node, *sibling);
            }
            index >>= 1;
            last >>= 1;
        }
        match (last, node == root) {
            (0, true) => Ok(()),
            (0, false) => Err(ProofError::WrongRoot),
            _ => Err(ProofError::WrongShape),
        }
    }
}

impl fmt::Display for InclusionProof {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        text::write(f, NAME, (self.seq, self.size), &self.path)
    }
}

impl FromStr for InclusionProof {
    type Err = ParseProofError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let ((seq, size), path) = text::read(NAME, text)?;
        Ok(Self { seq, size, path })
    }
}
