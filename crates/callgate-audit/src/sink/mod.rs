//! Where records are stored.

mod bridge;
mod chain_name;
mod error;
mod fan_out;
pub(crate) mod file;
mod guarded;
mod memory;

pub use bridge::{AsyncAuditSink, BridgeDriver, BridgeSink, SinkFuture, bridge};
pub use chain_name::{ChainName, ParseChainNameError};
pub use error::{Cause, SinkError};
pub use fan_out::{FanOut, MirrorState};
pub(crate) use guarded::guarded;

pub(crate) use file::{Disk, DiskFile, DiskFolder, Stream, System, write_all};
pub use file::{FileAction, FileSink, FileSinkError, FileSinkOptions, TornTail};
pub use memory::MemorySink;

use crate::{Batch, Head};

/// Where the records of one chain are stored.
///
/// The library encodes, chains and hashes; a sink stores bytes and never looks into them. What it
/// gives back must be the bytes that it was given.
///
/// A sink bounds its own time: whoever calls it waits for as long as it takes. A panic of a sink
/// counts as [`SinkError::Unknown`].
pub trait AuditSink: Send + Sync {
    /// The end of the stored chain: number of records, digest of the last; [`Head::EMPTY`] when
    /// there is none.
    ///
    /// # Errors
    ///
    /// [`SinkError::Unknown`] where it cannot be learnt now.
    fn head(&self) -> Result<Head, SinkError>;

    /// Appends `batch` if the chain ends at `after`; `Ok` at once if it already ends at
    /// `batch.end()`.
    ///
    /// Calls for one chain come one at a time, in order. Need not wait for the device.
    ///
    /// # Errors
    ///
    /// [`SinkError::Conflict`] where the chain ends elsewhere, [`SinkError::Unknown`] where the
    /// batch may or may not be stored, [`SinkError::Full`] and [`SinkError::Poisoned`] where this
    /// sink takes no more.
    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError>;

    /// Returns once everything up to `upto` survives loss of power. Runs beside `append`.
    ///
    /// # Errors
    ///
    /// A failure is [`SinkError::Poisoned`]: what the device refused once it may have thrown away.
    /// [`SinkError::Conflict`] where the chain ends before `upto`.
    fn sync(&self, upto: Head) -> Result<(), SinkError>;

    /// Records from sequence number `from`, at most `max`; fewer where they are large, at least
    /// one where there is one.
    ///
    /// # Errors
    ///
    /// [`SinkError::Unknown`] where they cannot be read now.
    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError>;

    /// Whether the sink keeps its chain in memory alone: then it waits for nothing, and what it has
    /// appended is as safe as it will ever be.
    ///
    /// A journal calls such a sink while it holds its own lock, and asks it for no [`sync`](Self::sync)
    /// of what was appended so. A sink that says so and waits all the same holds every call up; one
    /// that calls the journal back from `append` waits for ever. The answer must not change.
    fn is_memory(&self) -> bool {
        false
    }
}
