//! Tasks, revocations and quarantines, as the gate keeps them in force.
//!
//! A thread of the gate's asks the store for changes; calls look at what came of that, and wait for
//! neither the store nor the thread.

mod authority;
mod error;
mod options;
mod restrict;
#[cfg(feature = "biscuit")]
mod revoked;
mod state;
mod task;
mod thread;
mod watch;

pub use error::{BeginTaskError, LiftError, RestrictError};
pub(crate) use options::Options;
pub use watch::Informed;
pub(crate) use watch::Watch;
