//! The program as it is called: what it prints, and how it ends.
#![expect(clippy::unwrap_used, reason = "what cannot be set up fails its test")]
#![expect(
    clippy::indexing_slicing,
    reason = "an answer that is not there fails its test"
)]
#![expect(clippy::arithmetic_side_effects, reason = "lines are counted")]

#[cfg(feature = "sqlite")]
mod approvals;
mod check;
mod closed;
mod database;
mod definitions;
mod desk;
mod eval;
mod explain;
mod guide;
mod import;
mod log;
mod reading;
mod run;
mod schema;
mod test;
mod texts;
mod verify;
mod version;
