//! What the thread does to find, load and list standing approvals.

use callgate_approval::ApprovalId;
use callgate_approval::standing::{StandingApproval, StandingListed, StandingLoaded, Whose};
use tokio_postgres::{Row, Statement};

use super::functions::{self, STANDING};
use super::migrate::STANDING_APPROVALS;
use super::row::{read, whose};
use crate::PostgresSinkError;
use crate::approvals::shelf::{Page, Rows, Shelf, get};
use crate::connect::{Session, Target};
use crate::link::{Answers, Connect};

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
    shelf: Shelf,
    find: Statement,
}

impl Connect for Reading {
    type About = ();

    async fn connect(target: &Target, (): &()) -> Result<Self, PostgresSinkError> {
        let shelf = Shelf::over(target, &STANDING_APPROVALS, &STANDING).await?;
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
            Read::Find(calls) => self.find(calls).await.map(Told::Listed),
            Read::Load(id) => self.load(*id).await.map(Told::Loaded),
            Read::List(page) => self.list(page).await.map(Told::Listed),
        }
    }
}

impl Reading {
    /// One that is found is for the calls that were asked about: its column may say so and lie.
    async fn find(&self, calls: &Vec<u8>) -> Result<StandingListed, PostgresSinkError> {
        let found = listed(self.shelf.several(&self.find, &[calls]).await?)?;
        let foreign = |one: &StandingApproval| whose(&Whose::of(one)) != *calls;
        if found.standing.iter().any(foreign) {
            return Err(PostgresSinkError::BadApproval);
        }
        Ok(found)
    }

    async fn load(&self, id: ApprovalId) -> Result<StandingLoaded, PostgresSinkError> {
        let found = listed(self.shelf.load(id).await?)?;
        Ok(StandingLoaded::new(
            found.now,
            found.standing.into_iter().next(),
        ))
    }

    async fn list(&self, page: &Page) -> Result<StandingListed, PostgresSinkError> {
        listed(self.shelf.list(page).await?)
    }
}

fn listed((now, rows): Rows) -> Result<StandingListed, PostgresSinkError> {
    let standing = rows.iter().map(standing).filter_map(Result::transpose);
    let standing = standing.collect::<Result<_, _>>()?;
    Ok(StandingListed::new(now, standing))
}

/// The one whose parts are in the columns behind the first.
fn standing(row: &Row) -> Result<Option<StandingApproval>, PostgresSinkError> {
    let Some(id) = get::<Option<&[u8]>>(row, 1)? else {
        return Ok(None);
    };
    read(id, get(row, 2)?, get(row, 3)?, get(row, 4)?).map(Some)
}
