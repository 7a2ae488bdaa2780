//! Why a log in SQLite cannot be opened, or goes no further.

use std::error::Error;
use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use callgate_audit::{Cause, ParseBatchError, SinkError};
use rusqlite::ErrorCode;

/// Why a log, or clear texts, in SQLite cannot be opened, or why it goes no further.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SqliteSinkError {
    /// The system refused something.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was tried.
        action: SqliteAction,
        /// With which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// SQLite refused something.
    #[error("cannot {action} `{}`", path.display())]
    Sqlite {
        /// What was tried.
        action: SqliteAction,
        /// With which file.
        path: PathBuf,
        /// What SQLite said.
        source: Cause,
    },
    /// The file is a database of another program, or none at all.
    #[error("`{}` is not an audit log", path.display())]
    NotALog {
        /// The file.
        path: PathBuf,
    },
    /// The file is not a store of standing.
    #[error("`{}` is not a standing store", path.display())]
    NotStanding {
        /// The file.
        path: PathBuf,
    },
    /// The file is not one of limits.
    #[error("`{}` is not a file of limits", path.display())]
    NotLimits {
        /// The file.
        path: PathBuf,
    },
    /// The file is a database of another program or for something else, or none at all.
    #[error("`{}` is no store of approvals", path.display())]
    NotApprovals {
        /// The file.
        path: PathBuf,
    },
    /// A later version wrote the file.
    #[error(
        "`{}` has format {found}, expected {expected} or before: a later version wrote it",
        path.display()
    )]
    Newer {
        /// The file.
        path: PathBuf,
        /// Its format.
        found: i64,
        /// The latest format that is known here.
        expected: i64,
    },
    /// A table, index or trigger of a file of ours was changed, or one was added.
    #[error("`{}` has another schema than an audit log: `{object}`", path.display())]
    Altered {
        /// The file.
        path: PathBuf,
        /// The first table, index, view or trigger that is not as it should be.
        object: String,
    },
    /// A setting on which durability depends did not take.
    #[error("`{}`: `{setting}` is `{found}`, expected `{expected}`", path.display())]
    Setting {
        /// The file.
        path: PathBuf,
        /// The setting.
        setting: &'static str,
        /// What it is.
        found: String,
        /// What it has to be.
        expected: &'static str,
    },
    /// There is no chain of this name in the file.
    #[error("`{}` holds no chain `{chain}`", path.display())]
    NoChain {
        /// The file.
        path: PathBuf,
        /// The name that was asked for.
        chain: String,
    },
    /// There are no clear texts in the file.
    #[error("`{}` holds no clear texts", path.display())]
    NoTexts {
        /// The file.
        path: PathBuf,
    },
    /// A text that was put into the file is not there.
    #[error("a clear text that was put into `{}` is not there", path.display())]
    Vanished {
        /// The file.
        path: PathBuf,
    },
    /// A row says another place than the record in it, or is missing.
    #[error("the row of record {seq} in `{}` is not as it was written", path.display())]
    Row {
        /// The file.
        path: PathBuf,
        /// The record.
        seq: u64,
    },
    /// A line in the file is no record.
    #[error("record {seq} in `{}` cannot be read", path.display())]
    Line {
        /// The file.
        path: PathBuf,
        /// The record.
        seq: u64,
        /// What is wrong.
        source: ParseBatchError,
    },
    /// The file, or its write-ahead log, was removed or replaced while it was written.
    #[error("`{}` was removed or replaced", path.display())]
    Replaced {
        /// The file.
        path: PathBuf,
    },
    /// The process forked: two processes must not share a connection.
    #[error("the log in `{}` was opened by another process", path.display())]
    Forked {
        /// The file.
        path: PathBuf,
    },
}

/// What was tried.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum SqliteAction {
    /// To make a file.
    Create,
    /// To open it.
    Open,
    /// To read from it.
    Read,
    /// To write to it.
    Write,
    /// To make it durable.
    Sync,
}

impl fmt::Display for SqliteAction {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Create => "create",
            Self::Open => "open",
            Self::Read => "read",
            Self::Write => "write",
            Self::Sync => "sync",
        })
    }
}

impl SqliteSinkError {
    /// What a sink tells of it.
    pub(crate) fn told(self) -> SinkError {
        match self.weight() {
            Weight::Passing => SinkError::unknown(self),
            Weight::Full => SinkError::Full,
            Weight::Final => SinkError::poisoned(self),
        }
    }

    /// Whether somebody else stands in the way.
    pub(crate) fn is_busy(&self) -> bool {
        let code = self.code();
        matches!(
            code,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked)
        )
    }

    fn code(&self) -> Option<ErrorCode> {
        let Self::Sqlite { source, .. } = self else {
            return None;
        };
        let error = source.downcast_ref::<rusqlite::Error>();
        error.and_then(rusqlite::Error::sqlite_error_code)
    }

    /// Whether it may be otherwise the next time.
    pub(crate) fn weight(&self) -> Weight {
        match self.code() {
            // Somebody else writes: who that is, and whether it moves this chain, the head tells.
            Some(
                ErrorCode::DatabaseBusy
                | ErrorCode::DatabaseLocked
                | ErrorCode::OutOfMemory
                | ErrorCode::OperationInterrupted
                | ErrorCode::SchemaChanged,
            ) => Weight::Passing,
            Some(ErrorCode::DiskFull) => Weight::Full,
            _ => Weight::Final,
        }
    }
}

/// What an error means for the sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Weight {
    /// It may be otherwise the next time.
    Passing,
    /// There is no room.
    Full,
    /// Nothing can be relied on.
    Final,
}

/// Says with which file something failed.
pub(crate) trait At<T> {
    fn at(self, action: SqliteAction, path: &Path) -> Result<T, SqliteSinkError>;
}

impl<T> At<T> for io::Result<T> {
    fn at(self, action: SqliteAction, path: &Path) -> Result<T, SqliteSinkError> {
        self.map_err(|source| SqliteSinkError::Io {
            action,
            path: path.to_owned(),
            source,
        })
    }
}

impl<T> At<T> for rusqlite::Result<T> {
    fn at(self, action: SqliteAction, path: &Path) -> Result<T, SqliteSinkError> {
        self.map_err(|source| {
            let source: Arc<dyn Error + Send + Sync> = Arc::new(source);
            SqliteSinkError::Sqlite {
                action,
                path: path.to_owned(),
                source,
            }
        })
    }
}
