//! Sink and text store as a whole: places, races, processes that die, files that are something else.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "helpers of tests may fail, and count small things"
)]

mod approvals;
mod files;
mod kit;
mod limits;
mod model;
mod places;
mod processes;
mod rig;
mod room;
mod standing;
mod standing_approvals;
mod tamper;
mod texts;
mod texts_files;
mod texts_killed;
