//! What records say about the log itself: checkpoints, changes of key, and what was removed.
//!
//! Their keys stand right behind `durable`, in a fixed form, and are read from the bytes.

mod fields;
mod find;
mod read;

pub(crate) use find::{find_checkpoint, find_pruned};
pub use read::StatementFault;
pub(crate) use read::{Checkpoint, KeyChange, Pruned};
