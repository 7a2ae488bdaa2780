//! Notes that are kept elsewhere: what tells a log from one that was written anew.

mod file;

pub use file::FileAnchor;

use std::io;
use std::path::PathBuf;

use callgate_types::Digest;

use crate::{AppendError, Cause, ParseNoteError, SignedNote};

/// A place that keeps notes, where whoever can write the log cannot write: another volume, a
/// store that nothing is removed from, a witness.
///
/// It never goes back: a note that it was given stays, and one that cannot follow is refused.
pub trait Anchor: Send + Sync {
    /// Keeps `checkpoint`.
    ///
    /// # Errors
    ///
    /// Refuses a note of a smaller size than one of the same origin that it has, and one of the same size with
    /// another root.
    fn publish(&self, checkpoint: &SignedNote) -> Result<(), AnchorError>;
}

/// Why a note is not kept.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AnchorError {
    /// There is none.
    #[error("there is no checkpoint to be kept")]
    Journal(#[source] AppendError),
    /// The log went back: records that were there are gone. This is evidence.
    #[error("the log `{origin}` has {found} records, and had {kept} before")]
    Smaller {
        /// The name of the log.
        origin: Box<str>,
        /// How many records the last note counts that was kept.
        kept: u64,
        /// How many this one counts.
        found: u64,
    },
    /// There are two logs of one name and size. This is evidence.
    #[error("the log `{origin}` of {size} records has the root {found}, and had {kept} before")]
    OtherRoot {
        /// The name of the log.
        origin: Box<str>,
        /// Their size.
        size: u64,
        /// The root that was kept.
        kept: Digest,
        /// The root of this one.
        found: Digest,
    },
    /// What was kept is not as it was written.
    #[error("the note in `{}` is none", path.display())]
    Damaged {
        /// The file.
        path: PathBuf,
        /// What is wrong with it.
        source: ParseNoteError,
    },
    /// The system refused something.
    #[error("cannot keep a note in `{}`", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The place refused it.
    #[error("the note was not kept")]
    Refused(#[source] Cause),
}
