//! Limits in a Postgres database.

mod asking;
mod functions;
mod migrate;

use std::fmt;
use std::time::Duration;

use callgate_approval::limit::{
    Counted, LimitStore, LimitStoreError, ReservationId, Reserved, Want, Window,
};
use callgate_types::{Amount, Digest};

use self::asking::{Answer, Asking, Question, Wanted};
pub use self::migrate::migrate_limits;
use crate::connect::Target;
use crate::lane::Lane;
use crate::link::Link;
use crate::worker::{self, Process};
use crate::{PostgresAction, PostgresSinkError, PostgresSinkOptions};

/// How much of the limits is used, in a Postgres database that processes on many machines share.
///
/// [`migrate_limits`] sets it up. Each call is one statement, and one trip to the server; those who
/// want something of the same keys wait for one another there, and nobody else does. A commit waits for the
/// device, and a server where it does not is refused, as for a [sink](crate::PostgresSink). The time is
/// that of the server. After a failure the next call connects anew.
///
/// The server has to be the one that is written to. Keys are kept as their digests, and are forgotten
/// once nothing of them counts; a few of them with each reservation.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use callgate_approval::limit::{LimitStore, ReservationId, Want, Window};
/// use callgate_store_postgres::{PostgresLimits, migrate_limits};
/// use callgate_types::Amount;
///
/// let database = "host=/var/run/postgresql dbname=limits user=gate";
/// migrate_limits(database)?;
/// let limits = PostgresLimits::connect(database)?;
/// let want = Want::new(b"acme", Window::Ever, Amount::whole(1), Amount::whole(20));
/// limits.reserve(ReservationId::from_bytes([7; 16]), Duration::from_secs(60), &[want])?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PostgresLimits {
    lane: Lane<Question, Answer>,
    process: Process,
}

impl PostgresLimits {
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
        let (lane, questions) = Lane::new(target.timeout);
        let process = worker::start(
            "callgate-limits-store",
            async move || Link::<Asking>::open(target, ()).await,
            async move |link| link.serve(questions).await,
        )?;
        Ok(Self { lane, process })
    }

    fn ask(&self, question: Question, action: PostgresAction) -> Result<Answer, LimitStoreError> {
        self.process.check().map_err(LimitStoreError::new)?;
        let answer = self.lane.ask(question, action);
        answer.map_err(LimitStoreError::new)
    }
}

/// It answers what was asked, and nothing else.
fn other<T>() -> Result<T, LimitStoreError> {
    Err(LimitStoreError::new(PostgresSinkError::NoThread))
}

impl LimitStore for PostgresLimits {
    fn reserve(
        &self,
        id: ReservationId,
        lapses_after: Duration,
        wants: &[Want<'_>],
    ) -> Result<Reserved, LimitStoreError> {
        let mut wanted = Wanted::new(lapses_after);
        for want in wants {
            wanted.push(want);
        }
        match self.ask(Question::Reserve(id, wanted), PostgresAction::Append)? {
            Answer::Reserved(reached) if reached.is_empty() => Ok(Reserved::Held),
            Answer::Reserved(reached) => Ok(Reserved::Exceeded(reached)),
            _ => other(),
        }
    }

    fn count(&self, id: ReservationId) -> Result<Counted, LimitStoreError> {
        match self.ask(Question::Count(id), PostgresAction::Append)? {
            Answer::Counted(true) => Ok(Counted::Yes),
            Answer::Counted(false) => Ok(Counted::Lapsed),
            _ => other(),
        }
    }

    fn give_back(&self, ids: &[ReservationId]) -> Result<(), LimitStoreError> {
        match self.ask(Question::GiveBack(ids.to_vec()), PostgresAction::Append)? {
            Answer::GivenBack => Ok(()),
            _ => other(),
        }
    }

    fn used(&self, key: &[u8], window: Window) -> Result<Amount, LimitStoreError> {
        let question = Question::Used(Digest::of(key), window);
        match self.ask(question, PostgresAction::Read)? {
            Answer::Used(amount) => Ok(amount),
            _ => other(),
        }
    }
}

/// Shows nothing of the connection string.
impl fmt::Debug for PostgresLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresLimits").finish_non_exhaustive()
    }
}
