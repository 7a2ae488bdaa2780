//! Capability tokens, from the outside.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    clippy::panic,
    clippy::string_slice,
    clippy::arithmetic_side_effects,
    reason = "a test that stumbles fails"
)]

mod calls;
mod grants;
mod holder;
mod hostile;
mod narrowing;
mod secrets;
mod stock;
mod tokens;
mod vectors;
