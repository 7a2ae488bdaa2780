//! Tokens, against docs/spec/vectors/identity.json.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "helpers of tests stop at the first surprise"
)]

mod resolving;
mod secrecy;
mod vectors;
