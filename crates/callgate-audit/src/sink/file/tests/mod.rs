//! The log on a disk that loses power, forgets, lies and runs out of room.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "helpers of tests count small things"
)]

mod ahead;
mod chains;
mod crash;
mod damage;
mod faults;
mod host;
pub(crate) mod machine;
pub(crate) mod model;
pub(crate) mod sim;
