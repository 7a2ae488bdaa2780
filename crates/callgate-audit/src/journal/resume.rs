//! The tree of a log that was written before: from its last checkpoint on.

use super::options::OpenError;
use crate::checkpoint::Checkpoint;
use crate::sink::guarded;
use crate::{AuditSink, Batch, Head, SignedNote, Signer, Tree, chain, line};

/// How many records are looked at first for a checkpoint, from the end back.
const WINDOW: u64 = 256;

/// Where a log stands.
pub(super) struct Resumed {
    pub(super) tree: Tree,
    /// How many records there are up to the last checkpoint, which counts.
    pub(super) sealed: u64,
    pub(super) note: Option<SignedNote>,
}

/// Reads back from `head` to the last checkpoint: a few records, however long the log is. A log
/// without any is read from its first record on, once.
pub(super) fn resume(
    sink: &dyn AuditSink,
    head: Head,
    signer: &dyn Signer,
) -> Result<Resumed, OpenError> {
    let mut window = WINDOW;
    loop {
        let from = head.records.saturating_sub(window);
        let found = last_checkpoint(sink, from, head)?;
        let (tree, record, note) = match found {
            Some((record, checkpoint)) => {
                if !checkpoint.note.is_signed_by(signer.key()) {
                    return Err(OpenError::OtherKey { record });
                }
                (
                    checkpoint.tree,
                    record.saturating_add(1),
                    Some(checkpoint.note),
                )
            }
            None if from == 0 => (Tree::new(), 0, None),
            None => {
                window = window.saturating_mul(8);
                continue;
            }
        };
        return Ok(Resumed {
            tree: grown(sink, tree, head)?,
            sealed: record,
            note,
        });
    }
}

/// The last checkpoint among the records from `from` up to `head`, and where it stands.
fn last_checkpoint(
    sink: &dyn AuditSink,
    from: u64,
    head: Head,
) -> Result<Option<(u64, Checkpoint)>, OpenError> {
    let mut last = None;
    each(sink, from, head, |seq, text| {
        if line::kind(text) == Some(b"checkpoint") {
            let rest = line::rest(text).unwrap_or_default();
            let checkpoint = Checkpoint::read(rest, seq, None);
            let checkpoint = checkpoint.map_err(|source| OpenError::Checkpoint {
                record: seq,
                source,
            })?;
            last = Some((seq, checkpoint));
        }
        Ok(())
    })?;
    Ok(last)
}

/// `tree` with all records behind it, up to `head`.
fn grown(sink: &dyn AuditSink, mut tree: Tree, head: Head) -> Result<Tree, OpenError> {
    let mut last = None;
    each(sink, tree.size(), head, |seq, text| {
        if seq != tree.size() {
            return Err(OpenError::Pruned { first: seq });
        }
        let digest = chain::digest(text);
        tree.push(digest);
        last = Some(digest);
        Ok(())
    })?;
    let ends = last.is_none_or(|digest| digest == head.digest);
    if tree.size() == head.records && ends {
        Ok(tree)
    } else {
        Err(OpenError::OtherRecords)
    }
}

/// Hands out each record from `from` up to `head`, with its number.
fn each(
    sink: &dyn AuditSink,
    from: u64,
    head: Head,
    mut one: impl FnMut(u64, &[u8]) -> Result<(), OpenError>,
) -> Result<(), OpenError> {
    /// Most records at a time.
    const MOST: usize = 1_024;
    let mut next = from;
    while next < head.records {
        let batch: Batch<'_> = guarded(|| sink.read(next, MOST)).map_err(OpenError::Sink)?;
        let start = batch.start().records;
        let follows = start == next || (next == from && start > next);
        if batch.records() == 0 || !follows {
            return Err(OpenError::OtherRecords);
        }
        for (seq, line) in (start..).zip(batch.lines()) {
            if seq < head.records {
                one(seq, line)?;
            }
        }
        next = batch.end().records;
    }
    Ok(())
}
