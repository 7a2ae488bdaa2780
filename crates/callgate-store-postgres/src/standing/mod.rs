//! A store of standing in a Postgres database.

mod asking;
mod migrate;

use std::fmt;

use callgate_identity::standing::{Change, Changes, Position, StandingStore, StoreError};

use self::asking::{Answer, Asking, Question};
pub use self::migrate::migrate_standing;
use crate::connect::Target;
use crate::lane::Lane;
use crate::worker::{self, Process};
use crate::{PostgresAction, PostgresSinkError, PostgresSinkOptions};

/// Tasks, revocations and quarantines in a Postgres database, which processes on many machines share:
/// what one of them puts, all of them read from then on.
///
/// [`migrate_standing`] sets it up. Changes are in one order, for each waits for the one before it to be committed; a
/// commit waits for the device, and a server where it does not is refused, as for a
/// [sink](crate::PostgresSink). After a failure the next call connects anew.
///
/// The server has to be the one that is written to: a replica may be behind, and what it has not
/// heard of would not be in force.
///
/// # Examples
///
/// ```no_run
/// use callgate_identity::standing::{Position, StandingStore};
/// use callgate_store_postgres::{PostgresStanding, migrate_standing};
///
/// let database = "host=/var/run/postgresql dbname=audit user=gate";
/// migrate_standing(database)?;
/// let store = PostgresStanding::connect(database)?;
/// println!("{} changes", store.changes(Position::START, 1)?.end);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PostgresStanding {
    putting: Lane<Question, Answer>,
    /// Over a connection of its own: whoever looks does not wait for somebody who writes.
    reading: Lane<Question, Answer>,
    process: Process,
}

impl PostgresStanding {
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
        let target = Target::parse(database, options)?;
        let (putting, to_put) = Lane::new(target.timeout);
        let (reading, to_read) = Lane::new(target.timeout);
        let looking = Asking::new(target.clone());
        let process = worker::start(
            "callgate-standing-store",
            async move || Asking::open(target).await,
            async move |asking| worker::beside(asking.serve(to_put), looking.serve(to_read)).await,
        )?;
        Ok(Self {
            putting,
            reading,
            process,
        })
    }

    fn usable(&self) -> Result<(), StoreError> {
        self.process.check().map_err(StoreError::unreachable)
    }
}

impl StandingStore for PostgresStanding {
    fn put(&self, change: &Change) -> Result<Position, StoreError> {
        self.usable()?;
        let question = Question::Put(change.encode());
        match self.putting.ask(question, PostgresAction::Append) {
            Ok(Answer::Put(position)) => Ok(position),
            Ok(Answer::NotPut(error)) => Err(StoreError::unreachable(error)),
            Ok(Answer::Changes(_)) => Err(StoreError::unknown(PostgresSinkError::NoThread)),
            Err(error) => Err(StoreError::unknown(error)),
        }
    }

    fn changes(&self, after: Position, max: usize) -> Result<Changes, StoreError> {
        self.usable()?;
        let question = Question::Changes(after, max);
        match self.reading.ask(question, PostgresAction::Read) {
            Ok(Answer::Changes(changes)) => changes,
            Ok(_) => Err(StoreError::unreachable(PostgresSinkError::NoThread)),
            Err(error) => Err(StoreError::unreachable(error)),
        }
    }
}

/// Shows nothing of the connection string.
impl fmt::Debug for PostgresStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresStanding").finish_non_exhaustive()
    }
}
