//! One line by itself: whether it is a record, its digest, and what it says about its place.
//!
//! Nothing here needs the lines before it, so that many threads can do it.

use callgate_types::Digest;

use super::calls::{self, Call};
use crate::{LineFault, json, line, sha};

/// A line that is a record, wherever it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Examined {
    pub(super) seq: u64,
    pub(super) prev: Digest,
    pub(super) digest: Digest,
    pub(super) kind: Kind,
    pub(super) call: Option<Call>,
}

/// The kinds that mean something to a verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    Checkpoint,
    KeyChanged,
    Pruned,
    Erased,
    Other,
}

/// Examines a line without its line feed.
pub(super) fn examine(checker: &mut json::Checker, line: &[u8]) -> Result<Examined, LineFault> {
    let mut leaf = sha::Leaf::of(line);
    let record = line::read_with(checker, &mut leaf, line)?;
    Ok(Examined {
        seq: record.seq,
        prev: record.prev.digest(),
        digest: leaf.finish(),
        kind: match record.kind {
            b"checkpoint" => Kind::Checkpoint,
            b"key_changed" => Kind::KeyChanged,
            b"pruned" => Kind::Pruned,
            b"erased" => Kind::Erased,
            _ => Kind::Other,
        },
        call: calls::of(record.kind, record.seq, record.rest),
    })
}

/// What follows `durable` in a line that was examined.
pub(super) fn rest(line: &[u8]) -> &[u8] {
    line::rest(line).unwrap_or_default()
}
