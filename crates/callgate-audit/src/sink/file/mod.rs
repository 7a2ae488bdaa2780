//! A log in files: a folder of segments, one JSON object a line.

mod ahead;
mod disk;
mod error;
mod folder;
mod log;
mod open;
mod options;
mod read;
mod recover;
#[cfg(test)]
pub(crate) mod tests;
mod torn;

pub(crate) use disk::{Disk, DiskFile, DiskFolder, Stream, System, write_all};
pub use error::{FileAction, FileSinkError};
pub use options::FileSinkOptions;
pub use torn::TornTail;

use std::path::Path;

use self::log::Log;
use super::{AuditSink, SinkError};
use crate::{Batch, Head};

/// A log in a folder of files, written by one process at a time.
///
/// `append` writes, `sync` makes durable. After a write or sync that failed it takes no more:
/// what the device did with the bytes is not known, and asking it again would give a false
/// answer. A folder that is opened again goes on where its log ends; see [`FileSink::torn`].
///
/// At each sync and with each new file it looks whether its files still stand where they stood
/// (on Unix): one that somebody has moved, removed or cut off is not written any further. A fork of
/// the process that opened it is refused, for as long as it lives it keeps the log locked.
///
/// On Unix the files are readable by their owner alone. A folder on a network is as safe as the
/// locks and syncs of that network: where these do nothing, two processes may write one log.
///
/// # Examples
///
/// ```
/// use callgate_audit::{AuditSink, FileSink, Head};
///
/// let folder = tempfile::tempdir()?;
/// let sink = FileSink::open(folder.path().join("audit"))?;
/// assert_eq!(sink.head()?, Head::EMPTY);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct FileSink(Log<System>);

impl FileSink {
    /// Opens the log in `folder`, or begins one.
    ///
    /// # Errors
    ///
    /// Fails where the folder cannot be written, where another sink writes it, and where
    /// something is missing that was durable.
    pub fn open(folder: impl AsRef<Path>) -> Result<Self, FileSinkError> {
        FileSinkOptions::new().open(folder)
    }

    /// The folder that holds this log: with [`FileSinkOptions::own_chain`] it may be one within
    /// the folder that was opened.
    pub fn folder(&self) -> &Path {
        &self.0.folder.path
    }

    /// The torn ends that were moved aside when the log was opened; a `recovered` record stands
    /// in the log for each.
    pub fn torn(&self) -> &[TornTail] {
        &self.0.torn
    }
}

impl AuditSink for FileSink {
    fn head(&self) -> Result<Head, SinkError> {
        self.0.head()
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        self.0.append(after, batch)
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        self.0.sync(upto)
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        self.0.read(from, max)
    }
}
