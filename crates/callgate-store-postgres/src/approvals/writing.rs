//! What the thread does to open approvals, take steps and forget the dead.

use std::sync::atomic::{AtomicBool, Ordering};

use callgate_approval::{Allowance, Approval, Opened, Step, StoreError, Taken};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row as Told, Statement};

use super::functions::{self, FORGOTTEN_AT_ONCE};
use super::micros;
use super::migrate::APPROVALS;
use super::row::{self, Row};
use crate::connect::{Purpose, Session, Target, told};
use crate::link::{Answers, Connect};
use crate::settings::synchronous;
use crate::{PostgresAction, PostgresSinkError};

/// What the writing thread is asked.
pub(super) enum Write {
    Open(Box<Opening>),
    Take(Box<Taking>),
    /// Forget what has been dead for so many microseconds.
    Forget(i64),
}

/// What it did.
pub(super) enum Done {
    Opened(Result<Opened, StoreError>),
    Taken(Taken),
    Forgotten(u64),
}

/// An approval that is to be opened.
pub(super) struct Opening {
    row: Row,
    /// Names of ours for the locks of call and asker, in their order: nobody waits for one another in a
    /// circle.
    locks: Vec<i64>,
    at_most: Option<i64>,
    within: i64,
    sent: Sent,
}

/// A step that is to be taken.
pub(super) struct Taking {
    row: Row,
    from: Option<i64>,
    before: Option<i64>,
    sent: Sent,
}

/// Whether it was sent to a server before, which may have done it: its answer was lost.
#[derive(Default)]
pub(super) struct Sent(AtomicBool);

impl Opening {
    pub(super) fn new(new: &Approval, allowed: Option<Allowance>) -> Result<Self, StoreError> {
        let row = Row::of(new)?;
        let mut locks = vec![lock(&row.binding)];
        if allowed.is_some() {
            locks.push(lock(&row.asker));
        }
        locks.sort_unstable();
        let at_most = allowed.map(|allowed| allowed.at_most);
        Ok(Self {
            row,
            locks,
            at_most: at_most.map(|at_most| i64::try_from(at_most).unwrap_or(i64::MAX)),
            within: allowed.map_or(0, |allowed| micros(allowed.within)),
            sent: Sent::default(),
        })
    }
}

impl Taking {
    pub(super) fn new(step: &Step) -> Result<Self, StoreError> {
        Ok(Self {
            row: Row::of(&step.next)?,
            from: step.from.map(row::end),
            before: step.before.map(row::end),
            sent: Sent::default(),
        })
    }
}

impl Sent {
    /// It is sent now; says whether it was before.
    pub(super) fn again(&self) -> bool {
        self.0.swap(true, Ordering::Relaxed)
    }
}

/// The first bytes of a digest. Where two begin alike, those who mean them wait for one another.
pub(super) fn lock(digest: &[u8]) -> i64 {
    let first = digest.first_chunk().copied().unwrap_or_default();
    i64::from_be_bytes(first)
}

/// A connection that may write.
pub(super) struct Writing {
    session: Session,
    open: Statement,
    take: Statement,
    forget: Statement,
}

impl Connect for Writing {
    type About = ();

    async fn connect(target: &Target, (): &()) -> Result<Self, PostgresSinkError> {
        let session = target.session(Purpose::Write, &APPROVALS).await?;
        // Whoever has waited for somebody sees what they left behind.
        let set = "SET default_transaction_isolation = 'read committed'";
        let set = session.client.batch_execute(set).await;
        set.map_err(told(PostgresAction::Connect))?;
        Ok(Self {
            open: session.prepare(&functions::open()).await?,
            take: session.prepare(&functions::take()).await?,
            forget: session.prepare(&functions::forget()).await?,
            session,
        })
    }

    fn session(&self) -> &Session {
        &self.session
    }
}

/// What was sent before and may have been done is looked for by the server: nothing is done twice.
impl Answers for Writing {
    type Question = Write;
    type Answer = Done;

    async fn answer(&mut self, question: &Write) -> Result<Done, PostgresSinkError> {
        self.session.warned.store(false, Ordering::Release);
        let done = match question {
            Write::Open(opening) => self.open(opening).await.map(Done::Opened),
            Write::Take(taking) => self.take(taking).await.map(Done::Taken),
            Write::Forget(since) => self.forget(*since).await.map(Done::Forgotten),
        }?;
        if self.session.warned.load(Ordering::Acquire) {
            return Err(PostgresSinkError::Warned);
        }
        Ok(done)
    }
}

impl Writing {
    async fn open(
        &self,
        opening: &Opening,
    ) -> Result<Result<Opened, StoreError>, PostgresSinkError> {
        let row = &opening.row;
        let parameters: [&(dyn ToSql + Sync); 15] = [
            &opening.sent.again(),
            &opening.locks,
            &opening.at_most,
            &opening.within,
            &row.id,
            &row.revision,
            &row.binding,
            &row.asker,
            &row.tenant,
            &row.asked,
            &row.expires,
            &row.is_open,
            &row.holds_until,
            &row.dead_at,
            &row.body,
        ];
        let found = self.one(&self.open, &parameters).await?;
        Ok(Ok(match get(&found, 0)? {
            "new" => Opened::New,
            "many" => Opened::TooMany,
            "there" => Opened::There(Box::new(row::read(get(&found, 1)?, get(&found, 2)?)?)),
            "late" => return Ok(Err(StoreError::new("the approval has expired already"))),
            "known" => return Ok(Err(StoreError::new("there is an approval with this id"))),
            other => return Err(refusal(other, &found)),
        }))
    }

    async fn take(&self, taking: &Taking) -> Result<Taken, PostgresSinkError> {
        let row = &taking.row;
        let parameters: [&(dyn ToSql + Sync); 9] = [
            &taking.sent.again(),
            &taking.from,
            &taking.before,
            &row.id,
            &row.revision,
            &row.is_open,
            &row.holds_until,
            &row.dead_at,
            &row.body,
        ];
        let found = self.one(&self.take, &parameters).await?;
        match get(&found, 0)? {
            "yes" => Ok(Taken::Yes),
            "moved" => Ok(Taken::Moved),
            "late" => Ok(Taken::OutOfTime),
            other => Err(refusal(other, &found)),
        }
    }

    /// Some at a time: others wait for none of these transactions for long.
    async fn forget(&self, since: i64) -> Result<u64, PostgresSinkError> {
        let mut all = 0_u64;
        loop {
            let row = self.one(&self.forget, &[&since]).await?;
            let gone: i64 = get(&row, 0)?;
            let gone = u64::try_from(gone).unwrap_or(0);
            all = all.saturating_add(gone);
            if gone < FORGOTTEN_AT_ONCE {
                return Ok(all);
            }
        }
    }

    async fn one(
        &self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Told, PostgresSinkError> {
        let row = self.session.client.query_one(statement, parameters).await;
        row.map_err(told(PostgresAction::KeepApproval))
    }
}

/// Why a function did nothing, or why nobody can tell what became of it.
pub(super) fn refusal(word: &str, row: &Told) -> PostgresSinkError {
    let found = || get::<&[u8]>(row, 1).map(|found| String::from_utf8_lossy(found).into_owned());
    match (word, found()) {
        ("synchronous_commit", Ok(found)) => match synchronous(found) {
            Err(error) => error,
            Ok(_) => PostgresSinkError::Unsettled,
        },
        ("transaction_isolation", Ok(found)) => PostgresSinkError::Setting {
            setting: "transaction_isolation",
            found,
            expected: "`read committed`",
        },
        _ => PostgresSinkError::Unsettled,
    }
}

pub(super) fn get<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Told,
    place: usize,
) -> Result<T, PostgresSinkError> {
    row.try_get(place)
        .map_err(told(PostgresAction::KeepApproval))
}
