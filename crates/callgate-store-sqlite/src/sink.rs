//! One chain in an SQLite file, as a sink.

use std::path::Path;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use callgate_audit::{AuditSink, Batch, Cause, ChainName, Head, SinkError};

use crate::error::Weight;
use crate::place::{self, Place};
use crate::reader::Rows;
use crate::writer::{Appended, Writer};
use crate::{SqliteReader, SqliteSinkError, SqliteSinkOptions};

/// One chain in an SQLite file.
///
/// Several processes may write chains of their own to one file; they wait for each other. Where
/// two write one chain, the second is told [`SinkError::Conflict`], and the chain does not fork.
///
/// After a write that failed it takes no more, unless it is known that nothing was stored and the
/// next one may succeed: what the device did with the bytes is not known, and asking it again would give
/// a false answer. So does one whose file was removed or replaced.
///
/// # Examples
///
/// ```
/// use callgate_audit::{AuditSink, Head};
/// use callgate_store_sqlite::SqliteSink;
///
/// let folder = tempfile::tempdir()?;
/// let sink = SqliteSink::open(folder.path().join("audit.db"))?;
/// assert_eq!(sink.head()?, Head::EMPTY);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SqliteSink {
    chain: ChainName,
    place: Place,
    /// Reading holds up nobody who writes. It is closed first: only who may write empties the
    /// write-ahead log, so that the file holds everything by itself afterwards.
    rows: Mutex<Rows>,
    writer: Mutex<Writer>,
    /// How many records are durable, for those without the lock.
    durable: AtomicU64,
    /// Why it takes no more.
    poison: OnceLock<Cause>,
}

impl SqliteSink {
    /// Opens the chain `main` in the file at `path`, or begins it.
    ///
    /// # Errors
    ///
    /// As [`SqliteSinkOptions::open`].
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteSinkError> {
        SqliteSinkOptions::new().open(path)
    }

    pub(crate) fn with(path: &Path, options: &SqliteSinkOptions) -> Result<Self, SqliteSinkError> {
        place::create(path)?;
        let place = Place::of(path)?;
        let writer = Writer::open(path, options)?;
        writer.head(path)?;
        let rows = Rows::open(path, &options.chain)?;
        Ok(Self {
            chain: options.chain.clone(),
            place,
            writer: Mutex::new(writer),
            rows: Mutex::new(rows),
            durable: AtomicU64::new(0),
            poison: OnceLock::new(),
        })
    }

    /// The chain that it writes.
    pub const fn chain(&self) -> &ChainName {
        &self.chain
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.place.path()
    }

    /// All lines up to now, for [`callgate_audit::verify_reader`].
    ///
    /// # Errors
    ///
    /// As [`SqliteReader::open`].
    pub fn reader(&self) -> Result<SqliteReader, SqliteSinkError> {
        SqliteReader::open_chain(self.path(), &self.chain)
    }

    fn usable(&self) -> Result<(), SinkError> {
        if let Some(cause) = self.poison.get() {
            return Err(SinkError::Poisoned(Arc::clone(cause)));
        }
        // The one that opened it goes on: nothing is poisoned here.
        self.place.check_process().map_err(SinkError::poisoned)
    }

    /// What is told of `error`; from now on nothing is taken, unless it may pass.
    fn failed(&self, error: SqliteSinkError) -> SinkError {
        let weight = error.weight();
        if weight == Weight::Passing {
            return error.told();
        }
        let cause = Arc::clone(self.poison.get_or_init(|| Arc::new(error)));
        if weight == Weight::Full {
            SinkError::Full
        } else {
            SinkError::Poisoned(cause)
        }
    }

    fn stored(&self, after: Head, end: Head) {
        // A commit says nothing of records before it that it did not find durable.
        if self.durable.load(Ordering::Acquire) >= after.records {
            self.durable.fetch_max(end.records, Ordering::AcqRel);
        }
    }

    /// Makes all of the chain durable; returns its end.
    fn make_durable(&self) -> Result<Head, SqliteSinkError> {
        let writer = lock(&self.writer);
        let head = writer.checkpoint(self.path())?;
        self.place.check_files()?;
        self.durable.fetch_max(head.records, Ordering::AcqRel);
        Ok(head)
    }
}

impl AuditSink for SqliteSink {
    fn head(&self) -> Result<Head, SinkError> {
        let writer = lock(&self.writer);
        self.usable()?;
        writer.head(self.path()).map_err(|error| self.failed(error))
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        let mut writer = lock(&self.writer);
        self.usable()?;
        let appended = writer.append(after, batch, self.path());
        // Only now is it known where the bytes went.
        let appended = appended.and_then(|appended| self.place.check_files().map(|()| appended));
        match appended.map_err(|error| self.failed(error))? {
            Appended::Now => {
                self.stored(after, batch.end());
                Ok(())
            }
            Appended::Before => Ok(()),
            Appended::Elsewhere(head) => Err(SinkError::Conflict(head)),
        }
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        self.usable()?;
        if self.durable.load(Ordering::Acquire) >= upto.records {
            return Ok(());
        }
        let head = self.make_durable().map_err(|error| self.failed(error))?;
        if head.records < upto.records || (head.records == upto.records && head != upto) {
            return Err(SinkError::Conflict(head));
        }
        Ok(())
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        self.place.check_process().map_err(SinkError::poisoned)?;
        let rows = lock(&self.rows);
        rows.batch(from, max).map_err(SinkError::unknown)
    }
}

/// Nothing in here panics while it holds a lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
