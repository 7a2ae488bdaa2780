//! Making proofs from the records of a log.

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use callgate_types::Digest;

use super::{ConsistencyProof, InclusionProof};
use crate::lines::{Lines, Piece};
use crate::tree::{Nodes, half};
use crate::{Tree, chain, segment};

/// Makes proofs about a log. It holds about 64 bytes for each record.
///
/// It takes records as they are: whether they are those that were written is what a proof shows
/// to whoever has the root.
///
/// # Examples
///
/// ```
/// use callgate_audit::{ProofMaker, Tree, record_digest};
///
/// let mut maker = ProofMaker::new();
/// for record in ["first", "second", "third"] {
///     maker.push(record_digest(record.as_bytes()));
/// }
/// let root = maker.root(3).ok_or("no root")?;
/// let proof = maker.inclusion(1, 3).ok_or("no proof")?;
/// assert!(proof.verify(record_digest(b"second"), root).is_ok());
/// assert!(proof.verify(record_digest(b"another"), root).is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct ProofMaker {
    nodes: Nodes,
    start: u64,
}

/// Why the records of a log cannot be read for proofs.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ProofMakerError {
    /// The system refused something.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// A file does not begin with the record that comes next.
    #[error("expected a file that begins with record {expected}, found `{}`", path.display())]
    Missing {
        /// The record that comes next.
        expected: u64,
        /// The file.
        path: PathBuf,
    },
}

impl ProofMaker {
    /// For a log from its first record on.
    pub fn new() -> Self {
        Self::after(&Tree::new())
    }

    /// For a log that begins behind the records of `tree`, the others having been removed. Proofs
    /// about records before that cannot be made.
    pub fn after(tree: &Tree) -> Self {
        Self {
            nodes: Nodes::after(tree),
            start: tree.size(),
        }
    }

    /// Adds the records of the log in `folder`, which begins behind the records of `tree`.
    ///
    /// # Errors
    ///
    /// Fails where something cannot be read, and where a file is missing.
    pub fn of_folder(folder: impl AsRef<Path>, tree: &Tree) -> Result<Self, ProofMakerError> {
        let folder = folder.as_ref();
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |source| ProofMakerError::Io { path, source }
        };
        let listing = segment::list(folder).map_err(failed(folder))?;
        let mut maker = Self::after(tree);
        for segment in listing.segments {
            let expected = maker.size();
            if segment.first != expected {
                let path = segment.path;
                return Err(ProofMakerError::Missing { expected, path });
            }
            let file = File::open(&segment.path).map_err(failed(&segment.path))?;
            maker.read(file).map_err(failed(&segment.path))?;
        }
        Ok(maker)
    }

    /// Adds the whole lines of a stream.
    ///
    /// # Errors
    ///
    /// Fails where the stream cannot be read.
    pub fn read(&mut self, stream: impl Read) -> io::Result<()> {
        let mut lines = Lines::new(stream);
        while let Piece::Line(line) = lines.next()? {
            self.push(chain::digest(line));
        }
        Ok(())
    }

    /// Adds a record.
    pub fn push(&mut self, digest: Digest) {
        self.nodes.push(digest);
    }

    /// How many records there are, with those that it began behind.
    pub const fn size(&self) -> u64 {
        self.nodes.size()
    }

    /// The root of the first `size` records; `None` where there are not so many, and where some
    /// of them were removed.
    pub fn root(&self, size: u64) -> Option<Digest> {
        match size {
            0 => Some(Digest::of(b"")),
            _ => self.nodes.root(0, size),
        }
    }

    /// Shows that record `seq` is in the tree of `size`; `None` where it is not, or was removed.
    pub fn inclusion(&self, seq: u64, size: u64) -> Option<InclusionProof> {
        if seq >= size || seq < self.start {
            return None;
        }
        let mut path = Vec::new();
        let (mut from, mut to) = (0_u64, size);
        while to.saturating_sub(from) > 1 {
            let middle = from.saturating_add(half(to.saturating_sub(from)));
            if seq < middle {
                path.push(self.nodes.root(middle, to)?);
                to = middle;
            } else {
                path.push(self.nodes.root(from, middle)?);
                from = middle;
            }
        }
        path.reverse();
        Some(InclusionProof { seq, size, path })
    }

    /// Shows that the tree of `new` begins with that of `old`; `None` where it cannot.
    pub fn consistency(&self, old: u64, new: u64) -> Option<ConsistencyProof> {
        if old > new || new > self.size() {
            return None;
        }
        let mut path = Vec::new();
        if old != 0 && old != new {
            let (mut from, mut to) = (0_u64, new);
            // Whether the subtree that is looked at is the whole of the smaller tree.
            let mut whole = true;
            while to != old {
                let middle = from.saturating_add(half(to.saturating_sub(from)));
                if old <= middle {
                    path.push(self.nodes.root(middle, to)?);
                    to = middle;
                } else {
                    path.push(self.nodes.root(from, middle)?);
                    from = middle;
                    whole = false;
                }
            }
            if !whole {
                path.push(self.nodes.root(from, to)?);
            }
            path.reverse();
        }
        Some(ConsistencyProof { old, new, path })
    }
}

impl Default for ProofMaker {
    fn default() -> Self {
        Self::new()
    }
}
