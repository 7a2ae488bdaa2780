//! Standing approvals in an SQLite file.

mod rows;

use std::path::Path;
use std::time::Duration;

use callgate_approval::standing::{
    Given, MOST, Spent, StandingApproval, StandingApprovalStore, StandingListed, StandingLoaded,
    Whose,
};
use callgate_approval::{ApprovalId, Listing, Step, StoreError, Taken};
use rusqlite::TransactionBehavior::{Deferred, Immediate};

use super::table::WITH_STANDING;
use super::{File, before};
use crate::SqliteSinkError;

/// Standing approvals in an SQLite file, which several processes may use at once: that of
/// [`SqliteApprovals`](crate::SqliteApprovals), or one of their own.
///
/// Each operation is one transaction, and its time is that of this machine, looked at inside it, once
/// nobody else can write. What is kept, and a use that is spent, is durable when it is acknowledged.
///
/// # Examples
///
/// ```
/// use callgate_approval::Listing;
/// use callgate_approval::standing::StandingApprovalStore;
/// use callgate_store_sqlite::{SqliteApprovals, SqliteStandingApprovals};
///
/// let folder = tempfile::tempdir()?;
/// let path = folder.path().join("approvals.db");
/// let approvals = SqliteApprovals::open(&path)?;
/// let standing = SqliteStandingApprovals::open(&path)?;
/// assert!(standing.list(&Listing::new())?.standing.is_empty());
/// # drop(approvals);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct SqliteStandingApprovals(File);

impl SqliteStandingApprovals {
    /// Opens the standing approvals in the file at `path`, or begins there; nobody but the owner may read
    /// a file that is begun.
    ///
    /// # Errors
    ///
    /// As [`SqliteApprovals::open`](crate::SqliteApprovals::open).
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteSinkError> {
        crate::place::create(path.as_ref())?;
        Self::open_existing(path)
    }

    /// As [`SqliteStandingApprovals::open`], and begins no file where there is none.
    ///
    /// # Errors
    ///
    /// As [`SqliteStandingApprovals::open`], and where there is no file.
    pub fn open_existing(path: impl AsRef<Path>) -> Result<Self, SqliteSinkError> {
        File::open(path.as_ref(), WITH_STANDING).map(Self)
    }

    /// Opens those in a file of approvals that holds some, or may; `None` where it holds approvals of single
    /// calls alone, and stays as it is.
    ///
    /// # Errors
    ///
    /// As [`SqliteStandingApprovals::open_existing`].
    pub fn find(path: impl AsRef<Path>) -> Result<Option<Self>, SqliteSinkError> {
        let file = File::open(path.as_ref(), super::table::FORMAT)?;
        Ok((file.format >= WITH_STANDING).then_some(Self(file)))
    }

    /// The file.
    pub fn path(&self) -> &Path {
        self.0.place.path()
    }
}

impl StandingApprovalStore for SqliteStandingApprovals {
    fn give(&self, new: &StandingApproval) -> Result<Given, StoreError> {
        self.0.at_once(Immediate, |rows, now| {
            if now >= new.approval.expires_at {
                return Err(StoreError::new("the standing approval has expired already"));
            }
            if rows::open(rows, &Whose::of(new), now)? >= MOST {
                return Ok(Given::TooMany);
            }
            rows::insert(rows, new)?;
            Ok(Given::New)
        })
    }

    fn load(&self, id: ApprovalId) -> Result<StandingLoaded, StoreError> {
        self.0.at_once(Deferred, |rows, now| {
            Ok(StandingLoaded::new(now, rows::load(rows, id)?))
        })
    }

    fn find(&self, whose: &Whose<'_>) -> Result<StandingListed, StoreError> {
        self.0.at_once(Deferred, |rows, now| {
            Ok(StandingListed::new(now, rows::find(rows, whose, now)?))
        })
    }

    fn take(&self, step: &Step) -> Result<Taken, StoreError> {
        self.0.at_once(Immediate, |rows, now| {
            let Some(mut held) = rows::load(rows, step.next.id)? else {
                return Ok(Taken::Moved);
            };
            if held.approval.revision.checked_add(1) != Some(step.next.revision) {
                return Ok(Taken::Moved);
            }
            if !step.is_in_time(now) {
                return Ok(Taken::OutOfTime);
            }
            held.approval.clone_from(&step.next);
            rows::replace(rows, &held)?;
            Ok(Taken::Yes)
        })
    }

    fn spend(&self, id: ApprovalId) -> Result<Spent, StoreError> {
        self.0.at_once(Immediate, |rows, now| {
            let Some(mut held) = rows::load(rows, id)? else {
                return Ok(Spent::NotInForce);
            };
            let spent = held.spend(now);
            if let Spent::Left(_) = spent {
                rows::count(rows, id, held.used)?;
            }
            Ok(spent)
        })
    }

    fn list(&self, what: &Listing<'_>) -> Result<StandingListed, StoreError> {
        self.0.at_once(Deferred, |rows, now| {
            Ok(StandingListed::new(now, rows::list(rows, what, now)?))
        })
    }

    fn forget_dead(&self, since: Duration) -> Result<u64, StoreError> {
        self.0.at_once(Immediate, |rows, now| {
            rows::forget(rows, before(now, since))
        })
    }
}
