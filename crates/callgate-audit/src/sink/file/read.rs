//! Reading lines back.

use std::path::Path;

use super::FileSinkError;
use super::disk::{Disk, Stream};
use super::error::{At as _, FileAction};
use crate::chain;
use crate::lines::{Lines, Piece};
use crate::segment::Listing;

/// Reads that have this many bytes stop.
const MAX_READ: usize = 4 << 20;

/// The lines of at most `max` records from `from` on, up to record `end`.
pub(super) fn lines<D: Disk>(
    disk: &D,
    folder: &Path,
    from: u64,
    max: usize,
    end: u64,
) -> Result<Vec<u8>, FileSinkError> {
    let names = disk.names(folder).at(FileAction::Open, folder)?;
    let segments = Listing::of(folder, names).segments;
    let skipped = segments
        .iter()
        .rposition(|segment| segment.first <= from)
        .unwrap_or(0);
    let mut bytes = Vec::new();
    let mut count = 0;
    for segment in segments.iter().skip(skipped) {
        let path = &segment.path;
        let file = disk.open_to_read(path).at(FileAction::Open, path)?;
        let mut lines = Lines::new(Stream::new(&file, 0, u64::MAX));
        while let Piece::Line(line) = lines.next().at(FileAction::Read, path)? {
            let seq = chain::tail(line).map(|(seq, _)| seq);
            if seq.is_some_and(|seq| seq < from) {
                continue;
            }
            // The end of the chain is asked for beforehand: a line behind it may be half-written.
            if seq.is_some_and(|seq| seq >= end) || count == max || bytes.len() >= MAX_READ {
                return Ok(bytes);
            }
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
            count = count.saturating_add(1);
        }
    }
    Ok(bytes)
}
