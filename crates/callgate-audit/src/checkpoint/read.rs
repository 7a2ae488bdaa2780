//! Reading these records, and holding them against the log.

use callgate_types::Digest;

use super::fields::Fields;
use crate::{ParseNoteError, SignedNote, Tree};

/// A `checkpoint` record.
#[derive(Clone, Debug)]
pub(crate) struct Checkpoint {
    pub(crate) tree: Tree,
    pub(crate) note: SignedNote,
}

/// A `key_changed` record. Its keys are texts: not every build knows how they sign.
#[derive(Clone, Debug)]
pub(crate) struct KeyChange {
    pub(crate) origin: String,
    pub(crate) from: String,
    pub(crate) to: String,
}

/// A `pruned` record.
#[derive(Clone, Debug)]
pub(crate) struct Pruned {
    /// Over what was removed.
    pub(crate) tree: Tree,
    /// Of the last record that was removed.
    pub(crate) digest: Digest,
}

/// What is wrong with what such a record says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum StatementFault {
    /// It does not have the form of its kind.
    #[error("expected the keys of the kind of the record, in their order and form")]
    Malformed,
    /// The note is none.
    #[error("{0}")]
    Note(#[source] ParseNoteError),
    /// The note says something else than the record.
    #[error("the note is about another log, size or root than the record")]
    Differs,
    /// The size is not the number of records before it.
    #[error("it is about {found} records, expected {expected}")]
    Size {
        /// How many stand before it.
        expected: u64,
        /// How many it is about.
        found: u64,
    },
    /// The peaks do not lead to the root.
    #[error("the peaks do not lead to the root")]
    Peaks,
    /// The root is not that of the records before it.
    #[error("the root of the records before it is {found}, expected {expected}")]
    Root {
        /// What the record says.
        expected: Digest,
        /// What the records have.
        found: Digest,
    },
}

impl Checkpoint {
    /// Reads record `seq`; `rest` is what follows `durable`. `tree` is that of the records before
    /// it, where it is known.
    pub(crate) fn read(rest: &[u8], seq: u64, tree: Option<&Tree>) -> Result<Self, StatementFault> {
        let mut fields = Fields::new(rest);
        let mut read = || {
            let origin = fields.string("origin")?;
            let size = fields.number("size")?;
            let root = fields.hex("root")?;
            let peaks = fields.digests("peaks")?;
            let note = fields.string("note")?;
            fields.end()?;
            Some((origin, size, root, peaks, note))
        };
        let (origin, size, root, peaks, note) = read().ok_or(StatementFault::Malformed)?;
        let note: SignedNote = note.parse().map_err(StatementFault::Note)?;
        if (note.origin(), note.size(), note.root()) != (&*origin, size, root) {
            return Err(StatementFault::Differs);
        }
        if size != seq {
            let (expected, found) = (seq, size);
            return Err(StatementFault::Size { expected, found });
        }
        let stated = Tree::from_peaks(size, &peaks).map_err(|_| StatementFault::Peaks)?;
        if stated.root() != root {
            return Err(StatementFault::Peaks);
        }
        // Peaks are not only those of the root: another list of them may lead to the same one.
        if let Some(tree) = tree
            && *tree != stated
        {
            let (expected, found) = (root, tree.root());
            return Err(StatementFault::Root { expected, found });
        }
        Ok(Self { tree: stated, note })
    }
}

impl KeyChange {
    pub(crate) fn read(rest: &[u8]) -> Result<Self, StatementFault> {
        let mut fields = Fields::new(rest);
        let mut read = || {
            let origin = fields.string("origin")?;
            let from = fields.string("from")?;
            let to = fields.string("to")?;
            fields.end()?;
            Some(Self { origin, from, to })
        };
        read().ok_or(StatementFault::Malformed)
    }
}

impl Pruned {
    /// Reads record `seq`.
    pub(crate) fn read(rest: &[u8], seq: u64) -> Result<Self, StatementFault> {
        let mut fields = Fields::new(rest);
        let mut read = || {
            let until = fields.number("until")?;
            let digest = fields.hex("digest")?;
            let peaks = fields.digests("peaks")?;
            let _archive = fields.hex("archive")?;
            let _bytes = fields.number("archive_bytes")?;
            fields.end()?;
            Some((until, digest, peaks))
        };
        let (until, digest, peaks) = read().ok_or(StatementFault::Malformed)?;
        if until == 0 || until > seq {
            let (expected, found) = (seq, until);
            return Err(StatementFault::Size { expected, found });
        }
        let tree = Tree::from_peaks(until, &peaks).map_err(|_| StatementFault::Peaks)?;
        Ok(Self { tree, digest })
    }
}
