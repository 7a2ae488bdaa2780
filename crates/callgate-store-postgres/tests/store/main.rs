//! Sink and text store as a whole, on a server of its own: places, races, answers that are lost, servers that
//! die or are not what they should be.

#![cfg(unix)]
#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    reason = "helpers of tests may fail, and count small things"
)]

mod approvals;
mod approvals_crowd;
mod approvals_lost;
mod kit;
mod limits;
mod lost;
mod places;
mod proxy;
mod refusals;
mod refused;
mod replica;
mod rig;
mod runtime;
mod server;
mod standing;
mod standing_approvals;
mod standing_approvals_crowd;
mod tamper;
mod texts;
mod texts_refused;
