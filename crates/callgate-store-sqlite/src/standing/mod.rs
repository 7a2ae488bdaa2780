//! A store of standing in an SQLite file.

mod rows;
mod schema;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use callgate_identity::standing::{Change, Changes, Position, StandingStore, StoreError};

use self::rows::{Failed, Reader, Writer};
use crate::SqliteSinkError;
use crate::place::{self, Place};

/// How long to wait for others who write.
const PATIENCE: Duration = Duration::from_secs(2);

/// Tasks, revocations and quarantines in an SQLite file of their own, which several processes on one
/// machine share: what one of them puts, all of them read from then on.
///
/// The file is in WAL mode with `synchronous=FULL`: what [`put`](StandingStore::put) has returned survives loss of
/// power. A change that is read is what was put, or the store says that it is not; a file that was
/// removed or replaced while it was open is an error, in reading, too.
///
/// It waits up to two seconds for others who write. Nothing in it is secret: it holds ids, and no
/// texts from outside. Whoever can write the file can lift what is in it.
///
/// # Examples
///
/// ```
/// use callgate_identity::standing::{Change, Position, Revocation, StandingStore};
/// use callgate_store_sqlite::SqliteStanding;
///
/// let folder = tempfile::tempdir()?;
/// let store = SqliteStanding::open(folder.path().join("standing.db"))?;
/// let session = Revocation::session(Some("acme"), "s-17")?;
/// let position = store.put(&Change::revoke(session, "user:officer".parse()?))?;
/// assert_eq!(store.changes(Position::START, 10)?.end, position);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SqliteStanding {
    place: Place,
    writer: Mutex<Writer>,
    /// Reading holds up nobody who writes, nor is held up.
    reader: Mutex<Reader>,
}

impl SqliteStanding {
    /// Opens the store in the file at `path`, or begins one; nobody but the owner may read a file that
    /// is begun.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be written, is something else, or was written by a later version.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteSinkError> {
        let path = path.as_ref();
        place::create(path)?;
        let place = Place::of(path)?;
        let writer = Writer::open(path, PATIENCE)?;
        let reader = Reader::open(path, PATIENCE)?;
        Ok(Self {
            place,
            writer: Mutex::new(writer),
            reader: Mutex::new(reader),
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.place.path()
    }
}

impl StandingStore for SqliteStanding {
    fn put(&self, change: &Change) -> Result<Position, StoreError> {
        let process = self.place.check_process();
        process.map_err(StoreError::unreachable)?;
        let text = change.encode();
        let put = lock(&self.writer).put(&text, self.path());
        let position = put.map_err(|failed| match failed {
            Failed::Before(error) => StoreError::unreachable(error),
            Failed::Committing(error) => StoreError::unknown(error),
        })?;
        // Only now is it known where the bytes went.
        self.place.check_files().map_err(StoreError::unknown)?;
        Ok(position)
    }

    fn changes(&self, after: Position, max: usize) -> Result<Changes, StoreError> {
        let process = self.place.check_process();
        process.map_err(StoreError::unreachable)?;
        let changes = lock(&self.reader).changes(after, max, self.path());
        // A file that was replaced can still be read: others write another one.
        self.place.check_files().map_err(StoreError::unreachable)?;
        changes
    }
}

/// Nothing in here panics while it holds a lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
