//! Consecutive records, as a sink stores them.

use std::borrow::Cow;
use std::fmt;

use crate::line::{self, LineFault};
use crate::{Head, chain};

/// Consecutive lines of a log, each with its line feed, and the heads before and behind them.
#[derive(Clone)]
pub struct Batch<'a> {
    bytes: Cow<'a, [u8]>,
    start: Head,
    end: Head,
}

impl<'a> Batch<'a> {
    /// `bytes` must be the lines that lead from `start` to `end`.
    pub(crate) const fn of(bytes: Cow<'a, [u8]>, start: Head, end: Head) -> Self {
        Self { bytes, start, end }
    }

    /// No records: what a sink reads behind the end of its chain.
    pub const fn empty(at: Head) -> Self {
        Self::of(Cow::Borrowed(&[]), at, at)
    }

    /// Takes lines out of a store: whole ones, each a record that follows the one before it.
    ///
    /// The first one's own word is taken for what stands before it.
    ///
    /// # Errors
    ///
    /// Refuses no lines at all, a line that is not a record, and one that does not follow.
    pub fn parse(bytes: impl Into<Cow<'a, [u8]>>) -> Result<Self, ParseBatchError> {
        let bytes = bytes.into();
        let mut heads: Option<(Head, Head)> = None;
        for line in bytes.split_inclusive(|byte| *byte == b'\n') {
            let line = line.strip_suffix(b"\n").ok_or(ParseBatchError::Unended)?;
            let record = line::read(line).map_err(ParseBatchError::Line)?;
            let (start, expected) = heads.unwrap_or_else(|| (record.before(), record.before()));
            if !record.follows(expected) {
                let found = record.before();
                return Err(ParseBatchError::DoesNotFollow { expected, found });
            }
            let end = Head::new(record.seq.saturating_add(1), chain::digest(line));
            heads = Some((start, end));
        }
        let (start, end) = heads.ok_or(ParseBatchError::Nothing)?;
        Ok(Self { bytes, start, end })
    }

    /// All lines, as they are stored.
    pub fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// The head before the first line.
    pub const fn start(&self) -> Head {
        self.start
    }

    /// The head behind the last line.
    pub const fn end(&self) -> Head {
        self.end
    }

    /// The number of lines.
    pub const fn records(&self) -> u64 {
        self.end.records.saturating_sub(self.start.records)
    }

    /// The lines, each without its line feed.
    pub fn lines(&self) -> impl Iterator<Item = &[u8]> {
        self.bytes
            .split_inclusive(|byte| *byte == b'\n')
            .map(|line| line.strip_suffix(b"\n").unwrap_or(line))
    }

    /// The lines as [`Batch::lines`], each with the head before it: what a store needs to keep
    /// them in a table.
    ///
    /// Nothing is hashed: a line says at its end which digest stands before it.
    pub fn placed(&self) -> impl Iterator<Item = (Head, &[u8])> {
        let mut seq = self.start.records;
        self.lines().map(move |line| {
            let before = Head::new(seq, chain::prev(line));
            seq = seq.saturating_add(1);
            (before, line)
        })
    }

    /// The same batch with bytes of its own.
    pub fn into_owned(self) -> Batch<'static> {
        Batch::of(Cow::Owned(self.bytes.into_owned()), self.start, self.end)
    }
}

/// Shows the heads and the size, never the records.
impl fmt::Debug for Batch<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Batch")
            .field("start", &self.start)
            .field("end", &self.end)
            .field("bytes", &self.bytes.len())
            .finish()
    }
}

/// Why bytes are not consecutive records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseBatchError {
    /// There is no line.
    #[error("expected at least one record")]
    Nothing,
    /// The last line has no line feed.
    #[error("expected a line feed after the last record")]
    Unended,
    /// A line is not a record.
    #[error("{0}")]
    Line(#[source] LineFault),
    /// A record does not follow the one before it.
    #[error("expected the record behind {expected}, found the record behind {found}")]
    DoesNotFollow {
        /// The head before which it stands.
        expected: Head,
        /// The head that it names.
        found: Head,
    },
}
