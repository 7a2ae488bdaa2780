//! Finding what confirms that records were removed, and what was said of some.

use std::fs::File;
use std::io;
use std::path::Path;

use callgate_types::Digest;

use super::{Checkpoint, Pruned};
use crate::lines::{Lines, Piece};
use crate::{Tree, line, segment};

const START: &[u8] = b"{\"v\":1,\"kind\":\"pruned\"";

/// The first record in the file `path` by which at least the records before `first` were removed.
pub(crate) fn find_pruned(path: &Path, first: u64) -> io::Result<Option<Pruned>> {
    let mut lines = Lines::new(File::open(path)?);
    while let Piece::Line(line) = lines.next()? {
        if !line.starts_with(START) {
            continue;
        }
        let Ok(record) = line::read(line) else {
            continue;
        };
        let pruned = line::rest(line).and_then(|rest| Pruned::read(rest, record.seq).ok());
        let confirms = |pruned: &Pruned| pruned.tree.size() >= first;
        if let Some(pruned) = pruned.filter(confirms) {
            return Ok(Some(pruned));
        }
    }
    Ok(None)
}

/// What the checkpoint that is record `seq` of the log in `folder` says of the tree, and of the record
/// before it; `None` where there is none.
pub(crate) fn find_checkpoint(folder: &Path, seq: u64) -> io::Result<Option<(Digest, Tree)>> {
    let segments = segment::list(folder)?.segments;
    let Some(segment) = segments.iter().rfind(|segment| segment.first <= seq) else {
        return Ok(None);
    };
    let mut lines = Lines::new(File::open(&segment.path)?);
    while let Piece::Line(line) = lines.next()? {
        let Ok(record) = line::read(line) else {
            continue;
        };
        if record.seq == seq {
            let is_one = record.kind == b"checkpoint";
            let found = is_one.then(|| Checkpoint::read(record.rest, seq, None).ok());
            let prev = record.prev.digest();
            return Ok(found.flatten().map(|checkpoint| (prev, checkpoint.tree)));
        }
    }
    Ok(None)
}
