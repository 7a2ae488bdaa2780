//! Reading a log from its start, line by line.

use std::fmt;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use super::RecordView;
use super::feed::{Feed, Step};
use super::folder::Folder;
use super::sink::SinkStream;
use crate::{AuditSink, LineFault};

/// What comes next in a log.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum ReadItem<'a> {
    /// A record.
    Record(RecordView<'a>),
    /// A line that is none. What follows is read all the same.
    Broken {
        /// The file, where the log is a folder of files.
        file: Option<&'a Path>,
        /// Where the line begins, in bytes from the start of the file or stream.
        offset: u64,
        /// Why it is no record.
        fault: LineFault,
    },
    /// A file of the log whose last line does not end, though another file follows.
    Unended {
        /// The file.
        file: &'a Path,
        /// Where the line begins.
        offset: u64,
    },
    /// A name in the folder that begins with a digit, and is no file's of the log.
    Stranger {
        /// The name.
        file: &'a Path,
    },
}

/// Why a log could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum ReadError {
    /// The system refused something.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
    /// The stream could not be read.
    #[error("cannot read the log")]
    Stream(#[source] io::Error),
}

/// Reads a log, record by record.
///
/// At the end it may be asked again: a reader of a folder then goes on with what was appended
/// meanwhile.
///
/// # Examples
///
/// ```
/// use callgate_audit::read::{LogReader, ReadItem};
///
/// let folder = tempfile::tempdir()?;
/// let mut log = LogReader::folder(folder.path());
/// let mut records = 0;
/// while let Some(item) = log.next_item()? {
///     if let ReadItem::Record(_) = item {
///         records += 1;
///     }
/// }
/// assert_eq!(records, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct LogReader<'r> {
    source: Source<'r>,
    unfinished: Option<u64>,
}

enum Source<'r> {
    Folder(Folder),
    Stream(Feed<Box<dyn Read + 'r>>),
}

impl<'r> LogReader<'r> {
    /// Reads the log in `folder`.
    pub fn folder(folder: impl Into<PathBuf>) -> Self {
        Self {
            source: Source::Folder(Folder::new(folder.into())),
            unfinished: None,
        }
    }

    /// Reads a log that comes as one stream.
    pub fn stream(stream: impl Read + 'r) -> Self {
        let stream: Box<dyn Read + 'r> = Box::new(stream);
        Self {
            source: Source::Stream(Feed::new(stream, 0)),
            unfinished: None,
        }
    }

    /// Reads what `sink` stores, from its first record on.
    pub fn sink(sink: &'r dyn AuditSink) -> Self {
        Self::stream(SinkStream::new(sink))
    }

    /// The next record, or what stands in its place; `None` at the end.
    ///
    /// # Errors
    ///
    /// Fails where something cannot be read. No bytes in a log make it fail.
    pub fn next_item(&mut self) -> Result<Option<ReadItem<'_>>, ReadError> {
        match &mut self.source {
            Source::Folder(folder) => {
                let found = folder.next()?;
                self.unfinished = folder.unfinished();
                Ok(folder.item(found))
            }
            Source::Stream(feed) => {
                let step = feed.step().map_err(ReadError::Stream)?;
                self.unfinished = match step {
                    Step::End(left) if left > 0 => Some(left),
                    _ => None,
                };
                Ok(item(step, feed, None))
            }
        }
    }

    /// At the end: how many bytes stand behind the last line that ends. It is a record that is
    /// being written, or the torn end that a crash left. Padding does not count.
    pub const fn unfinished(&self) -> Option<u64> {
        self.unfinished
    }
}

impl fmt::Debug for LogReader<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let folder = match &self.source {
            Source::Folder(folder) => Some(folder.path()),
            Source::Stream(_) => None,
        };
        let mut shown = f.debug_struct("LogReader");
        shown.field("folder", &folder).finish_non_exhaustive()
    }
}

/// What was read, with its place.
pub(super) fn item<'a, R: Read>(
    step: Step,
    feed: &'a Feed<R>,
    file: Option<&'a Path>,
) -> Option<ReadItem<'a>> {
    let offset = feed.start();
    let parsed = match step {
        Step::Line => RecordView::parse(feed.line()),
        Step::TooLong => Err(LineFault::TooLong),
        Step::End(_) => return None,
    };
    Some(match parsed {
        Ok(record) => ReadItem::Record(record),
        Err(fault) => ReadItem::Broken {
            file,
            offset,
            fault,
        },
    })
}
