//! What the thread does to give standing approvals, take steps, spend uses and forget the dead.

use std::sync::atomic::Ordering;

use callgate_approval::standing::{Given, Spent, StandingApproval};
use callgate_approval::{ApprovalId, Step, StoreError, Taken};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row as Told, Statement};

use super::functions;
use super::migrate::STANDING_APPROVALS;
use super::row::{self, Changing, Row};
use crate::approvals::functions::FORGOTTEN_AT_ONCE;
use crate::approvals::row::{end, time};
use crate::approvals::writing::{Sent, get, lock, refusal};
use crate::connect::{Purpose, Session, Target, told};
use crate::link::{Answers, Connect};
use crate::{PostgresAction, PostgresSinkError};

/// What the writing thread is asked.
pub(super) enum Write {
    Give(Box<Giving>),
    Take(Box<Taking>),
    Spend(Spending),
    /// Forget what has been dead for so many microseconds.
    Forget(i64),
}

/// What it did.
pub(super) enum Done {
    Given(Result<Given, StoreError>),
    Taken(Taken),
    Spent(Spent),
    Forgotten(u64),
}

/// One that is to be kept.
pub(super) struct Giving {
    row: Row,
    /// A name of ours for those of the same calls.
    lock: i64,
    sent: Sent,
}

/// A step that is to be taken.
pub(super) struct Taking {
    row: Changing,
    from: Option<i64>,
    before: Option<i64>,
    sent: Sent,
}

/// A use that is to be spent.
pub(super) struct Spending {
    id: Vec<u8>,
    sent: Sent,
}

impl Giving {
    pub(super) fn new(new: &StandingApproval) -> Result<Self, StoreError> {
        let row = Row::of(new)?;
        Ok(Self {
            lock: lock(&row.whose),
            row,
            sent: Sent::default(),
        })
    }
}

impl Taking {
    pub(super) fn new(step: &Step) -> Result<Self, StoreError> {
        Ok(Self {
            row: Changing::of(&step.next)?,
            from: step.from.map(end),
            before: step.before.map(end),
            sent: Sent::default(),
        })
    }
}

impl Spending {
    pub(super) fn new(id: ApprovalId) -> Self {
        Self {
            id: id.as_bytes().to_vec(),
            sent: Sent::default(),
        }
    }
}

/// A connection that may write.
pub(super) struct Writing {
    session: Session,
    give: Statement,
    take: Statement,
    spend: Statement,
    forget: Statement,
}

impl Connect for Writing {
    type About = ();

    async fn connect(target: &Target, (): &()) -> Result<Self, PostgresSinkError> {
        let session = target.session(Purpose::Write, &STANDING_APPROVALS).await?;
        // Whoever has waited for somebody sees what they left behind.
        let set = "SET default_transaction_isolation = 'read committed'";
        let set = session.client.batch_execute(set).await;
        set.map_err(told(PostgresAction::Connect))?;
        Ok(Self {
            give: session.prepare(&functions::give()).await?,
            take: session.prepare(&functions::take()).await?,
            spend: session.prepare(&functions::spend()).await?,
            forget: session.prepare(&functions::forget()).await?,
            session,
        })
    }

    fn session(&self) -> &Session {
        &self.session
    }
}

/// What was sent before and may have been done is looked for by the server, but for a use: nothing is done twice.
impl Answers for Writing {
    type Question = Write;
    type Answer = Done;

    async fn answer(&mut self, question: &Write) -> Result<Done, PostgresSinkError> {
        self.session.warned.store(false, Ordering::Release);
        let done = match question {
            Write::Give(giving) => self.give(giving).await.map(Done::Given),
            Write::Take(taking) => self.take(taking).await.map(Done::Taken),
            Write::Spend(spending) => self.spend(spending).await.map(Done::Spent),
            Write::Forget(since) => self.forget(*since).await.map(Done::Forgotten),
        }?;
        if self.session.warned.load(Ordering::Acquire) {
            return Err(PostgresSinkError::Warned);
        }
        Ok(done)
    }
}

impl Writing {
    async fn give(&self, giving: &Giving) -> Result<Result<Given, StoreError>, PostgresSinkError> {
        let (row, changing) = (&giving.row, &giving.row.changing);
        let parameters: [&(dyn ToSql + Sync); 15] = [
            &giving.sent.again(),
            &giving.lock,
            &changing.id,
            &row.whose,
            &row.tenant,
            &changing.revision,
            &row.asked,
            &row.expires,
            &row.uses,
            &row.used,
            &changing.approved,
            &changing.is_open,
            &changing.untold,
            &row.terms,
            &changing.approval,
        ];
        let found = self.one(&self.give, &parameters).await?;
        let refused = match get(&found, 0)? {
            "new" => return Ok(Ok(Given::New)),
            "many" => return Ok(Ok(Given::TooMany)),
            "late" => "the standing approval has expired already",
            "known" => "there is a standing approval with this id",
            other => return Err(refusal(other, &found)),
        };
        Ok(Err(StoreError::new(refused)))
    }

    async fn take(&self, taking: &Taking) -> Result<Taken, PostgresSinkError> {
        let row = &taking.row;
        let parameters: [&(dyn ToSql + Sync); 9] = [
            &taking.sent.again(),
            &taking.from,
            &taking.before,
            &row.id,
            &row.revision,
            &row.approved,
            &row.is_open,
            &row.untold,
            &row.approval,
        ];
        let found = self.one(&self.take, &parameters).await?;
        match get(&found, 0)? {
            "yes" => Ok(Taken::Yes),
            "moved" => Ok(Taken::Moved),
            "late" => Ok(Taken::OutOfTime),
            other => Err(refusal(other, &found)),
        }
    }

    /// A use bears no mark by which it could be told from others: one that was sent before may be spent, and is not
    /// asked for again.
    async fn spend(&self, spending: &Spending) -> Result<Spent, PostgresSinkError> {
        if spending.sent.again() {
            return Err(PostgresSinkError::Unsettled);
        }
        let found = self.one(&self.spend, &[&spending.id]).await?;
        let is_spent = match get(&found, 0)? {
            "none" => return Ok(Spent::NotInForce),
            "spent" => true,
            "left" => false,
            other => return Err(refusal(other, &found)),
        };
        let (now, used) = (time(get(&found, 2)?)?, get(&found, 4)?);
        let mut before = row::read(&spending.id, get(&found, 3)?, get(&found, 1)?, used)?;
        // The copies beside it are not believed.
        let spent = before.spend(now);
        if matches!(spent, Spent::Left(_)) == is_spent {
            return Ok(spent);
        }
        Err(PostgresSinkError::BadApproval)
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
