//! Limits in an SQLite file.

mod schema;
mod sums;
mod writer;

use std::fmt;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use callgate_approval::limit::{
    Counted, LimitStore, LimitStoreError, ReservationId, Reserved, Want, Window,
};
use callgate_types::Amount;

use self::writer::Writer;
use crate::SqliteSinkError;
use crate::place::{self, Place};

/// How long to wait for others where nobody says.
const PATIENCE: Duration = Duration::from_secs(2);

/// How much of the limits is used, in an SQLite file that several processes use at once.
///
/// The file is one of its own, in WAL mode with `synchronous=FULL`: what is reserved or counted is
/// one transaction, and its commit waits for the device. So a limit holds when the power fails, and not
/// only when a process does. The time is that of the machine, as SQLite tells it.
///
/// Keys are kept as their digests, and are forgotten once nothing of them counts; a few of them with
/// each reservation.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use callgate_approval::limit::{LimitStore, ReservationId, Reserved, Want, Window};
/// use callgate_store_sqlite::SqliteLimits;
/// use callgate_types::Amount;
///
/// let folder = tempfile::tempdir()?;
/// let limits = SqliteLimits::open(folder.path().join("limits.db"))?;
/// let day = Window::Fixed(Duration::from_secs(86_400));
/// let want = Want::new(b"acme", day, Amount::whole(1), Amount::whole(20));
/// let id = ReservationId::from_bytes([7; 16]);
/// assert_eq!(limits.reserve(id, Duration::from_secs(60), &[want])?, Reserved::Held);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct SqliteLimits {
    place: Place,
    patience: Duration,
    writer: Mutex<Writer>,
}

impl SqliteLimits {
    /// Opens the limits in the file at `path`, or begins there; nobody but the owner may read a file
    /// that is begun. Calls wait two seconds for others.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be written, is something else, was written by a later version,
    /// or where a setting on which durability depends does not take.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteSinkError> {
        Self::open_with(path, PATIENCE)
    }

    /// As [`SqliteLimits::open`], where each call waits for others for `patience` at most.
    ///
    /// # Errors
    ///
    /// As [`SqliteLimits::open`].
    pub fn open_with(path: impl AsRef<Path>, patience: Duration) -> Result<Self, SqliteSinkError> {
        let path = path.as_ref();
        place::create(path)?;
        let place = Place::of(path)?;
        let writer = Mutex::new(Writer::open(path, patience)?);
        Ok(Self {
            place,
            patience,
            writer,
        })
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.place.path()
    }

    /// Does something in one transaction, in a file that is still the one that was opened.
    fn write<T>(
        &self,
        work: impl FnOnce(&mut Writer, Duration, &Path) -> Result<T, SqliteSinkError>,
    ) -> Result<T, LimitStoreError> {
        let done = || {
            self.place.check_process()?;
            let done = work(&mut lock(&self.writer), self.patience, self.path())?;
            self.place.check_files()?;
            Ok::<_, SqliteSinkError>(done)
        };
        done().map_err(LimitStoreError::new)
    }
}

impl fmt::Debug for SqliteLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("SqliteLimits")
            .field("path", &self.path())
            .finish_non_exhaustive()
    }
}

impl LimitStore for SqliteLimits {
    fn reserve(
        &self,
        id: ReservationId,
        lapses_after: Duration,
        wants: &[Want<'_>],
    ) -> Result<Reserved, LimitStoreError> {
        let time = i64::try_from(lapses_after.as_millis()).unwrap_or(i64::MAX);
        self.write(|writer, patience, path| writer.reserve(id, time, wants, patience, path))
    }

    fn count(&self, id: ReservationId) -> Result<Counted, LimitStoreError> {
        self.write(|writer, patience, path| writer.count(id, patience, path))
    }

    fn give_back(&self, ids: &[ReservationId]) -> Result<(), LimitStoreError> {
        self.write(|writer, patience, path| writer.give_back(ids, patience, path))
    }

    fn used(&self, key: &[u8], window: Window) -> Result<Amount, LimitStoreError> {
        self.write(|writer, patience, path| writer.used(key, window, patience, path))
    }
}

/// What was begun and not committed is rolled back, whatever panicked.
fn lock(writer: &Mutex<Writer>) -> MutexGuard<'_, Writer> {
    writer.lock().unwrap_or_else(PoisonError::into_inner)
}
