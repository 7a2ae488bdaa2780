//! The log as a whole: sinks that fail, crashes, many threads, and the verifier.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "helpers of tests may fail, and count small things"
)]

mod allocations;
mod bridge;
mod crash;
mod doubt;
mod erasure;
#[cfg(feature = "testkit")]
mod fan_out;
mod file_sink;
#[cfg(unix)]
mod forked;
mod journal;
mod kill;
mod kinds;
mod model;
mod reading;
mod records;
mod rig;
mod slow;
mod tamper;
mod texts;
mod texts_killed;
mod turns;
mod vectors;
