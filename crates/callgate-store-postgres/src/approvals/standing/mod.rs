//! Standing approvals in a Postgres database.

mod functions;
mod migrate;
mod reading;
mod row;
mod writing;

use std::fmt;
use std::time::Duration;

use callgate_approval::standing::{
    Given, Spent, StandingApproval, StandingApprovalStore, StandingListed, StandingLoaded, Whose,
};
use callgate_approval::{ApprovalId, Listing, Step, StoreError, Taken};

pub use self::migrate::migrate_standing_approvals;
use self::reading::{Read, Reading, Told};
use self::writing::{Done, Giving, Spending, Taking, Write, Writing};
use super::desk::Desk;
use super::shelf::Page;
use super::{micros, other};
use crate::{PostgresSinkError, PostgresSinkOptions};

/// Standing approvals in a Postgres database, which processes on many machines share.
///
/// [`migrate_standing_approvals`] sets it up, in the database of [`PostgresApprovals`](crate::PostgresApprovals) or
/// another one. Each call is one statement, and one trip to the server. A use is spent by a function that locks one
/// row, and then looks at the clock of the server and at how many are left. What is asked of a server, and of a
/// replica that takes over, is as for approvals.
///
/// Where the answer to a step is lost, it is asked once more, and the server looks whether it was taken. **A use
/// whose answer was lost is an error, and may be spent**: it is not asked for again.
///
/// # Examples
///
/// ```no_run
/// use callgate_approval::Listing;
/// use callgate_approval::standing::StandingApprovalStore;
/// use callgate_store_postgres::{PostgresStandingApprovals, migrate_standing_approvals};
///
/// let database = "host=/var/run/postgresql dbname=approvals user=gate";
/// migrate_standing_approvals(database)?;
/// let store = PostgresStandingApprovals::connect(database)?;
/// for standing in store.list(&Listing::new().of_tenant("acme"))?.standing {
///     println!("{}: {} of {}", standing.approval.id, standing.used, standing.uses);
/// }
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PostgresStandingApprovals(Desk<Writing, Reading>);

impl PostgresStandingApprovals {
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
        Desk::open("callgate-standing-approvals", database, options).map(Self)
    }

    fn listed(&self, question: Read) -> Result<StandingListed, StoreError> {
        match self.0.read(question)? {
            Told::Listed(listed) => Ok(listed),
            Told::Loaded(_) => other(),
        }
    }
}

impl StandingApprovalStore for PostgresStandingApprovals {
    fn give(&self, new: &StandingApproval) -> Result<Given, StoreError> {
        let giving = Giving::new(new)?;
        match self.0.write(Write::Give(Box::new(giving)))? {
            Done::Given(given) => given,
            _ => other(),
        }
    }

    fn load(&self, id: ApprovalId) -> Result<StandingLoaded, StoreError> {
        match self.0.read(Read::Load(id))? {
            Told::Loaded(loaded) => Ok(loaded),
            Told::Listed(_) => other(),
        }
    }

    fn find(&self, whose: &Whose<'_>) -> Result<StandingListed, StoreError> {
        self.listed(Read::find(whose))
    }

    fn take(&self, step: &Step) -> Result<Taken, StoreError> {
        let taking = Taking::new(step)?;
        match self.0.write(Write::Take(Box::new(taking)))? {
            Done::Taken(taken) => Ok(taken),
            _ => other(),
        }
    }

    fn spend(&self, id: ApprovalId) -> Result<Spent, StoreError> {
        match self.0.write(Write::Spend(Spending::new(id)))? {
            Done::Spent(spent) => Ok(spent),
            _ => other(),
        }
    }

    fn list(&self, what: &Listing<'_>) -> Result<StandingListed, StoreError> {
        self.listed(Read::List(Page::of(what)))
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

/// Shows nothing of the connection string.
impl fmt::Debug for PostgresStandingApprovals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStandingApprovals")
            .finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::error::Error as _;

    use super::*;

    /// The thread stayed in the process that forked: nothing is asked of it, and nobody waits.
    #[test]
    fn process_that_was_forked() {
        let store = PostgresStandingApprovals(Desk::forked());
        let check = |error: StoreError| {
            let cause = error.source().unwrap().to_string();
            assert_eq!(cause, "the log or store was opened by another process");
        };
        let asked = crate::approvals::row::tests::asked();
        let subject = &asked.question.subject;
        check(store.load(asked.id).unwrap_err());
        check(store.spend(asked.id).unwrap_err());
        check(store.find(&Whose::new(None, subject, "pay")).unwrap_err());
        check(store.take(&asked.recorded()).unwrap_err());
        check(store.list(&Listing::new()).unwrap_err());
        check(store.forget_dead(Duration::ZERO).unwrap_err());
    }
}
