//! What an earlier verification found to be good.

use std::fmt;
use std::io;
use std::path::Path;
use std::str::FromStr;

use callgate_types::Digest;

use crate::{Head, SignedNote, Tree, checkpoint};

/// The end of a log that was verified before: the next verification begins there.
///
/// Keep it where nobody who can write the log can write, together with the key in force there. Its
/// text is `SIZE:DIGEST`, and each peak of the tree behind a further `:`. Where the peaks are left
/// out, it is a [`Head`]: the tree is then taken from the first checkpoint behind it, on its word.
///
/// # Examples
///
/// ```
/// use callgate_audit::{Trusted, record_digest};
///
/// let only = record_digest(b"the only record");
/// let trusted: Trusted = format!("1:{only}:{only}").parse()?;
/// assert_eq!(trusted.head().records, 1);
/// # Ok::<(), callgate_audit::ParseTrustedError>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Trusted {
    head: Head,
    tree: Option<Tree>,
}

impl Trusted {
    /// `tree` must be as large as `head` says.
    pub(super) const fn of(head: Head, tree: Option<Tree>) -> Self {
        Self { head, tree }
    }

    /// The end of the log in `folder` when `note` was signed, which was kept elsewhere: what is known
    /// of it is what the log's own checkpoint of that size says, if its root is that of the note.
    /// `None` where there is no such checkpoint: then verify the log from its start, and give the
    /// note to [`VerifyOptions::anchored`](super::VerifyOptions::anchored).
    ///
    /// Give it there in any case: whether the note is signed is for the verification to say.
    ///
    /// # Errors
    ///
    /// Fails where the log cannot be read.
    pub fn of_note(folder: impl AsRef<Path>, note: &SignedNote) -> io::Result<Option<Self>> {
        let found = checkpoint::find_checkpoint(folder.as_ref(), note.size())?;
        let found = found.filter(|(_, tree)| tree.root() == note.root());
        Ok(found.map(|(before, tree)| Self::of(Head::new(note.size(), before), Some(tree))))
    }

    /// The head.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// The tree, where it is known.
    pub const fn tree(&self) -> Option<&Tree> {
        self.tree.as_ref()
    }
}

impl From<Head> for Trusted {
    fn from(head: Head) -> Self {
        let tree = (head == Head::EMPTY).then(Tree::new);
        Self { head, tree }
    }
}

impl fmt::Display for Trusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.head, f)?;
        let mut peaks = self.tree.iter().flat_map(Tree::peaks);
        peaks.try_for_each(|peak| write!(f, ":{peak}"))
    }
}

/// The text is not what [`Trusted`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected `SIZE:DIGEST`, or behind it a peak for each bit that is set in SIZE, with `:` between"
)]
#[non_exhaustive]
pub struct ParseTrustedError;

impl FromStr for Trusted {
    type Err = ParseTrustedError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let end = text
            .match_indices(':')
            .nth(1)
            .map_or(text.len(), |(at, _)| at);
        let (head, peaks) = text.split_at_checked(end).ok_or(ParseTrustedError)?;
        let head: Head = head.parse().map_err(|_| ParseTrustedError)?;
        if peaks.is_empty() {
            return Ok(head.into());
        }
        // The text in front of the first `:` is empty.
        let peaks: Result<Vec<Digest>, _> = peaks.split(':').skip(1).map(str::parse).collect();
        let peaks = peaks.map_err(|_| ParseTrustedError)?;
        let tree = Tree::from_peaks(head.records, &peaks).map_err(|_| ParseTrustedError)?;
        Ok(Self::of(head, Some(tree)))
    }
}

/// How far a verification has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Progress {
    /// The records so far.
    pub records: u64,
    /// The bytes so far.
    pub bytes: u64,
    /// All bytes there are, where that is known.
    pub all_bytes: Option<u64>,
}
