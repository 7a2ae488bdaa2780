//! Calls that people are asked about, from end to end.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails its test")]
#![expect(clippy::panic, reason = "an answer of another kind fails its test")]
#![expect(clippy::indexing_slicing, reason = "what is not there fails its test")]
#![expect(clippy::arithmetic_side_effects, reason = "tests count small things")]

mod asking;
mod attacks;
mod basis;
mod beyond_limits;
mod crash;
mod dry_runs;
mod failing;
mod many;
mod masking;
mod races;
mod standing;
mod support;
mod vectors;
