//! What the thread does to find, load and list approvals.

use callgate_approval::{Approval, ApprovalId, Found, Listed, Listing, Loaded};
use callgate_types::Digest;
use chrono::{DateTime, Utc};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

use super::functions;
use super::migrate::APPROVALS;
use super::row;
use crate::connect::{Purpose, Session, Target, told};
use crate::link::{Answers, Connect};
use crate::{PostgresAction, PostgresSinkError};

/// What the reading thread is asked.
pub(super) enum Read {
    /// What is there about this call, and how many did this asker ask within so many microseconds?
    Find {
        binding: Digest,
        asker: Vec<u8>,
        within: i64,
    },
    Load(ApprovalId),
    List(Page),
}

/// What is listed.
pub(super) struct Page {
    pub(super) tenant: Option<Vec<u8>>,
    /// Also those that have ended, or are dead.
    pub(super) ended: bool,
    /// From behind this one on.
    pub(super) after: (i64, Vec<u8>),
    pub(super) most: i64,
}

impl Page {
    pub(super) fn of(what: &Listing<'_>) -> Self {
        let after = match what.after {
            Some((asked, id)) => (asked.timestamp_micros(), row::bytes(id)),
            None => (i64::MIN, Vec::new()),
        };
        Self {
            tenant: what.tenant.map(|tenant| tenant.as_bytes().to_vec()),
            ended: what.ended,
            after,
            most: i64::try_from(what.most.min(Listing::MOST)).unwrap_or(i64::MAX),
        }
    }
}

/// What it found.
pub(super) enum Told {
    Found(Found),
    Loaded(Loaded),
    Listed(Listed),
}

/// A connection over which approvals are looked for.
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
        let session = target.session(Purpose::Read, &APPROVALS).await?;
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
            Read::Find {
                binding,
                asker,
                within,
            } => self.find(binding, asker, *within).await.map(Told::Found),
            Read::Load(id) => self.load(*id).await.map(Told::Loaded),
            Read::List(page) => self.list(page).await.map(Told::Listed),
        }
    }
}

impl Reading {
    async fn find(
        &self,
        binding: &Digest,
        asker: &[u8],
        within: i64,
    ) -> Result<Found, PostgresSinkError> {
        let call = binding.as_bytes().as_slice();
        let row = self.one(&self.find, &[&call, &asker, &within]).await?;
        let count: i64 = get(&row, 1)?;
        let count = u64::try_from(count).map_err(|_| PostgresSinkError::BadApproval)?;
        let approval = approval(&row, 2)?;
        match approval {
            Some(other) if other.question.binding != *binding => {
                Err(PostgresSinkError::BadApproval)
            }
            approval => Ok(Found::new(now(&row)?, approval, count)),
        }
    }

    async fn load(&self, id: ApprovalId) -> Result<Loaded, PostgresSinkError> {
        let row = self.one(&self.load, &[&row::bytes(id)]).await?;
        Ok(Loaded::new(now(&row)?, approval(&row, 1)?))
    }

    async fn list(&self, page: &Page) -> Result<Listed, PostgresSinkError> {
        let statement = if page.ended { &self.all } else { &self.alive };
        let (asked, id) = &page.after;
        let client = &self.session.client;
        let rows = client
            .query(statement, &[asked, id, &page.tenant, &page.most])
            .await;
        let rows = rows.map_err(told(PostgresAction::FindApproval))?;
        let first = rows.first().ok_or(PostgresSinkError::BadApproval)?;
        let now = now(first)?;
        let approvals = rows.iter().map(|row| approval(row, 1));
        // Without any there is one row, which says the time.
        let approvals = approvals.filter_map(Result::transpose);
        Ok(Listed::new(now, approvals.collect::<Result<_, _>>()?))
    }

    async fn one(
        &self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Row, PostgresSinkError> {
        let row = self.session.client.query_one(statement, parameters).await;
        row.map_err(told(PostgresAction::FindApproval))
    }
}

/// The first column of every row.
fn now(row: &Row) -> Result<DateTime<Utc>, PostgresSinkError> {
    row::time(get(row, 0)?)
}

/// The approval whose id and body are in the columns from `place` on.
fn approval(row: &Row, place: usize) -> Result<Option<Approval>, PostgresSinkError> {
    let id: Option<&[u8]> = get(row, place)?;
    let body: Option<&[u8]> = get(row, place.saturating_add(1))?;
    match (id, body) {
        (Some(id), Some(body)) => row::read(body, id).map(Some),
        _ => Ok(None),
    }
}

fn get<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Row,
    place: usize,
) -> Result<T, PostgresSinkError> {
    row.try_get(place)
        .map_err(told(PostgresAction::FindApproval))
}
