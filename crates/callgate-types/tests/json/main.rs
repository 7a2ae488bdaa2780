//! Strict JSON, against `docs/spec/arguments.md`.
//!
//! `tests/serde-json-features` runs the same files against a `serde_json` whose features differ.

#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]
#![expect(clippy::indexing_slicing, reason = "a test that cannot go on fails")]
#![expect(
    clippy::arithmetic_side_effects,
    reason = "the numbers of a test are small"
)]

mod access;
mod agreement;
mod bounds;
mod documents;
mod numbers;
mod properties;
mod values;
mod vectors;
