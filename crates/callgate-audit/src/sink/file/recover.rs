//! Finding the end of a log when it is opened.
//!
//! Only the last segment is read, and the last line of the one before it. The rule for what a
//! crash may have torn is that of `docs/spec/audit-log.md`.

use std::collections::VecDeque;
use std::io::{self, Read as _};

use super::FileSinkError;
use super::disk::{Disk, DiskFile, Stream, write_all};
use super::error::{At as _, FileAction};
use super::log::OpenSegment;
use super::torn::Aside;
use crate::line::{self, MAX_LINE};
use crate::lines::{Lines, Piece};
use crate::segment::Segment;
use crate::{Head, chain, json, sha};

/// Where a segment ends.
pub(super) struct End {
    /// The head behind its last complete record.
    pub(super) head: Head,
    /// How many bytes its complete records have.
    pub(super) bytes: u64,
    /// What follows them, without padding.
    pub(super) torn: u64,
    /// The length of the file.
    pub(super) length: u64,
    /// Where the first record begins of which nothing says that it was durable.
    pub(super) doubtful: u64,
}

/// How many bytes are read first to find the last line of a segment.
const WINDOW: u64 = 16 << 10;

/// The head behind the last record of a segment that another one follows.
pub(super) fn last_head<D: Disk>(disk: &D, segment: &Segment) -> Result<Head, FileSinkError> {
    let path = &segment.path;
    let file = disk.open_to_read(path).at(FileAction::Open, path)?;
    let mut end = file.look().at(FileAction::Read, path)?.length;
    let most = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
    // Most lines are short.
    let mut size = WINDOW;
    // The file may be padded: go back until the window holds something.
    loop {
        let start = end.saturating_sub(size);
        let mut window = Vec::with_capacity(usize::try_from(size).unwrap_or(0));
        let read = Stream::new(&file, start, end).read_to_end(&mut window);
        read.at(FileAction::Read, path)?;
        let zeros = window.iter().rev().take_while(|byte| **byte == 0).count();
        if zeros == window.len() && start > 0 {
            end = start;
            size = size.saturating_mul(4).min(most);
            continue;
        }
        let padding = u64::try_from(zeros).unwrap_or(u64::MAX);
        if zeros > 0 && start > 0 {
            end = end.saturating_sub(padding);
            continue;
        }
        if start > 0 && size < most && !holds_a_line(&window) {
            size = size.saturating_mul(4).min(most);
            continue;
        }
        window.truncate(window.len().saturating_sub(zeros));
        return head_behind(&window).ok_or_else(|| FileSinkError::BadSegment {
            segment: path.clone(),
        });
    }
}

/// Whether the last line of `window` begins in it.
fn holds_a_line(window: &[u8]) -> bool {
    window
        .strip_suffix(b"\n")
        .is_some_and(|lines| lines.contains(&b'\n'))
}

/// The head behind the last line of `window`.
fn head_behind(window: &[u8]) -> Option<Head> {
    let lines = window.strip_suffix(b"\n")?;
    let line = lines.rsplit(|byte| *byte == b'\n').next()?;
    let record = line::read(line).ok()?;
    Some(Head::new(record.seq.checked_add(1)?, chain::digest(line)))
}

/// Reads a last segment, which begins at `start`; marks those of `asides` that a record names.
pub(super) fn scan<D: Disk>(
    segment: &OpenSegment<D>,
    start: Head,
    asides: &mut [Aside],
) -> Result<End, FileSinkError> {
    let OpenSegment { path, file, .. } = segment;
    let length = file.look().at(FileAction::Read, path)?.length;
    let mut lines = Lines::new(Stream::new(file, 0, length));
    let mut head = start;
    // The first record that may not be as it was written.
    let mut first_bad = head.records;
    let mut bytes = 0;
    let mut data = 0;
    let mut durable = 0;
    // Of the records that nothing says to be durable so far, where each begins.
    let mut starts = VecDeque::new();
    let mut whole = true;
    let mut checker = json::Checker::new();
    loop {
        let piece = lines.next().at(FileAction::Read, path)?;
        let was_whole = whole;
        let line = match piece {
            Piece::Line(line) => line,
            Piece::Open(rest) => {
                if was_whole {
                    durable = durable.max(durable_behind(head, rest));
                }
                whole = false;
                let length = u64::try_from(rest.len()).unwrap_or(u64::MAX);
                if length > 0 {
                    data = lines.start().saturating_add(length);
                }
                continue;
            }
            Piece::End => break,
        };
        // What follows a torn record is torn, too, but it still tells what was durable.
        let mut leaf = sha::Leaf::of(line);
        if let Ok(record) = line::read_with(&mut checker, &mut leaf, line) {
            durable = durable.max(record.durable);
            if whole && record.seq == head.records && !record.prev.is(head.digest) {
                // No crash leaves a record with a wrong `prev`: the one before it was changed.
                first_bad = first_bad.saturating_sub(1);
            }
            whole &= record.follows(head);
            if whole {
                starts.push_back((head.records, bytes));
                head = Head::new(head.records.saturating_add(1), leaf.finish());
                first_bad = head.records;
                for aside in asides.iter_mut() {
                    aside.recorded |= record.kind == b"recovered" && aside.is_named_in(line);
                }
            }
        } else {
            if was_whole {
                durable = durable.max(durable_behind(head, line));
            }
            whole = false;
        }
        while starts.front().is_some_and(|(seq, _)| *seq < durable) {
            starts.pop_front();
        }
        data = lines.end();
        if whole {
            bytes = data;
        }
    }
    if durable > first_bad {
        return Err(FileSinkError::Damaged {
            segment: path.clone(),
            record: first_bad,
            durable,
        });
    }
    Ok(End {
        head,
        bytes,
        torn: data.saturating_sub(bytes),
        length,
        doubtful: starts.front().map_or(bytes, |(_, start)| *start),
    })
}

/// What the record behind record `head.records` says was durable, where both stand in `bytes`: the
/// line feed between them was changed.
fn durable_behind(head: Head, bytes: &[u8]) -> u64 {
    // Nobody who has a text recorded knows the digest that stands here.
    let tail = format!(r#","seq":{},"prev":"{}"}}"#, head.records, head.digest);
    let mut places = bytes.windows(tail.len());
    let end = places.position(|window| window == tail.as_bytes());
    let next = end.and_then(|end| bytes.get(end.saturating_add(tail.len()).saturating_add(1)..));
    next.and_then(line::durable).unwrap_or(0)
}

/// Writes what may not be durable over itself.
///
/// Where a sync has failed, the system may hold in memory what is not on the device, and take it
/// for written: another sync would say that it is there.
pub(super) fn write_again(file: &impl DiskFile, end: &End) -> io::Result<()> {
    let mut stream = Stream::new(file, end.doubtful, end.bytes);
    let mut buffer = vec![0; 64 << 10];
    let mut at = end.doubtful;
    loop {
        let read = match stream.read(&mut buffer) {
            Ok(0) => return Ok(()),
            Ok(read) => read,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        write_all(file, buffer.get(..read).unwrap_or_default(), at)?;
        at = at.saturating_add(u64::try_from(read).unwrap_or(u64::MAX));
    }
}
