//! Whether copies are what is about to be removed, and that it is good.

use std::fs::File;
use std::path::Path;

use callgate_types::Digest;
use sha2::{Digest as _, Sha256};

use super::{PruneError, failed};
use crate::checkpoint::{Checkpoint, find_pruned};
use crate::lines::{Lines, Piece};
use crate::segment::Segment;
use crate::{Head, Tree, chain, line};

/// What is archived.
pub(super) struct Archived {
    pub(super) tree: Tree,
    /// Of the last record.
    pub(super) digest: Digest,
    pub(super) hash: Digest,
    pub(super) bytes: u64,
}

/// Verifies `old`, the first of `all`, against its copies in `archive`.
pub(super) fn verify(
    all: &[Segment],
    old: &[Segment],
    archive: &Path,
) -> Result<Archived, PruneError> {
    let (mut tree, mut head) = begin(all)?;
    let (mut hash, mut bytes) = (Sha256::new(), 0_u64);
    for segment in old {
        let broken = PruneError::Broken {
            record: head.records,
        };
        if segment.first != head.records {
            return Err(broken);
        }
        let copy = archive.join(segment.path.file_name().unwrap_or_default());
        let (mut lines, mut copies) = (open(&segment.path)?, open(&copy)?);
        loop {
            let piece = lines.next().map_err(failed(&segment.path))?;
            if piece != copies.next().map_err(failed(&copy))? {
                return Err(PruneError::OtherCopy { path: copy });
            }
            let record = head.records;
            let text = match piece {
                Piece::Line(text) => text,
                Piece::End => break,
                Piece::Open(_) => return Err(PruneError::Broken { record }),
            };
            hash.update(text);
            hash.update(b"\n");
            let length = u64::try_from(text.len()).unwrap_or(u64::MAX);
            bytes = bytes.saturating_add(length).saturating_add(1);
            if !follows(text, head, &tree) {
                return Err(PruneError::Broken { record });
            }
            head = Head::new(record.saturating_add(1), chain::digest(text));
            tree.push(head.digest);
        }
    }
    let next = all.get(old.len());
    if next.is_none_or(|next| next.first != head.records) {
        let record = head.records;
        return Err(PruneError::Broken { record });
    }
    Ok(Archived {
        tree,
        digest: head.digest,
        hash: Digest::from_bytes(hash.finalize().into()),
        bytes,
    })
}

/// What stands before the first file: nothing, or what was removed earlier.
fn begin(all: &[Segment]) -> Result<(Tree, Head), PruneError> {
    let first = all.first().map_or(0, |segment| segment.first);
    if first == 0 {
        return Ok((Tree::new(), Head::EMPTY));
    }
    for segment in all {
        let found = find_pruned(&segment.path, first).map_err(failed(&segment.path))?;
        if let Some(pruned) = found {
            // What an earlier removal left was removed before.
            if pruned.tree.size() == first {
                let head = Head::new(first, pruned.digest);
                return Ok((pruned.tree, head));
            }
            break;
        }
    }
    Err(PruneError::Broken { record: first })
}

fn follows(text: &[u8], head: Head, tree: &Tree) -> bool {
    let Ok(record) = line::read(text) else {
        return false;
    };
    let rest = line::rest(text).unwrap_or_default();
    let says =
        record.kind != b"checkpoint" || Checkpoint::read(rest, record.seq, Some(tree)).is_ok();
    says && record.follows(head)
}

fn open(path: &Path) -> Result<Lines<File>, PruneError> {
    Ok(Lines::new(File::open(path).map_err(failed(path))?))
}
