//! What the thread does to find, load and list standing approvals.

use callgate_approval::ApprovalId;
use callgate_approval::standing::{StandingApproval, StandingListed, StandingLoaded, Whose};
use chrono::{DateTime, Utc};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

use super::functions;
use super::migrate::STANDING_APPROVALS;
use super::row::{read, whose};
use crate::approvals::reading::Page;
use crate::approvals::row::{bytes, time};
use crate::connect::{Purpose, Session, Target, told};
use crate::link::{Answers, Connect};
use crate::{PostgresAction, PostgresSinkError};

/// What the reading thread is asked.
pub(super) enum Read {
    /// Those of which calls?
    Find(Vec<u8>),
    Load(ApprovalId),
    List(Page),
}

impl Read {
    pub(super) fn find(calls: &Whose<'_>) -> Self {
        Self::Find(whose(calls))
    }
}

/// What it found.
pub(super) enum Told {
    Loaded(StandingLoaded),
    Listed(StandingListed),
}

/// A connection over which standing approvals are looked for.
pub(super) struct Reading {
    session: Session,
    find: Statement,
    load: Statement,
    alive: Statement,
    all: Statement,
}

impl Connect for Reading {
    type About = ();

    async fn connect(target: &Target, (): &()) -> Result<Self, PostgresSinkError> {
        let session = target.session(Purpose::Read, &STANDING_APPROVALS).await?;
        Ok(Self {
            find: session.prepare(&functions::find()).await?,
            load: session.prepare(&functions::load()).await?,
            alive: session.prepare(&functions::list(functions::ALIVE)).await?,
            all: session.prepare(&functions::list(functions::ALL)).await?,
            session,
        })
    }

    fn session(&self) -> &Session {
        &self.session
    }
}

impl Answers for Reading {
    type Question = Read;
    type Answer = Told;

    async fn answer(&mut self, question: &Read) -> Result<Told, PostgresSinkError> {
        match question {
            Read::Find(calls) => self.find(calls).await.map(Told::Listed),
            Read::Load(id) => self.load(*id).await.map(Told::Loaded),
            Read::List(page) => self.list(page).await.map(Told::Listed),
        }
    }
}

impl Reading {
    /// One that is found is for the calls that were asked about: its column may say so and lie.
    async fn find(&self, calls: &Vec<u8>) -> Result<StandingListed, PostgresSinkError> {
        let found = self.several(&self.find, &[calls]).await?;
        let foreign = |one: &StandingApproval| whose(&Whose::of(one)) != *calls;
        if found.standing.iter().any(foreign) {
            return Err(PostgresSinkError::BadApproval);
        }
        Ok(found)
    }

    async fn load(&self, id: ApprovalId) -> Result<StandingLoaded, PostgresSinkError> {
        let found = self.several(&self.load, &[&bytes(id)]).await?;
        Ok(StandingLoaded::new(
            found.now,
            found.standing.into_iter().next(),
        ))
    }

    async fn list(&self, page: &Page) -> Result<StandingListed, PostgresSinkError> {
        let statement = if page.ended { &self.all } else { &self.alive };
        let (asked, id) = &page.after;
        self.several(statement, &[asked, id, &page.tenant, &page.most])
            .await
    }

    /// Without any there is one row, which says the time.
    async fn several(
        &self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<StandingListed, PostgresSinkError> {
        let rows = self.session.client.query(statement, parameters).await;
        let rows = rows.map_err(told(PostgresAction::FindApproval))?;
        let first = rows.first().ok_or(PostgresSinkError::BadApproval)?;
        let now: DateTime<Utc> = time(get(first, 0)?)?;
        let standing = rows.iter().map(standing).filter_map(Result::transpose);
        Ok(StandingListed::new(
            now,
            standing.collect::<Result<_, _>>()?,
        ))
    }
}

/// The one whose parts are in the columns behind the first.
fn standing(row: &Row) -> Result<Option<StandingApproval>, PostgresSinkError> {
    let Some(id) = get::<Option<&[u8]>>(row, 1)? else {
        return Ok(None);
    };
    read(id, get(row, 2)?, get(row, 3)?, get(row, 4)?).map(Some)
}

fn get<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Row,
    place: usize,
) -> Result<T, PostgresSinkError> {
    row.try_get(place)
        .map_err(told(PostgresAction::FindApproval))
}
