//! Parts of a log that were examined: single lines, and records that follow each other.

use std::ops::Range;

use callgate_types::Digest;

use super::calls::Call;
use super::examine::{Examined, Kind};
use crate::LineFault;
use crate::tree::join;

/// What a part of a chunk was found to be.
pub(super) enum Part {
    Run(Run),
    Line(Line),
}

/// A line of which more is to be known than its place.
pub(super) struct Line {
    /// Where it stands in its chunk, without its line feed.
    pub(super) bytes: Range<usize>,
    pub(super) found: Result<Examined, LineFault>,
}

/// Records that follow each other, none of which says anything about the log itself.
pub(super) struct Run {
    /// Where their lines stand in the chunk, with their line feeds.
    pub(super) bytes: Range<usize>,
    /// Where the last of them begins.
    pub(super) last: usize,
    /// The number of the first, and what it says about the record before it.
    pub(super) first: u64,
    pub(super) prev: Digest,
    /// The number behind the last, and the digests of the last two.
    pub(super) end: u64,
    pub(super) before: Digest,
    pub(super) digest: Digest,
    pub(super) erasures: u64,
    /// The nodes of the tree that are above nothing but these, from the left.
    pub(super) nodes: Vec<Node>,
    /// What they say about calls, in their order; calls that begin and end in here are left out.
    pub(super) calls: Vec<Call>,
}

/// A complete subtree over 2^`level` records.
#[derive(Clone, Copy, Debug)]
pub(super) struct Node {
    pub(super) level: u32,
    pub(super) digest: Digest,
}

/// How far back it is looked for the beginning of a call that has ended.
const NEAR: usize = 16;

impl Run {
    /// Of a single record, unless it says something about the log itself.
    pub(super) fn of(bytes: Range<usize>, record: &Examined) -> Option<Self> {
        if !matches!(record.kind, Kind::Other | Kind::Erased) {
            return None;
        }
        let mut run = Self {
            last: bytes.start,
            bytes,
            first: record.seq,
            prev: record.prev,
            end: record.seq,
            before: record.prev,
            digest: record.prev,
            erasures: 0,
            nodes: Vec::new(),
            calls: Vec::new(),
        };
        run.add(record);
        Some(run)
    }

    /// Takes in the record behind the last, if it is one; `bytes` are its line with its line feed.
    pub(super) fn extend(&mut self, bytes: &Range<usize>, record: &Examined) -> bool {
        let plain = matches!(record.kind, Kind::Other | Kind::Erased);
        if !plain || record.seq != self.end || record.prev != self.digest {
            return false;
        }
        self.last = bytes.start;
        self.bytes.end = bytes.end;
        self.add(record);
        true
    }

    fn add(&mut self, record: &Examined) {
        self.push(record.seq, record.digest);
        self.end = record.seq.saturating_add(1);
        self.before = record.prev;
        self.digest = record.digest;
        let erased = record.kind == Kind::Erased;
        self.erasures = self.erasures.saturating_add(u64::from(erased));
        match record.call {
            None => {}
            Some(Call::Ended(seq)) if self.forget(seq) => {}
            Some(call) => self.calls.push(call),
        }
    }

    /// Adds the leaf of record `seq`.
    fn push(&mut self, seq: u64, digest: Digest) {
        let mut node = Node { level: 0, digest };
        // A node with an odd number at its level has its sibling on its left.
        for _ in 0..seq.trailing_ones() {
            let left = self.nodes.pop_if(|left| left.level == node.level);
            let Some(left) = left else { break };
            node = Node {
                level: node.level.saturating_add(1),
                digest: join(left.digest, node.digest),
            };
        }
        self.nodes.push(node);
    }

    /// Whether the call began in here; then nothing is left of it.
    fn forget(&mut self, seq: u64) -> bool {
        let near = self.calls.iter().rev().take(NEAR);
        let back = near.enumerate().find(|(_, call)| **call == Call::Runs(seq));
        let Some((back, _)) = back else { return false };
        let place = self.calls.len().checked_sub(back.saturating_add(1));
        if let Some(place) = place {
            self.calls.remove(place);
        }
        true
    }
}
