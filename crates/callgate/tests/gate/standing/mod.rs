//! Tasks, revocations and quarantines.

mod race;
mod revoking;
mod rig;
mod stores;
mod tasks;
