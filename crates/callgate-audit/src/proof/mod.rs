//! Proofs about the tree of a log, for those who have nothing else of it.

mod consistency;
mod inclusion;
mod maker;
mod text;

pub use consistency::ConsistencyProof;
pub use inclusion::InclusionProof;
pub use maker::{ProofMaker, ProofMakerError};
pub use text::ParseProofError;

/// A proof shows nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ProofError {
    /// The sizes contradict each other, or the proof has too few digests for them, or too many.
    #[error("the proof does not have the shape that its sizes demand")]
    WrongShape,
    /// It leads to another root.
    #[error("the proof leads to another root")]
    WrongRoot,
}
