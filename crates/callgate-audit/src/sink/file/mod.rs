//! A log in files: a folder of segments, one JSON object a line.

mod error;
mod folder;
mod open;
mod read;
mod recover;
mod torn;

pub use error::{FileAction, FileSinkError};
pub use open::FileSinkOptions;
pub use torn::TornTail;

use std::fs::File;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use self::error::At as _;
use super::{AuditSink, Cause, SinkError};
use crate::segment::Segment;
use crate::{Batch, Head};

/// A log in a folder of files, written by one process at a time.
///
/// `append` writes, `sync` makes durable. After a write or sync that failed it takes no more:
/// what the device did with the bytes is not known, and asking it again would give a false
/// answer. A folder that is opened again goes on where its log ends; see [`FileSink::torn`].
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
pub struct FileSink {
    folder: PathBuf,
    segment_bytes: u64,
    writer: Mutex<Writer>,
    /// The file that is written now, for those who sync it beside the writer.
    current: Mutex<Current>,
    /// Why it takes no more.
    poison: OnceLock<Cause>,
    torn: Vec<TornTail>,
    /// Open for as long as others must keep out.
    _lock: File,
}

#[derive(Debug)]
struct Writer {
    head: Head,
    segment: Segment,
    file: Arc<File>,
    bytes: u64,
}

#[derive(Debug)]
struct Current {
    path: PathBuf,
    file: Arc<File>,
    /// How many records are durable.
    durable: u64,
}

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

    /// The folder.
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The torn ends that were moved aside when the log was opened; a `recovered` record stands
    /// in the log for each.
    pub fn torn(&self) -> &[TornTail] {
        &self.torn
    }

    /// Syncs the file that is full, and begins the next.
    fn roll(&self, writer: &mut Writer) -> Result<(), FileSinkError> {
        let path = &writer.segment.path;
        writer.file.sync_data().at(FileAction::Sync, path)?;
        let segment = Segment::of(&self.folder, writer.head.records);
        let file = Arc::new(folder::create(&self.folder, &segment)?);
        let mut current = lock(&self.current);
        current.path.clone_from(&segment.path);
        current.file = Arc::clone(&file);
        current.durable = current.durable.max(writer.head.records);
        drop(current);
        writer.segment = segment;
        writer.file = file;
        writer.bytes = 0;
        Ok(())
    }

    fn write(&self, writer: &mut Writer, bytes: &[u8]) -> Result<(), FileSinkError> {
        if writer.bytes >= self.segment_bytes {
            self.roll(writer)?;
        }
        let written = (&*writer.file).write_all(bytes);
        written.at(FileAction::Write, &writer.segment.path)?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        writer.bytes = writer.bytes.saturating_add(length);
        Ok(())
    }

    fn usable(&self) -> Result<(), SinkError> {
        match self.poison.get() {
            Some(cause) => Err(SinkError::Poisoned(Arc::clone(cause))),
            None => Ok(()),
        }
    }

    /// From now on nothing is taken.
    fn give_up(&self, error: FileSinkError) -> SinkError {
        let full = matches!(
            &error,
            FileSinkError::Io { source, .. } if matches!(
                source.kind(),
                io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
            )
        );
        let cause = Arc::clone(self.poison.get_or_init(|| Arc::new(error)));
        if full {
            SinkError::Full
        } else {
            SinkError::Poisoned(cause)
        }
    }
}

impl AuditSink for FileSink {
    fn head(&self) -> Result<Head, SinkError> {
        let writer = lock(&self.writer);
        self.usable()?;
        Ok(writer.head)
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        let mut writer = lock(&self.writer);
        self.usable()?;
        if writer.head == batch.end() {
            return Ok(());
        }
        if writer.head != after || batch.start() != after {
            return Err(SinkError::Conflict(writer.head));
        }
        self.write(&mut writer, batch.bytes())
            .map_err(|error| self.give_up(error))?;
        writer.head = batch.end();
        Ok(())
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        self.usable()?;
        let current = lock(&self.current);
        if current.durable >= upto.records {
            return Ok(());
        }
        let (path, file) = (current.path.clone(), Arc::clone(&current.file));
        drop(current);
        // Segments before this one were synced when they were full.
        file.sync_data()
            .at(FileAction::Sync, &path)
            .map_err(|error| self.give_up(error))?;
        let mut current = lock(&self.current);
        current.durable = current.durable.max(upto.records);
        Ok(())
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        let head = lock(&self.writer).head;
        if from >= head.records || max == 0 {
            return Ok(Batch::empty(head));
        }
        let bytes =
            read::lines(&self.folder, from, max, head.records).map_err(SinkError::unknown)?;
        Batch::parse(bytes).map_err(SinkError::unknown)
    }
}

/// Nothing in here panics while it holds a lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
