//! Writing a log that is open.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::ahead::{Ahead, is_full};
use super::disk::{Disk, DiskFile as _, Seen, write_all};
use super::error::{At as _, FileAction};
use super::folder::{Folder, same};
use super::read::{self, Place};
use super::{FileSinkError, FileSinkOptions, TornTail};
use crate::segment::Segment;
use crate::sink::{AuditSink, Cause, SinkError};
use crate::{Batch, Head};

/// A log in a folder of `D`.
#[derive(Debug)]
pub(super) struct Log<D: Disk> {
    pub(super) disk: D,
    /// The process that opened it.
    pub(super) process: u32,
    pub(super) folder: Folder<D>,
    pub(super) options: FileSinkOptions,
    pub(super) writer: Mutex<Writer<D>>,
    /// The file that is written now, for those who sync it beside the writer.
    pub(super) current: Mutex<Arc<OpenSegment<D>>>,
    /// How many records are written, and how many are durable.
    pub(super) written: AtomicU64,
    pub(super) durable: AtomicU64,
    /// Whether anybody wants durability: then zeros are written ahead.
    pub(super) synced: AtomicBool,
    /// Behind what was read last.
    pub(super) place: Mutex<Option<Place>>,
    /// Why it takes no more.
    pub(super) poison: OnceLock<Cause>,
    pub(super) torn: Vec<TornTail>,
}

#[derive(Debug)]
pub(super) struct Writer<D: Disk> {
    pub(super) head: Head,
    pub(super) segment: Arc<OpenSegment<D>>,
    /// How many bytes its records have.
    pub(super) bytes: u64,
    pub(super) ahead: Ahead,
}

/// A segment that is open.
#[derive(Debug)]
pub(super) struct OpenSegment<D: Disk> {
    pub(super) path: PathBuf,
    pub(super) file: D::File,
    /// As it was when it was opened.
    seen: Seen,
    /// How long it must be at least.
    length: AtomicU64,
}

impl<D: Disk> OpenSegment<D> {
    pub(super) fn new(path: PathBuf, file: D::File) -> Result<Self, FileSinkError> {
        let seen = file.look().at(FileAction::Read, &path)?;
        let length = AtomicU64::new(0);
        Ok(Self {
            path,
            file,
            seen,
            length,
        })
    }

    /// Fails where this is not what stands at its name.
    fn check(&self, disk: &D, length: u64) -> Result<(), FileSinkError> {
        let identity = self.seen.identity;
        same(disk, &self.path, Seen { identity, length })
    }
}

impl<D: Disk> Log<D> {
    fn write(&self, writer: &mut Writer<D>, bytes: &[u8]) -> Result<(), FileSinkError> {
        if writer.bytes >= self.options.segment_bytes {
            self.roll(writer)?;
        }
        let segment = &writer.segment;
        write_all(&segment.file, bytes, writer.bytes).at(FileAction::Write, &segment.path)?;
        let length = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
        writer.bytes = writer.bytes.saturating_add(length);
        let (most, wanted) = (
            self.options.segment_bytes,
            self.synced.load(Ordering::Relaxed),
        );
        let ahead = &mut writer.ahead;
        let kept = ahead.keep(&segment.file, writer.bytes, most, wanted);
        kept.at(FileAction::Write, &segment.path)?;
        segment.length.store(writer.bytes, Ordering::Release);
        Ok(())
    }

    /// Finishes the file that is full, and begins the next.
    fn roll(&self, writer: &mut Writer<D>) -> Result<(), FileSinkError> {
        let OpenSegment { path, file, .. } = &*writer.segment;
        if writer.ahead.end() > writer.bytes {
            file.set_len(writer.bytes).at(FileAction::Truncate, path)?;
        }
        file.sync_data().at(FileAction::Sync, path)?;
        writer.segment.check(&self.disk, writer.bytes)?;
        self.folder.check(&self.disk)?;
        let segment = Segment::of(&self.folder.path, writer.head.records);
        let file = self.folder.create(&self.disk, &segment.path)?;
        writer.segment = Arc::new(OpenSegment::new(segment.path, file)?);
        writer.bytes = 0;
        writer.ahead = Ahead::new(self.options.zero_ahead, 0);
        *lock(&self.current) = Arc::clone(&writer.segment);
        self.durable
            .fetch_max(writer.head.records, Ordering::AcqRel);
        Ok(())
    }

    /// Syncs the file that is written now; those before it were synced when they were full.
    fn sync_current(&self) -> Result<(), FileSinkError> {
        let segment = Arc::clone(&lock(&self.current));
        let length = segment.length.load(Ordering::Acquire);
        segment
            .file
            .sync_data()
            .at(FileAction::Sync, &segment.path)?;
        // Durable is only what somebody can find again.
        segment.check(&self.disk, length)?;
        self.folder.check(&self.disk)
    }

    fn usable(&self) -> Result<(), SinkError> {
        if let Some(cause) = self.poison.get() {
            return Err(SinkError::Poisoned(Arc::clone(cause)));
        }
        let process = self.disk.process();
        if process != self.process {
            let opened_by = self.process;
            return Err(self.give_up(FileSinkError::Forked { opened_by, process }));
        }
        Ok(())
    }

    /// From now on nothing is taken.
    fn give_up(&self, error: FileSinkError) -> SinkError {
        let full = matches!(&error, FileSinkError::Io { source, .. } if is_full(source));
        let cause = Arc::clone(self.poison.get_or_init(|| Arc::new(error)));
        if full {
            SinkError::Full
        } else {
            SinkError::Poisoned(cause)
        }
    }
}

impl<D: Disk> AuditSink for Log<D> {
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
        self.written.store(writer.head.records, Ordering::Release);
        Ok(())
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        self.usable()?;
        if self.durable.load(Ordering::Acquire) >= upto.records {
            return Ok(());
        }
        if self.written.load(Ordering::Acquire) < upto.records {
            return Err(SinkError::Conflict(lock(&self.writer).head));
        }
        self.synced.store(true, Ordering::Relaxed);
        self.sync_current().map_err(|error| self.give_up(error))?;
        self.durable.fetch_max(upto.records, Ordering::AcqRel);
        Ok(())
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        let head = lock(&self.writer).head;
        if from >= head.records || max == 0 {
            return Ok(Batch::empty(head));
        }
        // Whoever reads beside others looks for the place without what was noted.
        let mut place = *lock(&self.place);
        let range = (from, max, head.records);
        let bytes = read::lines(&self.disk, &self.folder.path, range, &mut place);
        let bytes = bytes.map_err(SinkError::unknown)?;
        *lock(&self.place) = place;
        Batch::parse(bytes).map_err(SinkError::unknown)
    }
}

impl<D: Disk> Drop for Log<D> {
    /// A log that is closed has no zeros at its end. Only the process that opened it may cut them
    /// off: to a fork's parent they are room that it is about to use.
    fn drop(&mut self) {
        if self.poison.get().is_some() || self.disk.process() != self.process {
            return;
        }
        let writer = self
            .writer
            .get_mut()
            .unwrap_or_else(PoisonError::into_inner);
        if writer.ahead.end() > writer.bytes {
            // Zeros that stay are padding.
            let _cut = writer.segment.file.set_len(writer.bytes);
        }
    }
}

/// Nothing in here panics while it holds a lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
