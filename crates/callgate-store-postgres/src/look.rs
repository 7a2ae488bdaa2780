//! Where a chain ends.

use callgate_audit::{Batch, ChainName, Head};
use callgate_types::Digest;
use tokio_postgres::{Client, Row, Statement};

use crate::connect::{Session, told};
use crate::settings::synchronous;
use crate::tables::SCHEMA;
use crate::{PostgresAction, PostgresSinkError};

/// Looks at the end of one chain.
pub(crate) struct Look {
    chain: i64,
    statement: Statement,
}

/// What was seen.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Seen {
    pub(crate) head: Head,
    /// See `writing.rs`.
    pub(crate) fence: i64,
}

impl Look {
    pub(crate) async fn prepare(session: &Session, chain: i64) -> Result<Self, PostgresSinkError> {
        let sql = format!(
            "SELECT c.records, c.digest, c.fence, current_setting('synchronous_commit'), \
               last.line \
             FROM {SCHEMA}.chain c LEFT JOIN LATERAL \
               (SELECT line FROM {SCHEMA}.record WHERE chain = c.id ORDER BY seq DESC LIMIT 1) \
               AS last ON true \
             WHERE c.id = $1"
        );
        let statement = session.prepare(&sql).await?;
        Ok(Self { chain, statement })
    }

    /// Two witnesses have to agree: the row of the chain, and the last line.
    pub(crate) async fn look(&self, client: &Client) -> Result<Seen, PostgresSinkError> {
        let rows = client.query(&self.statement, &[&self.chain]).await;
        let rows = rows.map_err(told(PostgresAction::Read))?;
        let Some(row) = rows.first() else {
            return Err(PostgresSinkError::Row { seq: 0 });
        };
        let read = read(row).map_err(told(PostgresAction::Read))?;
        let (records, digest, fence, commit, line) = read;
        synchronous(commit)?;
        let seq = records.saturating_sub(1);
        let told = head_of(records, digest).ok_or(PostgresSinkError::Row { seq })?;
        let head = match line {
            None => Head::EMPTY,
            Some(mut line) => {
                line.push(b'\n');
                let batch = Batch::parse(line);
                let batch = batch.map_err(|source| PostgresSinkError::Line { seq, source })?;
                batch.end()
            }
        };
        if head != told {
            return Err(PostgresSinkError::Row { seq });
        }
        Ok(Seen { head, fence })
    }
}

type Columns<'a> = (u64, &'a [u8], i64, String, Option<Vec<u8>>);

fn read(row: &Row) -> Result<Columns<'_>, tokio_postgres::Error> {
    let records: i64 = row.try_get(0)?;
    let records = u64::try_from(records).unwrap_or(u64::MAX);
    let (digest, fence) = (row.try_get(1)?, row.try_get(2)?);
    Ok((records, digest, fence, row.try_get(3)?, row.try_get(4)?))
}

/// The head in two columns.
pub(crate) fn head_of(records: u64, digest: &[u8]) -> Option<Head> {
    let digest = digest.try_into().ok()?;
    Some(Head::new(records, Digest::from_bytes(digest)))
}

/// The number of a chain.
pub(crate) async fn find(
    client: &Client,
    chain: &ChainName,
) -> Result<Option<i64>, PostgresSinkError> {
    let sql = format!("SELECT id FROM {SCHEMA}.chain WHERE name = $1");
    let found = client.query_opt(&sql, &[&chain.as_str()]).await;
    let found = found.and_then(|row| row.map(|row| row.try_get(0)).transpose());
    found.map_err(told(PostgresAction::Connect))
}

/// A sequence number as Postgres keeps it. No log reaches 2^63 records: such a one is found nowhere.
pub(crate) fn column(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}
