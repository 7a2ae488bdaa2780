//! Opening a log in files.

use std::fs;
use std::io::Write as _;
use std::path::Path;
use std::sync::{Arc, Mutex, OnceLock};

use chrono::Utc;

use super::error::{At as _, FileAction};
use super::{Current, FileSink, FileSinkError, TornTail, Writer, folder, recover, torn};
use crate::segment::{self, Segment};
use crate::{Head, Record, RecoveredRecord};

/// How a [`FileSink`] is opened.
#[derive(Clone, Debug)]
pub struct FileSinkOptions {
    segment_bytes: u64,
}

impl FileSinkOptions {
    /// Files of about 64 MiB.
    pub const fn new() -> Self {
        Self {
            segment_bytes: 64 << 20,
        }
    }

    /// Begins a new file once the last one has `bytes` bytes or more. Opening a log reads one
    /// file.
    #[must_use]
    pub const fn segment_bytes(mut self, bytes: u64) -> Self {
        self.segment_bytes = bytes;
        self
    }

    /// Opens the log in `folder`, or begins one.
    ///
    /// # Errors
    ///
    /// As [`FileSink::open`].
    pub fn open(&self, folder: impl AsRef<Path>) -> Result<FileSink, FileSinkError> {
        let path = folder.as_ref();
        fs::create_dir_all(path).at(FileAction::Create, path)?;
        let lock = folder::lock(path)?;
        let (writer, torn) = continued(path)?;
        let current = Current {
            path: writer.segment.path.clone(),
            file: Arc::clone(&writer.file),
            durable: writer.head.records,
        };
        Ok(FileSink {
            folder: path.to_owned(),
            segment_bytes: self.segment_bytes,
            writer: Mutex::new(writer),
            current: Mutex::new(current),
            poison: OnceLock::new(),
            torn,
            _lock: lock,
        })
    }
}

impl Default for FileSinkOptions {
    fn default() -> Self {
        Self::new()
    }
}

/// Goes on where the log in `log` ends; everything in it is durable then.
fn continued(log: &Path) -> Result<(Writer, Vec<TornTail>), FileSinkError> {
    let listing = segment::list(log).at(FileAction::Open, log)?;
    if let Some(path) = listing.stranger {
        return Err(FileSinkError::BadName { path });
    }
    let mut segments = listing.segments;
    let Some(segment) = segments.pop() else {
        let segment = Segment::of(log, 0);
        let file = Arc::new(folder::create(log, &segment)?);
        let head = Head::EMPTY;
        let writer = Writer {
            head,
            segment,
            file,
            bytes: 0,
        };
        return Ok((writer, Vec::new()));
    };
    let start = match segments.pop() {
        Some(before) => recover::last_head(&before)?,
        None => Head::EMPTY,
    };
    if start.records != segment.first {
        return Err(FileSinkError::MissingSegment {
            segment: segment.path,
            expected: start.records,
        });
    }

    let file = folder::reopen(&segment)?;
    let mut asides = torn::pending(log)?;
    let end = recover::scan(&file, &segment, start, &mut asides)?;
    let mut writer = Writer {
        head: end.head,
        file: Arc::new(file),
        bytes: end.bytes,
        segment,
    };
    if end.torn > 0 {
        let place = (end.bytes, end.torn);
        let from = (&writer.segment, &*writer.file);
        let aside = torn::copy(log, from, place, end.head.records)?;
        // It may have been copied before, by a recovery that went no further.
        asides.retain(|known| known.file() != aside.file());
        asides.push(aside);
    }
    let (path, file) = (&writer.segment.path, &writer.file);
    if end.length > end.bytes {
        file.set_len(end.bytes).at(FileAction::Truncate, path)?;
    }
    if end.length > 0 {
        file.sync_all().at(FileAction::Sync, path)?;
    }

    let mut tails = Vec::new();
    for aside in asides {
        let tail = aside.tail()?;
        if !aside.recorded {
            record(&mut writer, &tail, &aside.file())?;
        }
        aside.settle()?;
        tails.push(tail);
    }
    Ok((writer, tails))
}

/// Writes down, durably, that a torn end was moved aside.
fn record(writer: &mut Writer, tail: &TornTail, file: &str) -> Result<(), FileSinkError> {
    let record = RecoveredRecord::new(Utc::now(), tail.bytes, tail.digest, file);
    let (mut body, mut line) = (Vec::new(), Vec::new());
    Record::Recovered(record).encode(writer.head.records, &mut body);
    let head = writer.head.link(&body, &mut line);
    let path = &writer.segment.path;
    (&*writer.file)
        .write_all(&line)
        .at(FileAction::Write, path)?;
    writer.file.sync_data().at(FileAction::Sync, path)?;
    writer.head = head;
    let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
    writer.bytes = writer.bytes.saturating_add(length);
    Ok(())
}
