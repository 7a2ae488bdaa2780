//! Why a log in files cannot be opened, or goes no further.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};

/// Why a log in files cannot be opened, or goes no further.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileSinkError {
    /// Another sink, of this process or another, writes this log.
    #[error("the log in `{}` is in use", folder.display())]
    Locked {
        /// The folder of the log.
        folder: PathBuf,
    },
    /// There are as many chains of further writers as there may be, and all are in use.
    #[error("all chains in `{}` are in use", folder.display())]
    TooManyChains {
        /// The folder of the log.
        folder: PathBuf,
    },
    /// The file is not at its name any more, or somebody else has cut it off: what is written to
    /// it now, nobody reads.
    #[error("`{}` was removed, replaced or cut off while the log was open", path.display())]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// The process is a fork of the one that opened the log, which goes on writing it.
    #[error(
        "the log was opened by process {opened_by} and used by its fork {process}: open it anew"
    )]
    Forked {
        /// The process that opened the log.
        opened_by: u32,
        /// The process that wanted to use it.
        process: u32,
    },
    /// The system refused something.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: FileAction,
        /// With which file.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A record that was durable is not there, or not as it was written: no crash does that.
    #[error(
        "record {record} in `{}` is damaged, and {durable} records were durable",
        segment.display()
    )]
    Damaged {
        /// The file.
        segment: PathBuf,
        /// The first record that is not complete.
        record: u64,
        /// How many records were durable, as the log itself says.
        durable: u64,
    },
    /// The files of the log do not follow each other.
    #[error("`{}` does not follow the file before it, which ends before record {expected}", segment.display())]
    MissingSegment {
        /// The last file of the log.
        segment: PathBuf,
        /// The record with which it would have to begin.
        expected: u64,
    },
    /// A file that is followed by another one does not end with a record.
    #[error("`{}` does not end with a record", segment.display())]
    BadSegment {
        /// The file.
        segment: PathBuf,
    },
    /// A name in the folder could be taken for a file of the log.
    #[error("`{}` is not named like a file of the log", path.display())]
    BadName {
        /// The file.
        path: PathBuf,
    },
}

/// What was tried with a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum FileAction {
    /// Making a folder or file.
    Create,
    /// Opening a file, or listing a folder.
    Open,
    /// Reading.
    Read,
    /// Writing.
    Write,
    /// Making what was written durable.
    Sync,
    /// Cutting off the end of a file.
    Truncate,
    /// Giving a file its final name.
    Rename,
    /// Keeping other writers out.
    Lock,
}

impl fmt::Display for FileAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Open => "open",
            Self::Read => "read",
            Self::Write => "write",
            Self::Sync => "sync",
            Self::Truncate => "truncate",
            Self::Rename => "rename",
            Self::Lock => "lock",
        })
    }
}

/// Says with which file something failed.
pub(super) trait At<T> {
    fn at(self, action: FileAction, path: &Path) -> Result<T, FileSinkError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: FileAction, path: &Path) -> Result<T, FileSinkError> {
        self.map_err(|source| FileSinkError::Io {
            action,
            path: path.to_owned(),
            source,
        })
    }
}
