//! Tasks, revocations and quarantines.

mod revoking;
mod rig;
mod stores;
mod tasks;
