//! Finding the end of a log when it is opened.
//!
//! Only the last segment is read, and the last line of the one before it. The rule for what a
//! crash may have torn is that of `docs/spec/audit-log.md`.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};

use super::FileSinkError;
use super::error::{At as _, FileAction};
use super::torn::Aside;
use crate::line::{self, MAX_LINE};
use crate::lines::{Lines, Piece};
use crate::segment::Segment;
use crate::{Head, chain};

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
}

/// The head behind the last record of a segment that another one follows.
pub(super) fn last_head(segment: &Segment) -> Result<Head, FileSinkError> {
    let path = &segment.path;
    let mut file = File::open(path).at(FileAction::Open, path)?;
    let mut end = file.metadata().at(FileAction::Read, path)?.len();
    // The file may be padded: go back until the window holds something.
    loop {
        let start = end.saturating_sub(u64::try_from(MAX_LINE).unwrap_or(u64::MAX));
        file.seek(SeekFrom::Start(start))
            .at(FileAction::Read, path)?;
        let mut window = Vec::new();
        let mut bounded = file.by_ref().take(end.saturating_sub(start));
        bounded
            .read_to_end(&mut window)
            .at(FileAction::Read, path)?;
        let zeros = window.iter().rev().take_while(|byte| **byte == 0).count();
        if zeros == window.len() && start > 0 {
            end = start;
            continue;
        }
        let padding = u64::try_from(zeros).unwrap_or(u64::MAX);
        if zeros > 0 && start > 0 {
            end = end.saturating_sub(padding);
            continue;
        }
        window.truncate(window.len().saturating_sub(zeros));
        return head_behind(&window).ok_or_else(|| FileSinkError::BadSegment {
            segment: path.clone(),
        });
    }
}

/// The head behind the last line of `window`.
fn head_behind(window: &[u8]) -> Option<Head> {
    let lines = window.strip_suffix(b"\n")?;
    let line = lines.rsplit(|byte| *byte == b'\n').next()?;
    let record = line::read(line).ok()?;
    Some(Head::new(record.seq.checked_add(1)?, chain::digest(line)))
}

/// Reads a last segment, which begins at `start`; marks those of `asides` that a record names.
pub(super) fn scan(
    file: &File,
    segment: &Segment,
    start: Head,
    asides: &mut [Aside],
) -> Result<End, FileSinkError> {
    let path = &segment.path;
    let length = file.metadata().at(FileAction::Read, path)?.len();
    let mut lines = Lines::new(file.take(length));
    let mut head = start;
    // The first record that may not be as it was written.
    let mut first_bad = head.records;
    let mut bytes = 0;
    let mut data = 0;
    let mut durable = 0;
    let mut whole = true;
    loop {
        let piece = lines.next().at(FileAction::Read, path)?;
        let line = match piece {
            Piece::Line(line) => line,
            Piece::Open(rest) => {
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
        if let Ok(record) = line::read(line) {
            durable = durable.max(record.durable);
            if whole && record.seq == head.records && !record.prev.is(head.digest) {
                // No crash leaves a record with a wrong `prev`: the one before it was changed.
                first_bad = first_bad.saturating_sub(1);
            }
            whole &= record.follows(head);
            if whole {
                head = Head::new(head.records.saturating_add(1), chain::digest(line));
                first_bad = head.records;
                for aside in asides.iter_mut() {
                    aside.recorded |= record.kind == b"recovered" && aside.is_named_in(line);
                }
            }
        } else {
            whole = false;
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
    let torn = data.saturating_sub(bytes);
    Ok(End {
        head,
        bytes,
        torn,
        length,
    })
}
