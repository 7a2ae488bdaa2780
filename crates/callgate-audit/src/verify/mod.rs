//! The verifier: whether a log is what was written, and by whom.
//!
//! It hashes the bytes that are stored and never writes a record anew. It reads a log once, in
//! bounded memory, and stops at the first fault.

mod board;
mod calls;
mod chain;
mod chunk;
mod end;
mod examine;
mod fault;
mod options;
mod part;
mod pins;
mod pump;
mod report;
mod seal;
mod source;
mod start;
#[cfg(test)]
mod tests;
mod texts;
mod trusted;

pub use fault::{AuthenticityFault, Fault, FaultKind, StatementFault};
pub use options::VerifyOptions;
pub use report::{Authenticity, Completeness, Integrity, Report};
pub use texts::{TextFault, TextFaultKind, TextReport, VerifyTextsError, verify_texts};
pub use trusted::{ParseTrustedError, Progress, Trusted};

use std::fs::{self, File};
use std::io::{self, BufRead as _, BufReader, Read, Seek as _, SeekFrom};
use std::path::{Path, PathBuf};

use self::chain::{Checker, Next};
use self::source::Source;
use self::start::Start;
use crate::checkpoint::{self, Pruned};
use crate::json;
use crate::line::MAX_LINE;
use crate::segment::{self, Segment};

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
    let mut report = verify_once(folder, options)?;
    for _ in 0..READ_AGAIN {
        if !report.first_fault.as_ref().is_some_and(was_being_written) {
            break;
        }
        report = verify_once(folder, options)?;
    }
    Ok(report)
}

/// How often a log is read again that was written to while it was read.
const READ_AGAIN: usize = 8;

/// Whether the line of `fault` is a record by now: whoever reads beside a writer may find the zeros
/// that the writer has put ahead, and behind them the end of what took their place meanwhile.
fn was_being_written(fault: &Fault) -> bool {
    let (FaultKind::Line(_), Some(path)) = (&fault.kind, &fault.segment) else {
        return false;
    };
    // What cannot be read is as it was read before: at fault.
    line_at(path, fault.offset)
        .is_ok_and(|line| examine::examine(&mut json::Checker::new(), &line).is_ok())
}

fn line_at(path: &Path, offset: u64) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(offset))?;
    let most = u64::try_from(MAX_LINE).unwrap_or(u64::MAX);
    let mut line = Vec::new();
    BufReader::new(file)
        .take(most)
        .read_until(b'\n', &mut line)?;
    if line.pop() == Some(b'\n') {
        Ok(line)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}

fn verify_once(folder: &Path, options: &VerifyOptions) -> Result<Report, VerifyError> {
    let failed = |(path, source): pump::Failed<'_>| VerifyError::Io {
        path: path.unwrap_or(folder).to_owned(),
        source,
    };
    let listing = segment::list(folder).map_err(|source| failed((None, source)))?;
    if let Some(stranger) = &listing.stranger {
        let mut checker = Checker::new(options, Start::First);
        checker.stop((Some(stranger), 0), FaultKind::BadName);
        return Ok(checker.end().report((None, 0)));
    }
    let mut segments = &*listing.segments;
    let start = match &options.start {
        Some(trusted) => {
            let from = trusted.head().records;
            let skipped = segments.iter().rposition(|segment| segment.first <= from);
            segments = segments.get(skipped.unwrap_or(0)..).unwrap_or_default();
            Start::trusted(trusted.clone())
        }
        None => match confirmed(segments).map_err(failed)? {
            Some((first, pruned)) => Start::Pruned { first, pruned },
            None => Start::First,
        },
    };
    let all_bytes = segments
        .iter()
        .filter_map(|segment| fs::metadata(&segment.path).ok())
        .fold(0_u64, |sum, file| sum.saturating_add(file.len()));
    let source = Source::of_segments(segments);
    verify(source, start, options, Some(all_bytes)).map_err(failed)
}

/// Verifies a log that comes as one stream.
///
/// # Errors
///
/// Fails only where the stream cannot be read.
pub fn verify_reader(reader: impl Read, options: &VerifyOptions) -> Result<Report, VerifyError> {
    let start = options.start.clone().map_or(Start::First, Start::trusted);
    verify(Source::of_stream(reader), start, options, None)
        .map_err(|(_, source)| VerifyError::Stream(source))
}

fn verify<'p, R: Read>(
    mut source: Source<'p, R>,
    start: Start,
    options: &'p VerifyOptions,
    all_bytes: Option<u64>,
) -> Result<Report, pump::Failed<'p>> {
    let mut checker = Checker::new(options, start);
    if checker.begin((None, 0)) == Next::Wanted {
        pump::run(&mut source, &mut checker, options, all_bytes)?;
    }
    Ok(checker.end().report(source.end()))
}

/// Where the first records are gone: the first record, and what confirms that they were removed.
fn confirmed(segments: &[Segment]) -> Result<Option<(u64, Pruned)>, pump::Failed<'_>> {
    let Some(first) = segments.first().map(|segment| segment.first) else {
        return Ok(None);
    };
    if first == 0 {
        return Ok(None);
    }
    for segment in segments {
        let found = checkpoint::find_pruned(&segment.path, first);
        if let Some(pruned) = found.map_err(|error| (Some(&*segment.path), error))? {
            return Ok(Some((first, pruned)));
        }
    }
    Ok(None)
}
