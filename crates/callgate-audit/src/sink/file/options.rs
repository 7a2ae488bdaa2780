//! How a log in files is opened.

use std::path::Path;

use super::disk::System;
use super::log::Log;
use super::{FileSink, FileSinkError};

/// How a [`FileSink`] is opened.
///
/// # Examples
///
/// Two writers of one folder, each with a chain of its own:
///
/// ```
/// use callgate_audit::{FileSink, FileSinkOptions};
///
/// let folder = tempfile::tempdir()?;
/// let first = FileSink::open(folder.path())?;
/// FileSink::open(folder.path()).unwrap_err();
/// let second = FileSinkOptions::new().own_chain().open(folder.path())?;
/// assert_eq!(second.folder().parent(), Some(first.folder()));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct FileSinkOptions {
    pub(super) segment_bytes: u64,
    pub(super) zero_ahead: u64,
    pub(super) own_chain: bool,
}

impl FileSinkOptions {
    /// The largest segment, in bytes: 1 GiB.
    pub const MAX_SEGMENT_BYTES: u64 = 1 << 30;

    /// Files of about 64 MiB, up to 4 MiB of zeros ahead, no chain of its own.
    pub const fn new() -> Self {
        Self {
            segment_bytes: 64 << 20,
            zero_ahead: 4 << 20,
            own_chain: false,
        }
    }

    /// Begins a new file once the last one has `bytes` bytes or more;
    /// [`FileSinkOptions::MAX_SEGMENT_BYTES`] where that is less. Opening a log reads one file.
    #[must_use]
    pub const fn segment_bytes(mut self, bytes: u64) -> Self {
        self.segment_bytes = if bytes < Self::MAX_SEGMENT_BYTES {
            bytes
        } else {
            Self::MAX_SEGMENT_BYTES
        };
        self
    }

    /// Keeps a log that is synced up to `bytes` bytes longer than its records, with zeros: a sync
    /// then waits for the device alone, and not for the file system to note a new length. 0 writes
    /// none. They are cut off when the file is full and when the log is closed.
    ///
    /// They are written by an append, in steps that are as long as the file has grown so far, and
    /// carried over by the next sync: longer steps make that one sync slower, and rarer.
    #[must_use]
    pub const fn zero_ahead(mut self, bytes: u64) -> Self {
        self.zero_ahead = bytes;
        self
    }

    /// Where somebody else writes the log, takes a chain of its own: a whole log within the folder,
    /// called `chain-` and 16 hex digits; one that nobody writes now, or a new one.
    ///
    /// Each of them is verified by itself, and nothing says how their records follow each other.
    #[must_use]
    pub const fn own_chain(mut self) -> Self {
        self.own_chain = true;
        self
    }

    /// Opens the log in `folder`, or begins one.
    ///
    /// # Errors
    ///
    /// As [`FileSink::open`].
    pub fn open(&self, folder: impl AsRef<Path>) -> Result<FileSink, FileSinkError> {
        Log::open(System, folder.as_ref(), self).map(FileSink)
    }
}

impl Default for FileSinkOptions {
    fn default() -> Self {
        Self::new()
    }
}
