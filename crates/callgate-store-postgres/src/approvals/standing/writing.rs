//! What the thread does to give standing approvals, take steps, spend uses and forget the dead.

use callgate_approval::standing::{Given, Spent, StandingApproval};
use callgate_approval::{ApprovalId, Step, StoreError, Taken};
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;

use super::functions::{self, STANDING};
use super::migrate::STANDING_APPROVALS;
use super::row::{self, Changing, Row};
use crate::PostgresSinkError;
use crate::approvals::functions::{forget, take};
use crate::approvals::pen::{Pen, Sent, get, lock, refusal};
use crate::approvals::row::{end, time};
use crate::connect::{Session, Target};
use crate::link::{Answers, Connect};

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
    pen: Pen,
    give: Statement,
    take: Statement,
    spend: Statement,
    forget: Statement,
}

impl Connect for Writing {
    type About = ();

    async fn connect(target: &Target, (): &()) -> Result<Self, PostgresSinkError> {
        let pen = Pen::over(target, &STANDING_APPROVALS).await?;
        Ok(Self {
            give: pen.session.prepare(&functions::give()).await?,
            take: pen.session.prepare(&take(&STANDING)).await?,
            spend: pen.session.prepare(&functions::spend()).await?,
            forget: pen.session.prepare(&forget(&STANDING)).await?,
            pen,
        })
    }

    fn session(&self) -> &Session {
        &self.pen.session
    }
}

/// What was sent before and may have been done is looked for by the server, but for a use: nothing is done twice.
impl Answers for Writing {
    type Question = Write;
    type Answer = Done;

    async fn answer(&mut self, question: &Write) -> Result<Done, PostgresSinkError> {
        let done = async {
            match question {
                Write::Give(giving) => self.give(giving).await.map(Done::Given),
                Write::Take(taking) => self.take(taking).await.map(Done::Taken),
                Write::Spend(spending) => self.spend(spending).await.map(Done::Spent),
                Write::Forget(since) => {
                    let gone = self.pen.forget(&self.forget, *since).await;
                    gone.map(Done::Forgotten)
                }
            }
        };
        self.pen.unwarned(done).await
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
        let found = self.pen.one(&self.give, &parameters).await?;
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
        self.pen.take(&self.take, &parameters).await
    }

    /// A use bears no mark by which it could be told from others: one that was sent before may be spent, and is not
    /// asked for again.
    async fn spend(&self, spending: &Spending) -> Result<Spent, PostgresSinkError> {
        if spending.sent.again() {
            return Err(PostgresSinkError::Unsettled);
        }
        let found = self.pen.one(&self.spend, &[&spending.id]).await?;
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
}
