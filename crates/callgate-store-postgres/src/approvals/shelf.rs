//! A connection over which approvals of either kind are looked for.

use callgate_approval::{ApprovalId, Listing};
use chrono::{DateTime, Utc};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

use super::functions::{self, Table};
use super::row::{bytes, time};
use crate::connect::{Purpose, Session, Target, told};
use crate::tables::Tables;
use crate::{PostgresAction, PostgresSinkError};

/// A connection over which a table is read.
pub(super) struct Shelf {
    pub(super) session: Session,
    load: Statement,
    alive: Statement,
    all: Statement,
}

/// Rows, and the moment at which they stood there so; one without anything in it where there are none.
pub(super) type Rows = (DateTime<Utc>, Vec<Row>);

impl Shelf {
    pub(super) async fn over(
        target: &Target,
        tables: &Tables,
        table: &Table,
    ) -> Result<Self, PostgresSinkError> {
        let session = target.session(Purpose::Read, tables).await?;
        Ok(Self {
            load: session.prepare(&functions::load(table)).await?,
            alive: session
                .prepare(&functions::list(table, table.alive))
                .await?,
            all: session
                .prepare(&functions::list(table, functions::ALL))
                .await?,
            session,
        })
    }

    pub(super) async fn load(&self, id: ApprovalId) -> Result<Rows, PostgresSinkError> {
        self.several(&self.load, &[&bytes(id)]).await
    }

    pub(super) async fn list(&self, page: &Page) -> Result<Rows, PostgresSinkError> {
        let statement = if page.ended { &self.all } else { &self.alive };
        let (asked, id) = &page.after;
        self.several(statement, &[asked, id, &page.tenant, &page.most])
            .await
    }

    /// The first column of every row is the moment.
    pub(super) async fn several(
        &self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Rows, PostgresSinkError> {
        let rows = self.session.client.query(statement, parameters).await;
        let rows = rows.map_err(told(PostgresAction::FindApproval))?;
        let first = rows.first().ok_or(PostgresSinkError::BadApproval)?;
        Ok((time(get(first, 0)?)?, rows))
    }
}

/// What is listed.
pub(super) struct Page {
    tenant: Option<Vec<u8>>,
    /// Also those that have ended, or are dead.
    ended: bool,
    /// From behind this one on.
    after: (i64, Vec<u8>),
    most: i64,
}

impl Page {
    pub(super) fn of(what: &Listing<'_>) -> Self {
        let after = match what.after {
            Some((asked, id)) => (asked.timestamp_micros(), bytes(id)),
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

pub(super) fn get<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Row,
    place: usize,
) -> Result<T, PostgresSinkError> {
    row.try_get(place)
        .map_err(told(PostgresAction::FindApproval))
}
