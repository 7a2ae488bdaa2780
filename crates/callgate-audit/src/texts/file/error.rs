//! Why a folder of clear texts could not be opened.

use std::io;
use std::path::{Path, PathBuf};

use crate::FileAction;

/// Why a folder of clear texts could not be opened.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileTextsError {
    /// Somebody else writes the folder.
    #[error("`{}` is written by somebody else", folder.display())]
    Locked {
        /// The folder.
        folder: PathBuf,
    },
    /// The process has forked since the store was opened.
    #[error(
        "the clear texts were opened by process {opened_by} and used by its fork {process}: open them anew"
    )]
    Forked {
        /// The process that opened them.
        opened_by: u32,
        /// The process that wanted to use them.
        process: u32,
    },
    /// The system refused something.
    #[error("cannot {action} `{}`", path.display())]
    Io {
        /// What was to be done.
        action: FileAction,
        /// To which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// What was to be done, and to what.
pub(super) fn at(action: FileAction, path: &Path) -> impl FnOnce(io::Error) -> FileTextsError {
    let path = path.to_owned();
    move |source| FileTextsError::Io {
        action,
        path,
        source,
    }
}
