//! The few things that a log in files asks of the system.
//!
//! They stand behind a trait so that the tests can put a disk in their place that loses power,
//! forgets, lies and runs out of room at any step.

mod system;

pub(crate) use system::System;

use std::ffi::OsString;
use std::fmt::Debug;
use std::fs::TryLockError;
use std::io::{self, Read};
use std::path::Path;

/// Folders and files.
pub(crate) trait Disk: Clone + Debug + Send + Sync + 'static {
    type File: DiskFile;
    type Folder: DiskFolder;

    /// Makes one folder, for its owner alone.
    fn create_folder(&self, path: &Path) -> io::Result<()>;

    fn open_folder(&self, path: &Path) -> io::Result<Self::Folder>;

    /// The names in a folder, in any order.
    fn names(&self, folder: &Path) -> io::Result<Vec<OsString>>;

    /// Makes a file that must not be there yet, for its owner alone.
    fn create(&self, path: &Path) -> io::Result<Self::File>;

    /// Makes a file, or empties the one that is there.
    fn replace(&self, path: &Path) -> io::Result<Self::File>;

    /// Opens a file to read and write it.
    fn open(&self, path: &Path) -> io::Result<Self::File>;

    /// Opens a file to read it.
    fn open_to_read(&self, path: &Path) -> io::Result<Self::File>;

    fn rename(&self, from: &Path, to: &Path) -> io::Result<()>;

    /// Takes a file away.
    fn remove(&self, path: &Path) -> io::Result<()>;

    /// Makes or opens a file, and keeps others from locking it for as long as it is open.
    fn lock(&self, path: &Path) -> Result<Self::File, TryLockError>;

    /// What has this name now.
    fn look(&self, path: &Path) -> io::Result<Seen>;

    /// The process that asks.
    fn process(&self) -> u32;
}

/// A file that is open.
pub(crate) trait DiskFile: Debug + Send + Sync + 'static {
    fn read_at(&self, buffer: &mut [u8], at: u64) -> io::Result<usize>;

    /// Writes some of `bytes`, and says how many.
    fn write_at(&self, bytes: &[u8], at: u64) -> io::Result<usize>;

    fn set_len(&self, length: u64) -> io::Result<()>;

    /// Makes the content durable, and the length where it has grown.
    fn sync_data(&self) -> io::Result<()>;

    /// Makes content and length durable.
    fn sync_all(&self) -> io::Result<()>;

    fn look(&self) -> io::Result<Seen>;
}

/// A folder that is held open, so that its own errors are not forgotten.
pub(crate) trait DiskFolder: Debug + Send + Sync + 'static {
    /// Makes the names in it durable.
    fn sync(&self) -> io::Result<()>;
}

/// What can be seen of a file from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    /// Device and number of the file; `None` where the system does not say.
    pub(crate) identity: Option<(u64, u64)>,
    /// In bytes.
    pub(crate) length: u64,
}

/// Writes all of `bytes`, however little is taken at once.
pub(crate) fn write_all(file: &impl DiskFile, mut bytes: &[u8], mut at: u64) -> io::Result<()> {
    while !bytes.is_empty() {
        let written = match file.write_at(bytes, at) {
            Ok(0) => return Err(io::ErrorKind::WriteZero.into()),
            Ok(written) => written,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        bytes = bytes.get(written..).unwrap_or_default();
        at = at.saturating_add(u64::try_from(written).unwrap_or(u64::MAX));
    }
    Ok(())
}

/// A part of a file, as a stream.
pub(crate) struct Stream<'a, F> {
    file: &'a F,
    at: u64,
    end: u64,
}

impl<'a, F: DiskFile> Stream<'a, F> {
    pub(crate) const fn new(file: &'a F, start: u64, end: u64) -> Self {
        let at = start;
        Self { file, at, end }
    }
}

impl<F: DiskFile> Read for Stream<'_, F> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let left = usize::try_from(self.end.saturating_sub(self.at)).unwrap_or(usize::MAX);
        let wanted = left.min(buffer.len());
        let read = self
            .file
            .read_at(buffer.get_mut(..wanted).unwrap_or_default(), self.at)?;
        self.at = self
            .at
            .saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
        Ok(read)
    }
}
