//! What an approval may become, and by whom.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails its test")]
#![expect(clippy::panic, reason = "helpers of tests may fail")]
#![expect(clippy::arithmetic_side_effects, reason = "tests count small things")]

mod answering;
mod model;
mod resuming;
mod standing;
mod support;
