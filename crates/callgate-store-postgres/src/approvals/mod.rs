//! Approvals in a Postgres database.

mod desk;
mod functions;
mod migrate;
mod pen;
mod reading;
mod row;
mod shelf;
mod standing;
mod writing;

use std::fmt;
use std::time::Duration;

use callgate_approval::{
    Allowance, Approval, ApprovalId, ApprovalStore, Found, Listed, Listing, Loaded, Look, Opened,
    Step, StoreError, Taken,
};

use self::desk::Desk;
pub use self::migrate::migrate_approvals;
use self::reading::{Read, Reading, Told};
use self::shelf::Page;
pub use self::standing::{PostgresStandingApprovals, migrate_standing_approvals};
use self::writing::{Done, Opening, Taking, Write, Writing};
use crate::{PostgresSinkError, PostgresSinkOptions};

/// Approvals in a Postgres database, which processes on many machines share: the agents', and those of
/// whoever answers.
///
/// [`migrate_approvals`] sets it up. Each call is one statement, and one trip to the server; a step locks one row,
/// and those who ask about the same call, or for the same subject, wait for one another. The time is that
/// of the server, looked at once nobody else can change what it is about. A commit waits for the device, and a server where it does not is
/// refused, as for a [sink](crate::PostgresSink).
///
/// Where the answer to a step is lost, it is asked once more over a new connection within the time that a call
/// has, and the server looks whether it was taken: nothing is done twice. What cannot be told by then is
/// an error; `load` tells later.
///
/// The server has to be the one that is written to. A replica that takes over may have missed the last steps unless it is
/// synchronous: an approval that was used on the one can be used once more on the other.
///
/// # Examples
///
/// ```no_run
/// use callgate_approval::{ApprovalStore, Listing};
/// use callgate_store_postgres::{PostgresApprovals, migrate_approvals};
///
/// let database = "host=/var/run/postgresql dbname=approvals user=gate";
/// migrate_approvals(database)?;
/// let store = PostgresApprovals::connect(database)?;
/// for approval in store.list(&Listing::new().of_tenant("acme"))?.approvals {
///     println!("{} {}", approval.id, approval.question.tool);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PostgresApprovals(Desk<Writing, Reading>);

impl PostgresApprovals {
    /// Connects to the store.
    ///
    /// # Errors
    ///
    /// Fails where there is no connection, where the tables are missing or were changed, and where a
    /// setting on which durability depends is not as it has to be.
    pub fn connect(database: &str) -> Result<Self, PostgresSinkError> {
        Self::connect_with(database, &PostgresSinkOptions::new())
    }

    /// Connects as `options` say; the time in them is what a call may take.
    ///
    /// # Errors
    ///
    /// As [`connect`](Self::connect).
    pub fn connect_with(
        database: &str,
        options: &PostgresSinkOptions,
    ) -> Result<Self, PostgresSinkError> {
        Desk::open("callgate-approvals-store", database, options).map(Self)
    }
}

impl ApprovalStore for PostgresApprovals {
    fn find(&self, look: &Look<'_>) -> Result<Found, StoreError> {
        let find = Read::Find {
            binding: look.binding,
            asker: row::asker(look.tenant, look.subject.as_str()),
            within: micros(look.within),
        };
        match self.0.read(find)? {
            Told::Found(found) => Ok(found),
            _ => other(),
        }
    }

    fn open(&self, new: &Approval, allowed: Option<Allowance>) -> Result<Opened, StoreError> {
        let opening = Opening::new(new, allowed)?;
        match self.0.write(Write::Open(Box::new(opening)))? {
            Done::Opened(opened) => opened,
            _ => other(),
        }
    }

    fn load(&self, id: ApprovalId) -> Result<Loaded, StoreError> {
        match self.0.read(Read::Load(id))? {
            Told::Loaded(loaded) => Ok(loaded),
            _ => other(),
        }
    }

    fn take(&self, step: &Step) -> Result<Taken, StoreError> {
        let taking = Taking::new(step)?;
        match self.0.write(Write::Take(Box::new(taking)))? {
            Done::Taken(taken) => Ok(taken),
            _ => other(),
        }
    }

    fn list(&self, what: &Listing<'_>) -> Result<Listed, StoreError> {
        match self.0.read(Read::List(Page::of(what)))? {
            Told::Listed(listed) => Ok(listed),
            _ => other(),
        }
    }

    /// Some at a time, in transactions of their own. Where an answer is lost, what was forgotten by then is not
    /// counted.
    fn forget_dead(&self, since: Duration) -> Result<u64, StoreError> {
        match self.0.write(Write::Forget(micros(since)))? {
            Done::Forgotten(count) => Ok(count),
            _ => other(),
        }
    }
}

/// It answers what was asked, and nothing else.
fn other<T>() -> Result<T, StoreError> {
    Err(StoreError::new(PostgresSinkError::NoThread))
}

/// Longer than any time is as long as there is.
fn micros(time: Duration) -> i64 {
    i64::try_from(time.as_micros()).unwrap_or(i64::MAX)
}

/// Shows nothing of the connection string.
impl fmt::Debug for PostgresApprovals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresApprovals").finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use callgate_types::Digest;

    use super::*;

    /// The thread stayed in the process that forked: nothing is asked of it, and nobody waits.
    #[test]
    fn process_that_was_forked() {
        let store = PostgresApprovals(Desk::forked());
        let check = |error: StoreError| {
            let cause = error.source().unwrap().to_string();
            assert_eq!(cause, "the log or store was opened by another process");
        };
        let new = row::tests::asked();
        let step = new.recorded();
        let look = Look::new(Digest::ZERO, None, &new.question.subject, Duration::ZERO);
        check(store.find(&look).unwrap_err());
        check(store.open(&new, None).unwrap_err());
        check(store.load(new.id).unwrap_err());
        check(store.take(&step).unwrap_err());
        check(store.list(&Listing::new()).unwrap_err());
        check(store.forget_dead(Duration::ZERO).unwrap_err());
    }
}
