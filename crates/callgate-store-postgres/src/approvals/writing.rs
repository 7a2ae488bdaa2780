//! What the thread does to open approvals, take steps and forget the dead.

use callgate_approval::{Allowance, Approval, Opened, Step, StoreError, Taken};
use tokio_postgres::Statement;
use tokio_postgres::types::ToSql;

use super::functions::{self, APPROVAL};
use super::micros;
use super::migrate::APPROVALS;
use super::pen::{Pen, Sent, get, lock, refusal};
use super::row::{self, Row};
use crate::PostgresSinkError;
use crate::connect::{Session, Target};
use crate::link::{Answers, Connect};

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

/// A connection that may write.
pub(super) struct Writing {
    pen: Pen,
    open: Statement,
    take: Statement,
    forget: Statement,
}

impl Connect for Writing {
    type About = ();

    async fn connect(target: &Target, (): &()) -> Result<Self, PostgresSinkError> {
        let pen = Pen::over(target, &APPROVALS).await?;
        Ok(Self {
            open: pen.session.prepare(&functions::open()).await?,
            take: pen.session.prepare(&functions::take(&APPROVAL)).await?,
            forget: pen.session.prepare(&functions::forget(&APPROVAL)).await?,
            pen,
        })
    }

    fn session(&self) -> &Session {
        &self.pen.session
    }
}

/// What was sent before and may have been done is looked for by the server: nothing is done twice.
impl Answers for Writing {
    type Question = Write;
    type Answer = Done;

    async fn answer(&mut self, question: &Write) -> Result<Done, PostgresSinkError> {
        let done = async {
            match question {
                Write::Open(opening) => self.open(opening).await.map(Done::Opened),
                Write::Take(taking) => self.take(taking).await.map(Done::Taken),
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
        let found = self.pen.one(&self.open, &parameters).await?;
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
        self.pen.take(&self.take, &parameters).await
    }
}
