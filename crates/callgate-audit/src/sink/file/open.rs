//! Opening a log in files.

use std::path::Path;
use std::sync::atomic::{AtomicBool, AtomicU64};
use std::sync::{Arc, Mutex, OnceLock};

use chrono::Utc;

use super::ahead::Ahead;
use super::disk::{Disk, DiskFile as _, write_all};
use super::error::{At as _, FileAction};
use super::folder::Folder;
use super::log::{Log, OpenSegment, Writer};
use super::{FileSinkError, FileSinkOptions, TornTail, recover, torn};
use crate::segment::{Listing, Segment};
use crate::{Head, Record, RecoveredRecord};

impl<D: Disk> Log<D> {
    pub(super) fn open(
        disk: D,
        path: &Path,
        options: &FileSinkOptions,
    ) -> Result<Self, FileSinkError> {
        let folder = if options.own_chain {
            Folder::claim_any(&disk, path)?
        } else {
            Folder::claim(&disk, path)?
        };
        let (writer, torn) = continued(&disk, &folder, options)?;
        Ok(Self {
            process: disk.process(),
            disk,
            folder,
            options: options.clone(),
            current: Mutex::new(Arc::clone(&writer.segment)),
            written: AtomicU64::new(writer.head.records),
            durable: AtomicU64::new(writer.head.records),
            synced: AtomicBool::new(false),
            writer: Mutex::new(writer),
            place: Mutex::new(None),
            poison: OnceLock::new(),
            torn,
        })
    }
}

/// Goes on where the log in `folder` ends; everything in it is durable then.
fn continued<D: Disk>(
    disk: &D,
    folder: &Folder<D>,
    options: &FileSinkOptions,
) -> Result<(Writer<D>, Vec<TornTail>), FileSinkError> {
    let log = &*folder.path;
    let listing = Listing::of(log, disk.names(log).at(FileAction::Open, log)?);
    if let Some(path) = listing.stranger {
        return Err(FileSinkError::BadName { path });
    }
    let mut segments = listing.segments;
    let Some(segment) = segments.pop() else {
        let segment = Segment::of(log, 0);
        let file = folder.create(disk, &segment.path)?;
        let writer = Writer {
            head: Head::EMPTY,
            segment: Arc::new(OpenSegment::new(segment.path, file)?),
            bytes: 0,
            ahead: Ahead::new(options.zero_ahead, 0),
        };
        return Ok((writer, Vec::new()));
    };
    let start = match segments.pop() {
        Some(before) => recover::last_head(disk, &before)?,
        None => Head::EMPTY,
    };
    if start.records != segment.first {
        return Err(FileSinkError::MissingSegment {
            segment: segment.path,
            expected: start.records,
        });
    }

    let file = disk
        .open(&segment.path)
        .at(FileAction::Open, &segment.path)?;
    let segment = Arc::new(OpenSegment::new(segment.path, file)?);
    let mut asides = torn::pending(disk, log)?;
    let end = recover::scan(&segment, start, &mut asides)?;
    if end.torn > 0 {
        let aside = torn::copy(disk, folder, &segment, &end)?;
        // It may have been copied before, by a recovery that went no further.
        asides.retain(|known| known.file() != aside.file());
        asides.push(aside);
    }
    let (path, file) = (&segment.path, &segment.file);
    if end.length > end.bytes {
        file.set_len(end.bytes).at(FileAction::Truncate, path)?;
    }
    if end.length > 0 {
        recover::write_again(file, &end).at(FileAction::Write, path)?;
        file.sync_all().at(FileAction::Sync, path)?;
    }

    let mut writer = Writer {
        head: end.head,
        segment,
        bytes: end.bytes,
        ahead: Ahead::new(options.zero_ahead, end.bytes),
    };
    let mut tails = Vec::new();
    for aside in asides {
        let tail = aside.tail(disk)?;
        if !aside.recorded {
            record(&mut writer, &tail, &aside.file())?;
        }
        aside.settle(disk)?;
        tails.push(tail);
    }
    writer.ahead = Ahead::new(options.zero_ahead, writer.bytes);
    Ok((writer, tails))
}

/// Writes down, durably, that a torn end was moved aside.
fn record<D: Disk>(
    writer: &mut Writer<D>,
    tail: &TornTail,
    file: &str,
) -> Result<(), FileSinkError> {
    let record = RecoveredRecord::new(Utc::now(), tail.bytes, tail.digest, file);
    let (mut body, mut line) = (Vec::new(), Vec::new());
    Record::Recovered(record).encode(writer.head.records, &mut body);
    let head = writer.head.link(&body, &mut line);
    let segment = &writer.segment;
    write_all(&segment.file, &line, writer.bytes).at(FileAction::Write, &segment.path)?;
    segment
        .file
        .sync_data()
        .at(FileAction::Sync, &segment.path)?;
    writer.head = head;
    let length = u64::try_from(line.len()).unwrap_or(u64::MAX);
    writer.bytes = writer.bytes.saturating_add(length);
    Ok(())
}
