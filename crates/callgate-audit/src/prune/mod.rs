//! Removing old records: only what is archived, only what is sealed, and never unnoticed.

mod archive;

use std::fs::{self, File};
use std::io;
use std::path::{Path, PathBuf};
use std::time::Duration;

use callgate_types::Digest;
use chrono::{DateTime, Utc};

use crate::checkpoint::find_pruned;
use crate::segment::{self, Segment};
use crate::{AppendError, Ask, Durability, Journal, PrunedRecord, Record};

/// What is to be removed, and on whose authority.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Prune<'a> {
    /// Records before this one may go. Whole files are removed: fewer go where it stands within one.
    pub until: u64,
    /// A folder with copies of the files, under the same names, where they stay.
    pub archive: &'a Path,
    /// On whose authority.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
    /// When.
    pub time: DateTime<Utc>,
    /// How long to wait for others who write.
    pub deadline: Duration,
}

impl<'a> Prune<'a> {
    /// Records before `until` may go, copies of which are in `archive`.
    pub const fn new(
        until: u64,
        archive: &'a Path,
        by: &'a str,
        reason: &'a str,
        time: DateTime<Utc>,
    ) -> Self {
        Self {
            until,
            archive,
            by,
            reason,
            time,
            deadline: Duration::from_secs(5),
        }
    }
}

/// What was removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Removed {
    /// The first record that is still there.
    pub first: u64,
    /// The record that says what was removed.
    pub record: u64,
    /// The SHA-256 of what was removed, padding left out.
    pub archive: Digest,
    /// How many bytes that is.
    pub bytes: u64,
}

/// Why nothing was removed, or not all of it.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum PruneError {
    /// No whole file stands before the record, or it is the one that is written.
    #[error("no file of the log ends before record {until}")]
    Nothing {
        /// The record.
        until: u64,
    },
    /// No checkpoint is about all that is to go.
    #[error("expected a checkpoint over {until} records, the last one is over {sealed}")]
    Unsealed {
        /// How many records are to go.
        until: u64,
        /// How many the last checkpoint is about.
        sealed: u64,
    },
    /// The copy is not the file.
    #[error("the copy `{}` is not what stands in the log", path.display())]
    OtherCopy {
        /// The copy.
        path: PathBuf,
    },
    /// The log is broken there. Verify it before anything is removed.
    #[error("record {record} is not what it should be")]
    Broken {
        /// The first record that is not.
        record: u64,
    },
    /// The record that says what is removed was not written. Everything is still there.
    #[error("the record of the removal was not written")]
    Journal(#[source] AppendError),
    /// The system refused something. Where the record is written already, doing it again removes
    /// the rest.
    #[error("cannot read or remove `{}`", path.display())]
    Io {
        /// Which file or folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// Removes the oldest files of the log in `folder`, which `journal` writes.
///
/// First the copies are compared with the files byte by byte, and verified. Then a `pruned` record
/// is written and made durable: it stands under the next checkpoint, and whoever verifies the log
/// is told. Only then are files removed, the oldest first. A crash in between leaves a good log.
///
/// # Errors
///
/// Says why nothing was removed, or not all of it.
pub fn prune(
    journal: &Journal,
    folder: impl AsRef<Path>,
    prune: &Prune<'_>,
) -> Result<Removed, PruneError> {
    let folder = folder.as_ref();
    let until = prune.until;
    finish(folder)?;
    let listing = segment::list(folder).map_err(failed(folder))?;
    let (old, first) = oldest(&listing.segments, until).ok_or(PruneError::Nothing { until })?;
    let sealed = journal.sealed().and_then(|sealed| sealed.records);
    let sealed = sealed.unwrap_or(0);
    if sealed < first {
        let until = first;
        return Err(PruneError::Unsealed { until, sealed });
    }
    let archived = archive::verify(&listing.segments, old, prune.archive)?;
    let record = PrunedRecord::new(
        prune.time,
        &archived.tree,
        archived.digest,
        prune.by,
        prune.reason,
    )
    .archived(archived.hash, archived.bytes);
    let ask = Ask::new(Durability::Durable, prune.deadline);
    let stored = journal.append(&Record::Pruned(&record), ask);
    let record = stored.map_err(PruneError::Journal)?.seq;
    remove(folder, old)?;
    Ok(Removed {
        first,
        record,
        archive: archived.hash,
        bytes: archived.bytes,
    })
}

/// Removes what an earlier removal left, which has its record.
fn finish(folder: &Path) -> Result<(), PruneError> {
    let listing = segment::list(folder).map_err(failed(folder))?;
    let first = listing.segments.first().map_or(0, |segment| segment.first);
    if first == 0 {
        return Ok(());
    }
    for segment in &listing.segments {
        let found = find_pruned(&segment.path, first).map_err(failed(&segment.path))?;
        if let Some(pruned) = found {
            let old = oldest(&listing.segments, pruned.tree.size());
            return old.map_or(Ok(()), |(old, _)| remove(folder, old));
        }
    }
    Ok(())
}

fn remove(folder: &Path, old: &[Segment]) -> Result<(), PruneError> {
    for segment in old {
        fs::remove_file(&segment.path).map_err(failed(&segment.path))?;
        // Each is gone before the next one goes, after a loss of power, too.
        sync(folder)?;
    }
    Ok(())
}

/// The files that end before record `until`, and the first record behind them.
fn oldest(segments: &[Segment], until: u64) -> Option<(&[Segment], u64)> {
    // A file ends where the next one begins; the last one is being written.
    let next = segments.get(1..)?;
    let count = next
        .iter()
        .take_while(|segment| segment.first <= until)
        .count();
    let first = segments.get(count).filter(|_| count > 0)?.first;
    Some((segments.get(..count)?, first))
}

/// Makes the names in `folder` survive a crash.
fn sync(folder: &Path) -> Result<(), PruneError> {
    // Elsewhere a folder cannot be opened like a file, and needs no sync.
    if cfg!(unix) {
        let file = File::open(folder).map_err(failed(folder))?;
        file.sync_all().map_err(failed(folder))?;
    }
    Ok(())
}

fn failed(path: &Path) -> impl FnOnce(io::Error) -> PruneError {
    let path = path.to_owned();
    move |source| PruneError::Io { path, source }
}
