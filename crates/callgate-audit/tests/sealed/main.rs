//! What is signed: notes, checkpoints, proofs, and everybody who would forge them.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    reason = "helpers of tests may fail, and count small things"
)]

mod anchors;
mod attackers;
mod beginnings;
mod journal;
mod log;
mod notes;
mod parallel;
mod proofs;
mod pruning;
mod signed_vectors;
mod starts;
mod statements;
mod vectors;
