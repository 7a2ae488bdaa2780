//! Clear texts in an SQLite file.

mod body;
mod rows;
mod turns;
mod writer;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use std::time::{Duration, Instant};

use callgate_audit::Durability;
use callgate_audit::texts::{ClearText, StoredText, TextError, TextStore};
use callgate_types::Digest;

use self::rows::Rows;
use self::turns::{Turns, Wanted};
use self::writer::Writer;
use crate::SqliteSinkError;
use crate::error::Weight;
use crate::place::{self, Place};

/// How long to wait for others where nobody says: when a store is opened, and when texts are erased.
const PATIENCE: Duration = Duration::from_secs(2);

/// Clear texts in an SQLite file, which several processes may use at once.
///
/// The file may be one of its own, or that of a log: a log of format 1 becomes one of format 2 then,
/// and whoever writes it goes on. A file of its own is easier to keep from those who may read the log, and
/// out of its backups.
///
/// # What is durable
///
/// What is put durably is, once `put` returns; what others have laid down meanwhile goes into
/// the same transaction. Other texts are written and not awaited. In the file of the log they become
/// durable with their record, which is committed later: a crash keeps what was committed up to some
/// point, and nothing behind it.
///
/// # What is erased
///
/// A text is written over with zeros where it stands, that is made durable in the file, and the
/// write-ahead log is emptied: in the files of SQLite nothing is left but the commitment and the length.
/// Nothing is moved and no row removed, so the file does not become smaller. What is not reached:
/// blocks that the file system or the device keeps of what the write-ahead log held before it was
/// emptied, snapshots, and backups, those too that SQLite itself was asked to make.
///
/// Emptying waits up to two seconds for others who read or write the file; then `erase` fails, and
/// asking again, or opening the store again, empties it.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use callgate_audit::Durability;
/// use callgate_audit::texts::{ClearText, Salt, TextStore};
/// use callgate_store_sqlite::SqliteTexts;
///
/// let folder = tempfile::tempdir()?;
/// let texts = SqliteTexts::open(folder.path().join("texts.db"))?;
/// let note = ClearText::new(Salt::from_bytes([7; 32]), "\"call back\"").ok_or("too long")?;
/// texts.put(&[note], Durability::Durable, Duration::from_secs(5))?;
///
/// texts.erase(&[note.commitment()])?;
/// assert!(texts.find(note.commitment())?.is_none());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SqliteTexts {
    place: Place,
    turns: Turns,
    /// Looking up holds up nobody who writes. It is closed first, as in the sink.
    rows: Mutex<Rows>,
    /// `None` where nothing may be written.
    writer: Option<Mutex<Writer>>,
    /// Why it takes no more.
    poison: OnceLock<TextError>,
}

impl SqliteTexts {
    /// Opens the texts in the file at `path`, or begins there; nobody but the owner may read a file that is
    /// begun.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be written, is something else, was written by a later version,
    /// or where a setting on which durability or erasure depend does not take.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteSinkError> {
        let path = path.as_ref();
        place::create(path)?;
        let place = Place::of(path)?;
        let writer = Writer::open(path, PATIENCE)?;
        Self::with(place, Some(writer))
    }

    /// Opens the texts in the file at `path` to look them up, while others may be writing. Nothing can
    /// be put or erased.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be read, is something else, or holds no texts.
    pub fn open_to_read(path: impl AsRef<Path>) -> Result<Self, SqliteSinkError> {
        Self::with(Place::of(path.as_ref())?, None)
    }

    fn with(place: Place, writer: Option<Writer>) -> Result<Self, SqliteSinkError> {
        let rows = Rows::open(place.path())?;
        Ok(Self {
            place,
            turns: Turns::default(),
            writer: writer.map(Mutex::new),
            rows: Mutex::new(rows),
            poison: OnceLock::new(),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.place.path()
    }

    fn writer(&self) -> Result<&Mutex<Writer>, TextError> {
        self.usable()?;
        self.writer.as_ref().ok_or_else(TextError::read_only)
    }

    fn usable(&self) -> Result<(), TextError> {
        if let Some(error) = self.poison.get() {
            return Err(error.clone());
        }
        // The one that opened it goes on: nothing is poisoned here.
        self.place.check_process().map_err(TextError::poisoned)
    }

    /// Writes what several callers have laid down.
    fn write(
        &self,
        writer: &Mutex<Writer>,
        taken: &[Wanted],
        until: Option<Instant>,
    ) -> Result<(), TextError> {
        let rows = taken.iter().flat_map(|wanted| &wanted.rows);
        let durable = taken.iter().any(|wanted| wanted.durable);
        let (patience, path) = (left(until), self.path());
        let put = lock(writer).put(rows, durable, patience, path);
        // Only now is it known where the bytes went.
        let put = put.and_then(|()| self.place.check_files());
        put.map_err(|error| self.failed(error))
    }

    /// What is told of `error`; from now on nothing is taken, unless it may pass.
    fn failed(&self, error: SqliteSinkError) -> TextError {
        match error.weight() {
            Weight::Passing if error.is_busy() => TextError::TimedOut,
            Weight::Passing | Weight::Full => TextError::failed(error),
            Weight::Final => self
                .poison
                .get_or_init(|| TextError::poisoned(error))
                .clone(),
        }
    }
}

impl TextStore for SqliteTexts {
    fn put(
        &self,
        texts: &[ClearText<'_>],
        durability: Durability,
        deadline: Duration,
    ) -> Result<(), TextError> {
        TextError::check_count(texts.len())?;
        let writer = self.writer()?;
        let until = Instant::now().checked_add(deadline);
        let rows = texts.iter().map(writer::row).collect();
        let durable = durability == Durability::Durable;
        self.turns.put(rows, durable, until, |taken| {
            self.write(writer, taken, until)
        })
    }

    fn find(&self, commitment: Digest) -> Result<Option<StoredText>, TextError> {
        self.place.check_process().map_err(TextError::failed)?;
        let found = lock(&self.rows).find(commitment);
        found.map_err(TextError::failed)
    }

    fn erase(&self, commitments: &[Digest]) -> Result<(), TextError> {
        TextError::check_count(commitments.len())?;
        let writer = self.writer()?;
        let until = Instant::now().checked_add(PATIENCE);
        self.turns.alone(until, || {
            let erased = lock(writer).erase(commitments, left(until), self.path());
            let erased = erased.and_then(|()| self.place.check_files());
            erased.map_err(|error| self.failed(error))
        })
    }

    fn list(&self, after: Option<Digest>, most: usize) -> Result<Vec<Digest>, TextError> {
        self.place.check_process().map_err(TextError::failed)?;
        let listed = lock(&self.rows).list(after, most);
        listed.map_err(TextError::failed)
    }
}

fn left(until: Option<Instant>) -> Duration {
    until.map_or(Duration::MAX, |until| {
        until.saturating_duration_since(Instant::now())
    })
}

/// Nothing in here panics while it holds a lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
