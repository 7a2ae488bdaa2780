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

/// Where a record begins: whoever reads on need not look for it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Place {
    seq: u64,
    /// The first record of its segment, and the byte within.
    segment: u64,
    offset: u64,
}

/// The lines of at most `max` records from `from` on, up to record `end`. `known` may be the place
/// of record `from`, and is then that of the record behind the last one that was read.
pub(super) fn lines<D: Disk>(
    disk: &D,
    folder: &Path,
    (from, max, end): (u64, usize, u64),
    known: &mut Option<Place>,
) -> Result<Vec<u8>, FileSinkError> {
    let place = known.take().filter(|place| place.seq == from);
    let names = disk.names(folder).at(FileAction::Open, folder)?;
    let segments = Listing::of(folder, names).segments;
    let begin = place.map_or(from, |place| place.segment);
    let skipped = segments
        .iter()
        .rposition(|segment| segment.first <= begin)
        .unwrap_or(0);
    // The end of the chain is asked for beforehand. What stands behind it may be half-written, and
    // then shows no number by which it could be known: it is not looked at.
    let left = usize::try_from(end.saturating_sub(from)).unwrap_or(usize::MAX);
    let wanted = max.min(left);
    let mut bytes = Vec::new();
    let mut count = 0;
    for segment in segments.iter().skip(skipped) {
        let path = &segment.path;
        let start = match place {
            Some(place) if place.segment == segment.first => place.offset,
            _ => 0,
        };
        let file = disk.open_to_read(path).at(FileAction::Open, path)?;
        let mut lines = Lines::new(Stream::new(&file, start, u64::MAX));
        loop {
            if count == wanted || bytes.len() >= MAX_READ {
                return Ok(bytes);
            }
            let Piece::Line(line) = lines.next().at(FileAction::Read, path)? else {
                break;
            };
            let seq = chain::tail(line).map(|(seq, _)| seq);
            if seq.is_some_and(|seq| seq < from) {
                continue;
            }
            if seq.is_some_and(|seq| seq >= end) {
                return Ok(bytes);
            }
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
            count = count.saturating_add(1);
            *known = seq.map(|seq| Place {
                seq: seq.saturating_add(1),
                segment: segment.first,
                offset: start.saturating_add(lines.end()),
            });
        }
    }
    Ok(bytes)
}
