//! What an earlier verification found to be good.

use std::fmt;
use std::str::FromStr;

use callgate_types::Digest;

use crate::{Head, Tree};

/// The end of a log that was verified before: the next verification begins there.
///
/// Keep it where nobody who can write the log can write, together with the key in force there. Its
/// text is `SIZE:DIGEST`, and each peak of the tree behind a further `:`.
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
    tree: Tree,
}

impl Trusted {
    /// `tree` must be as large as `head` says.
    pub(super) const fn of(head: Head, tree: Tree) -> Self {
        Self { head, tree }
    }

    /// The head.
    pub const fn head(&self) -> Head {
        self.head
    }

    /// The tree.
    pub const fn tree(&self) -> &Tree {
        &self.tree
    }
}

impl fmt::Display for Trusted {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.head, f)?;
        let mut peaks = self.tree.peaks().iter();
        peaks.try_for_each(|peak| write!(f, ":{peak}"))
    }
}

/// The text is not what [`Trusted`] writes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `SIZE:DIGEST` and a peak for each bit that is set in SIZE, with `:` between")]
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
        // The text in front of the first `:` is empty.
        let peaks: Result<Vec<Digest>, _> = peaks.split(':').skip(1).map(str::parse).collect();
        let peaks = peaks.map_err(|_| ParseTrustedError)?;
        let tree = Tree::from_peaks(head.records, &peaks).map_err(|_| ParseTrustedError)?;
        Ok(Self { head, tree })
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
