//! Finding what confirms that records were removed.

use std::fs::File;
use std::io;
use std::path::Path;

use super::Pruned;
use crate::line;
use crate::lines::{Lines, Piece};

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
