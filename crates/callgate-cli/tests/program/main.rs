//! The program as it is called: what it prints, and how it ends.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails its test")]

mod check;
mod eval;
mod run;
mod verify;
