//! Where a log stops being good, and why.

use std::fmt;
use std::path::{Path, PathBuf};

use callgate_types::Digest;

use super::chain::Place;
use crate::{LineFault, ParseKeyError};

pub use crate::checkpoint::StatementFault;

/// The first place where a log stops being good.
///
/// Everything before it has been verified; nothing is said of what follows.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Fault {
    /// The number of the record, counted from 0: the first that is not what it should be.
    pub record: u64,
    /// The file, where the log is a folder of files.
    pub segment: Option<PathBuf>,
    /// Where the line begins in which it shows, in bytes from the start of the file or stream.
    pub offset: u64,
    /// What is wrong.
    pub kind: FaultKind,
}

impl Fault {
    pub(super) fn new(record: u64, (segment, offset): Place<'_>, kind: FaultKind) -> Self {
        Self {
            record,
            segment: segment.map(Path::to_owned),
            offset,
            kind,
        }
    }
}

impl fmt::Display for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "record {}", self.record)?;
        if let Some(segment) = &self.segment {
            write!(f, " in `{}`", segment.display())?;
        }
        write!(f, ", byte {}: {}", self.offset, self.kind)
    }
}

/// What is wrong with a record.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum FaultKind {
    /// The line is not a record.
    #[error("{0}")]
    Line(LineFault),
    /// The record was changed after the next one was written, or the next one's `prev` was.
    #[error("it hashes to {found}, and the record behind it says {expected}")]
    Changed {
        /// What the next record says.
        expected: Digest,
        /// What its bytes hash to.
        found: Digest,
    },
    /// The record does not follow the one before it.
    #[error("it does not follow its predecessor: expected `prev` {expected}, found {found}")]
    BrokenLink {
        /// The digest of the record before it.
        expected: Digest,
        /// What the record says.
        found: Digest,
    },
    /// A record is missing, repeated or in the wrong place.
    #[error("expected record {expected}, found record {found}")]
    OutOfSequence {
        /// What should stand here.
        expected: u64,
        /// What stands here.
        found: u64,
    },
    /// The last line has no line feed: a crash left it so, or somebody.
    #[error("the line does not end, {bytes} bytes are left over")]
    Torn {
        /// How many bytes it has.
        bytes: u64,
    },
    /// The last line of a file has no line feed, and another file follows.
    #[error("the line does not end, and another file follows")]
    Unended,
    /// The file is not named after its first record.
    #[error("the file is named after record {found}, expected record {expected}")]
    WrongSegment {
        /// The record that comes next.
        expected: u64,
        /// The record in its name.
        found: u64,
    },
    /// A name in the folder could be taken for a file of the log.
    #[error("the file is not named like a file of the log")]
    BadName,
    /// The log is not the one that the given head was taken from.
    #[error("the digest of the records up to here is {found}, expected {expected}")]
    WrongHead {
        /// The digest in the given head.
        expected: Digest,
        /// The digest of the log at the same size.
        found: Digest,
    },
    /// The log ends before the given head.
    #[error("the log ends here, expected {expected} records")]
    Short {
        /// How many records the given head counts.
        expected: u64,
    },
    /// What the record says about the log itself is not so.
    #[error("{0}")]
    Statement(#[source] StatementFault),
    /// The log is not the one that a note is about which was kept elsewhere.
    #[error("the root of the records up to here is {found}, a note kept elsewhere says {expected}")]
    Anchored {
        /// The root in the note.
        expected: Digest,
        /// The root of the log at the same size.
        found: Digest,
    },
    /// The record that confirms what was removed says something else about the last record that
    /// was.
    #[error("it hashes to {found}, and the record of what was removed says {expected}")]
    Pruned {
        /// What that record says.
        expected: Digest,
        /// What the record hashes to.
        found: Digest,
    },
    /// The records are as they were written, but not known to be by whom they should be.
    #[error("{0}")]
    Authenticity(#[source] AuthenticityFault),
}

/// Why it is not known who wrote a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AuthenticityFault {
    /// It is the log of another origin.
    #[error("it belongs to a log of another origin")]
    Origin,
    /// The note is not signed by the key in force.
    #[error("its note is not signed by the key in force")]
    NotSigned,
    /// A note that was kept elsewhere is not signed by the key in force at its size.
    #[error("a note kept elsewhere about the records before it is not signed by the key in force")]
    AnchorNotSigned,
    /// The key that is to follow cannot be used.
    #[error("the key that is to follow cannot be used: {0}")]
    NextKey(#[source] ParseKeyError),
    /// Nothing is signed.
    #[error("the log ends here without a checkpoint")]
    NoCheckpoint,
    /// Too much is not signed.
    #[error(
        "the log ends here, {records} records behind its last checkpoint, expected at most {most}"
    )]
    Unsealed {
        /// How many records follow the last checkpoint.
        records: u64,
        /// How many may.
        most: u64,
    },
    /// Too few witnesses have cosigned.
    #[error("{found} witnesses have cosigned a note about the log, expected {expected}")]
    Cosignatures {
        /// How many should have.
        expected: usize,
        /// The most that have cosigned one note.
        found: usize,
    },
}
