//! Where a log stops being good, and why.

use std::fmt;
use std::path::{Path, PathBuf};

use callgate_types::Digest;

use super::chain::Place;
use crate::LineFault;

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
}
