//! The verifier: whether a log is what was written.
//!
//! It hashes the bytes that are stored and never writes a record anew. It reads a log once, from
//! its first record on, in bounded memory, and stops at the first fault.

mod chain;
mod fault;
mod report;

pub use fault::{Fault, FaultKind};
pub use report::{Authenticity, Completeness, Integrity, Report};

use std::fs::File;
use std::io::{self, Read};
use std::path::{Path, PathBuf};

use self::chain::{Checker, Next};
use crate::lines::{Lines, Piece};
use crate::segment::{self, Segment};
use crate::{Head, LineFault};

/// What a log is verified against.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// A head that was kept elsewhere. Without one, nothing can be said about records that are
    /// missing at the end, nor about a log that was written anew from the start.
    pub head: Option<Head>,
}

impl VerifyOptions {
    /// Nothing is known from elsewhere.
    pub const fn new() -> Self {
        Self { head: None }
    }

    /// The log must begin with the records that `head` was taken from.
    #[must_use]
    pub const fn head(mut self, head: Head) -> Self {
        self.head = Some(head);
        self
    }
}

/// Why a log could not be read.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum VerifyError {
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

/// Verifies the log in `folder`.
///
/// # Errors
///
/// Fails only where something cannot be read. Whatever is wrong with the log itself stands in the
/// report.
///
/// # Examples
///
/// ```
/// use callgate_audit::{Integrity, VerifyOptions, verify_folder};
///
/// let folder = tempfile::tempdir()?;
/// let report = verify_folder(folder.path(), &VerifyOptions::new())?;
/// assert_eq!(report.integrity, Integrity::Empty);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn verify_folder(
    folder: impl AsRef<Path>,
    options: &VerifyOptions,
) -> Result<Report, VerifyError> {
    let folder = folder.as_ref();
    let listing = segment::list(folder).map_err(|source| VerifyError::Io {
        path: folder.to_owned(),
        source,
    })?;
    let mut checker = Checker::new(options);
    if let Some(stranger) = &listing.stranger {
        checker.fault((Some(stranger), 0), FaultKind::BadName);
        return Ok(checker.report((None, 0)));
    }
    let mut end = (None, 0);
    for (place, segment) in listing.segments.iter().enumerate() {
        let last = place.saturating_add(1) == listing.segments.len();
        let failed = |source| VerifyError::Io {
            path: segment.path.clone(),
            source,
        };
        let file = File::open(&segment.path).map_err(failed)?;
        // What is appended meanwhile is not looked at.
        let length = file.metadata().map_err(failed)?.len();
        let mut stream = Stream {
            lines: Lines::new(file.take(length)),
            segment: Some(segment),
            last,
        };
        let next = stream.verify(&mut checker).map_err(failed)?;
        end = (Some(&*segment.path), stream.lines.end());
        if next == Next::Done {
            break;
        }
    }
    Ok(checker.report(end))
}

/// Verifies a log that comes as one stream.
///
/// # Errors
///
/// Fails only where the stream cannot be read.
pub fn verify_reader(reader: impl Read, options: &VerifyOptions) -> Result<Report, VerifyError> {
    let mut checker = Checker::new(options);
    let mut stream = Stream {
        lines: Lines::new(reader),
        segment: None,
        last: true,
    };
    stream.verify(&mut checker).map_err(VerifyError::Stream)?;
    let end = (None, stream.lines.end());
    Ok(checker.report(end))
}

/// A segment, or the only stream of a log.
struct Stream<'a, R> {
    lines: Lines<R>,
    segment: Option<&'a Segment>,
    last: bool,
}

impl<'a, R: Read> Stream<'a, R> {
    /// Feeds the lines to `checker`.
    fn verify(&mut self, checker: &mut Checker<'a>) -> io::Result<Next> {
        let path = self.segment.map(|segment| &*segment.path);
        let expected = checker.head().records;
        if let Some(segment) = self.segment
            && !checker.is_suspicious()
            && segment.first != expected
        {
            let found = segment.first;
            checker.fault((path, 0), FaultKind::WrongSegment { expected, found });
            return Ok(Next::Done);
        }
        loop {
            let start = self.lines.end();
            match self.lines.next()? {
                Piece::End => return Ok(Next::Wanted),
                Piece::Open(_) if checker.is_suspicious() => return Ok(Next::Done),
                Piece::Open(rest) => {
                    let bytes = u64::try_from(rest.len()).unwrap_or(u64::MAX);
                    self.open(bytes, checker)?;
                    return Ok(Next::Done);
                }
                Piece::Line(line) => {
                    if checker.line(line, (path, start)) == Next::Done {
                        return Ok(Next::Done);
                    }
                }
            }
        }
    }

    /// A line does not end.
    fn open(&mut self, bytes: u64, checker: &mut Checker<'_>) -> io::Result<()> {
        let path = self.segment.map(|segment| &*segment.path);
        let place = (path, self.lines.start());
        if !self.lines.rest_is_zeros()? {
            checker.fault(place, FaultKind::Line(LineFault::TooLong));
        } else if self.last {
            checker.torn(place, bytes);
        } else {
            checker.fault(place, FaultKind::Unended);
        }
        Ok(())
    }
}
