//! What the thread does to read a chain.

use callgate_audit::{ChainName, Head};
use tokio_postgres::Statement;

use crate::connect::{Purpose, Session, Target, told};
use crate::link::{Answers, Connect};
use crate::look::{self, Look};
use crate::tables::{LOG, SCHEMA};
use crate::{PostgresAction, PostgresSinkError};

/// Reads that have this many bytes stop.
const MAX_READ: i64 = 4 << 20;
/// Rows that are looked at at once.
const MAX_ROWS: i64 = 4096;

/// What the reading thread is asked.
pub(crate) enum Read {
    /// Where does the chain end, by its last line?
    Head,
    /// How far do the rows reach, whatever is in them?
    End,
    /// Rows from a place on, at most so many.
    Rows(u64, usize),
}

/// What it found.
pub(crate) enum Found {
    Head(Head),
    End(u64),
    Rows(Rows),
}

/// Rows of a chain, as they are.
#[derive(Default)]
pub(crate) struct Rows {
    /// Their lines, each with a line feed.
    pub(crate) lines: Vec<u8>,
    /// Behind the last row.
    pub(crate) next: Option<u64>,
}

/// A connection over which one chain is read.
pub(crate) struct Reading {
    session: Session,
    chain: i64,
    look: Look,
    rows: Statement,
}

impl Connect for Reading {
    type About = ChainName;

    async fn connect(target: &Target, chain: &ChainName) -> Result<Self, PostgresSinkError> {
        let session = target.session(Purpose::Read, &LOG).await?;
        let Some(number) = look::find(&session.client, chain).await? else {
            return Err(PostgresSinkError::NoChain {
                chain: chain.to_string(),
            });
        };
        // The server adds up sizes, so that no more than that is sent.
        let sql = format!(
            "SELECT line, seq FROM ( \
               SELECT line, seq, sum(octet_length(line)) OVER (ORDER BY seq) \
                 - octet_length(line) AS before \
               FROM (SELECT line, seq FROM {SCHEMA}.record \
                 WHERE chain = $1 AND seq >= $2 ORDER BY seq LIMIT $3) AS part) AS sized \
             WHERE before < $4 ORDER BY seq"
        );
        Ok(Self {
            rows: session.prepare(&sql).await?,
            look: Look::prepare(&session, number).await?,
            chain: number,
            session,
        })
    }

    fn session(&self) -> &Session {
        &self.session
    }
}

impl Answers for Reading {
    type Question = Read;
    type Answer = Found;

    async fn answer(&mut self, question: &Read) -> Result<Found, PostgresSinkError> {
        match question {
            Read::Head => self.head().await.map(Found::Head),
            Read::End => self.end().await.map(Found::End),
            Read::Rows(from, max) => self.rows(*from, *max).await.map(Found::Rows),
        }
    }
}

impl Reading {
    async fn head(&self) -> Result<Head, PostgresSinkError> {
        Ok(self.look.look(&self.session.client).await?.head)
    }

    async fn end(&self) -> Result<u64, PostgresSinkError> {
        let sql = format!("SELECT coalesce(max(seq) + 1, 0) FROM {SCHEMA}.record WHERE chain = $1");
        let end = self.session.client.query_one(&sql, &[&self.chain]).await;
        let end = end.and_then(|row| row.try_get::<_, i64>(0));
        let end = end.map_err(told(PostgresAction::Read))?;
        Ok(u64::try_from(end).unwrap_or(0))
    }

    async fn rows(&self, from: u64, max: usize) -> Result<Rows, PostgresSinkError> {
        let max = i64::try_from(max).unwrap_or(i64::MAX).min(MAX_ROWS);
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&self.chain, &look::column(from), &max, &MAX_READ];
        let found = self.session.client.query(&self.rows, &parameters).await;
        let mut rows = Rows::default();
        for row in found.map_err(told(PostgresAction::Read))? {
            let line = row.try_get(0).map_err(told(PostgresAction::Read))?;
            rows.lines.extend_from_slice(line);
            rows.lines.push(b'\n');
            let seq: i64 = row.try_get(1).map_err(told(PostgresAction::Read))?;
            let seq = u64::try_from(seq).unwrap_or(u64::MAX);
            rows.next = Some(seq.saturating_add(1));
        }
        Ok(rows)
    }
}
