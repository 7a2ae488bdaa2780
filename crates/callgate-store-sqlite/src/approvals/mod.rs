//! Approvals in an SQLite file.

mod rows;
mod standing;
mod table;

use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use callgate_approval::{
    Allowance, Approval, ApprovalId, ApprovalStore, Found, Listed, Listing, Loaded, Look, Opened,
    Step, StoreError, Taken,
};
use chrono::{DateTime, TimeDelta, Utc};
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior};

pub use self::standing::SqliteStandingApprovals;
use self::table::{FORMAT, LAYOUT};
use crate::SqliteSinkError;
use crate::connection;
use crate::error::{At as _, SqliteAction};
use crate::place::{self, Place};

/// How long to wait for others who write.
const PATIENCE: Duration = Duration::from_secs(5);

/// Approvals in an SQLite file of its own, which several processes may use at once.
///
/// Each operation is one transaction, and its time is that of this machine, looked at inside it, once nobody
/// else can write. What is kept is durable when it is acknowledged. An operation waits up to five seconds for
/// others who write; then it fails.
///
/// # Examples
///
/// ```
/// use callgate_approval::{ApprovalStore, Listing};
/// use callgate_store_sqlite::SqliteApprovals;
///
/// let folder = tempfile::tempdir()?;
/// let store = SqliteApprovals::open(folder.path().join("approvals.db"))?;
/// assert!(store.list(&Listing::new())?.approvals.is_empty());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SqliteApprovals(File);

impl SqliteApprovals {
    /// Opens the approvals in the file at `path`, or begins there; nobody but the owner may read a file
    /// that is begun.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be written, is something else, was written by a later version, or where
    /// a setting on which durability depends does not take.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteSinkError> {
        place::create(path.as_ref())?;
        Self::open_existing(path)
    }

    /// As [`SqliteApprovals::open`], and begins no file where there is none.
    ///
    /// # Errors
    ///
    /// As [`SqliteApprovals::open`], and where there is no file.
    pub fn open_existing(path: impl AsRef<Path>) -> Result<Self, SqliteSinkError> {
        File::open(path.as_ref(), FORMAT).map(Self)
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.0.place.path()
    }
}

impl ApprovalStore for SqliteApprovals {
    fn find(&self, look: &Look<'_>) -> Result<Found, StoreError> {
        self.0.at_once(TransactionBehavior::Deferred, |rows, now| {
            let approval = rows::last(rows, look.binding, now)?;
            let from = before(now, look.within);
            let asked = rows::asked(rows, look.tenant, look.subject.as_str(), from)?;
            Ok(Found::new(now, approval, asked))
        })
    }

    fn open(&self, new: &Approval, allowed: Option<Allowance>) -> Result<Opened, StoreError> {
        self.0.at_once(TransactionBehavior::Immediate, |rows, now| {
            let question = &new.question;
            if let Some(there) = rows::last(rows, question.binding, now)?
                && there.holds_place(now)
            {
                return Ok(Opened::There(Box::new(there)));
            }
            if now >= new.expires_at {
                return Err(StoreError::new("the approval has expired already"));
            }
            if let Some(allowed) = allowed {
                let tenant = question.tenant.as_deref();
                let from = before(now, allowed.within);
                if rows::asked(rows, tenant, question.subject.as_str(), from)? >= allowed.at_most {
                    return Ok(Opened::TooMany);
                }
            }
            rows::insert(rows, new)?;
            Ok(Opened::New)
        })
    }

    fn load(&self, id: ApprovalId) -> Result<Loaded, StoreError> {
        self.0.at_once(TransactionBehavior::Deferred, |rows, now| {
            Ok(Loaded::new(now, rows::load(rows, id)?))
        })
    }

    fn take(&self, step: &Step) -> Result<Taken, StoreError> {
        self.0.at_once(TransactionBehavior::Immediate, |rows, now| {
            let next = &step.next;
            let revision = rows::revision(rows, next.id)?;
            if revision.is_none() || revision != next.revision.checked_sub(1) {
                return Ok(Taken::Moved);
            }
            if !step.is_in_time(now) {
                return Ok(Taken::OutOfTime);
            }
            rows::replace(rows, next)?;
            Ok(Taken::Yes)
        })
    }

    fn list(&self, what: &Listing<'_>) -> Result<Listed, StoreError> {
        self.0.at_once(TransactionBehavior::Deferred, |rows, now| {
            Ok(Listed::new(now, rows::list(rows, what, now)?))
        })
    }

    fn forget_dead(&self, since: Duration) -> Result<u64, StoreError> {
        self.0.at_once(TransactionBehavior::Immediate, |rows, now| {
            rows::forget(rows, before(now, since))
        })
    }
}

/// A file of approvals, and a connection to it.
#[derive(Debug)]
struct File {
    place: Place,
    /// The format that it had when it was opened, or was given then.
    format: i64,
    connection: Mutex<Connection>,
}

impl File {
    /// Opens the file at `path`, which holds what `format` does afterwards.
    fn open(path: &Path, format: i64) -> Result<Self, SqliteSinkError> {
        let place = Place::of(path)?;
        let mut connection = connection::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let timeout = connection.busy_timeout(PATIENCE);
        timeout.at(SqliteAction::Open, path)?;
        LAYOUT.prepare(&mut connection, path, format, PATIENCE)?;
        let format = LAYOUT.look(&connection, path)?;
        Ok(Self {
            place,
            format,
            connection: Mutex::new(connection),
        })
    }

    /// Runs `work` in a transaction of its own, at one moment.
    fn at_once<T>(
        &self,
        behavior: TransactionBehavior,
        work: impl FnOnce(&Transaction<'_>, DateTime<Utc>) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        self.place.check_process().map_err(StoreError::new)?;
        let mut connection = lock(&self.connection);
        let transaction = connection
            .transaction_with_behavior(behavior)
            .map_err(StoreError::new)?;
        // Whoever waited for others waited before this.
        let done = work(&transaction, Utc::now())?;
        transaction.commit().map_err(StoreError::new)?;
        if matches!(behavior, TransactionBehavior::Immediate) {
            // Only now is it known where the bytes went.
            self.place.check_files().map_err(StoreError::new)?;
        }
        Ok(done)
    }
}

fn before(now: DateTime<Utc>, time: Duration) -> DateTime<Utc> {
    let time = TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX);
    now.checked_sub_signed(time)
        .unwrap_or(DateTime::<Utc>::MIN_UTC)
}

/// Nothing in here panics while it holds the lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}
