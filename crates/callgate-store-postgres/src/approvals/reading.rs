//! What the thread does to find, load and list approvals.

use callgate_approval::{Approval, ApprovalId, Found, Listed, Loaded};
use callgate_types::Digest;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

use super::functions::{self, APPROVAL};
use super::migrate::APPROVALS;
use super::row;
use super::shelf::{Page, Shelf, get};
use crate::PostgresSinkError;
use crate::connect::{Session, Target};
use crate::link::{Answers, Connect};

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

/// What it found.
pub(super) enum Told {
    Found(Found),
    Loaded(Loaded),
    Listed(Listed),
}

/// A connection over which approvals are looked for.
pub(super) struct Reading {
    shelf: Shelf,
    find: Statement,
}

impl Connect for Reading {
    type About = ();

    async fn connect(target: &Target, (): &()) -> Result<Self, PostgresSinkError> {
        let shelf = Shelf::over(target, &APPROVALS, &APPROVAL).await?;
        Ok(Self {
            find: shelf.session.prepare(&functions::find()).await?,
            shelf,
        })
    }

    fn session(&self) -> &Session {
        &self.shelf.session
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
        let parameters: [&(dyn ToSql + Sync); 3] = [&call, &asker, &within];
        let (now, rows) = self.shelf.several(&self.find, &parameters).await?;
        let row = rows.first().ok_or(PostgresSinkError::BadApproval)?;
        let count: i64 = get(row, 1)?;
        let count = u64::try_from(count).map_err(|_| PostgresSinkError::BadApproval)?;
        match approval(row, 2)? {
            Some(other) if other.question.binding != *binding => {
                Err(PostgresSinkError::BadApproval)
            }
            approval => Ok(Found::new(now, approval, count)),
        }
    }

    async fn load(&self, id: ApprovalId) -> Result<Loaded, PostgresSinkError> {
        let (now, rows) = self.shelf.load(id).await?;
        let found = rows.first().map(|row| approval(row, 1)).transpose()?;
        Ok(Loaded::new(now, found.flatten()))
    }

    async fn list(&self, page: &Page) -> Result<Listed, PostgresSinkError> {
        let (now, rows) = self.shelf.list(page).await?;
        let approvals = rows.iter().map(|row| approval(row, 1));
        // Without any there is one row, which says the time.
        let approvals = approvals.filter_map(Result::transpose);
        Ok(Listed::new(now, approvals.collect::<Result<_, _>>()?))
    }
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
