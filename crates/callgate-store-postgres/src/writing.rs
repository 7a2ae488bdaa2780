//! What the thread does to write a chain.
//!
//! A batch whose answer was lost may still be on its way: in a buffer, in a server that hangs, or
//! waiting for a lock. Before anything else, its fate has to be settled for good. Each chain has a *fence*, a
//! number that every batch names. A new connection moves it first. That waits for a batch that is
//! being committed, and whatever comes later names the old number and is not stored. Other sinks of the same chain
//! see that the number has changed, and that the chain has not, and name the new one.

use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use callgate_audit::{Batch, ChainName, Head};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use crate::connect::{Purpose, Session, Target, told};
use crate::link::{Answers, Connect};
use crate::look::{self, Look};
use crate::settings::SYNCHRONOUS;
use crate::tables::{LOG, SCHEMA};
use crate::{PostgresAction, PostgresSinkError};

/// What the writing thread is asked.
pub(crate) enum Write {
    /// Append a batch. The answer is its end, or where the chain ends instead.
    Append(Head, Batch<'static>),
    /// Where does the chain end?
    Head,
    /// Where does it end, all of it being durable?
    Settle,
}

/// Which chain is written.
pub(crate) struct Written {
    pub(crate) chain: ChainName,
    /// How many records are durable.
    pub(crate) durable: Arc<AtomicU64>,
}

/// A connection over which one chain is written.
pub(crate) struct Writing {
    session: Session,
    chain: i64,
    append: Statement,
    look: Look,
    /// The end of the chain, as far as it is known.
    head: Head,
    fence: i64,
    /// How many records are durable.
    durable: Arc<AtomicU64>,
}

impl Connect for Writing {
    type About = Written;

    /// Begins the chain where there is none, and settles what was under way.
    async fn connect(target: &Target, written: &Written) -> Result<Self, PostgresSinkError> {
        let session = target.session(Purpose::Write, &LOG).await?;
        let chain = begun(&session.client, &written.chain).await?;
        let mut writing = Self {
            append: session.prepare(&append_sql()).await?,
            look: Look::prepare(&session, chain).await?,
            chain,
            session,
            head: Head::EMPTY,
            fence: 0,
            durable: Arc::clone(&written.durable),
        };
        writing.settle().await?;
        Ok(writing)
    }

    fn session(&self) -> &Session {
        &self.session
    }
}

/// Whatever is under way when an answer is lost is settled by the next connection.
impl Answers for Writing {
    type Question = Write;
    type Answer = Head;

    async fn answer(&mut self, question: &Write) -> Result<Head, PostgresSinkError> {
        match question {
            Write::Append(after, batch) => self.append(*after, batch).await,
            Write::Head => self.look().await,
            Write::Settle => self.settle().await,
        }
    }
}

impl Writing {
    async fn append(&mut self, after: Head, batch: &Batch<'_>) -> Result<Head, PostgresSinkError> {
        if self.head != after || batch.start() != after || batch.records() == 0 {
            let head = self.look().await?;
            if head == batch.end() || head != after || batch.start() != after {
                return Ok(head);
            }
        }
        loop {
            self.session.warned.store(false, Ordering::Release);
            let rows = self.store(after, batch).await?;
            if rows == batch.records() {
                self.head = batch.end();
                if self.session.warned.load(Ordering::Acquire) {
                    return Err(PostgresSinkError::Warned);
                }
                self.durable
                    .fetch_max(batch.end().records, Ordering::AcqRel);
                return Ok(batch.end());
            }
            if rows > 0 {
                let seq = after.records;
                return Err(PostgresSinkError::Row { seq });
            }
            // Somebody moved the chain, or its fence only: then it is for us to try again.
            let fence = self.fence;
            let head = self.look().await?;
            if head != after || self.fence == fence {
                return Ok(head);
            }
        }
    }

    async fn look(&mut self) -> Result<Head, PostgresSinkError> {
        let seen = self.look.look(&self.session.client).await?;
        self.head = seen.head;
        self.fence = seen.fence;
        Ok(seen.head)
    }

    /// Moves the fence. Its commit is durable, and with it everything that was committed before.
    async fn settle(&mut self) -> Result<Head, PostgresSinkError> {
        let moved = self
            .session
            .client
            .query_opt(
                &format!(
                    "UPDATE {SCHEMA}.chain SET fence = fence + 1 WHERE id = $1 RETURNING records"
                ),
                &[&self.chain],
            )
            .await
            .and_then(|row| row.map(|row| row.try_get::<_, i64>(0)).transpose());
        let records = moved.map_err(told(PostgresAction::Settle))?;
        let records = records.ok_or(PostgresSinkError::Row { seq: 0 })?;
        let head = self.look().await?;
        let found = u64::try_from(records).unwrap_or(u64::MAX);
        let expected = self.durable.fetch_max(found, Ordering::AcqRel);
        if found < expected {
            return Err(PostgresSinkError::Behind { expected, found });
        }
        Ok(head)
    }

    /// Stores the batch where the chain is as it should be; returns how many rows there are more.
    async fn store(&self, after: Head, batch: &Batch<'_>) -> Result<u64, PostgresSinkError> {
        let places: Vec<(Head, &[u8])> = batch.placed().collect();
        let prevs: Vec<&[u8]> = places
            .iter()
            .map(|(it, _)| &it.digest.as_bytes()[..])
            .collect();
        let lines: Vec<&[u8]> = places.iter().map(|(_, line)| *line).collect();
        let (from, to) = (
            look::column(after.records),
            look::column(batch.end().records),
        );
        let (before, behind) = (after.digest, batch.end().digest);
        let parameters: [&(dyn ToSql + Sync); 8] = [
            &self.chain,
            &from,
            &before.as_bytes().as_slice(),
            &self.fence,
            &to,
            &behind.as_bytes().as_slice(),
            &prevs,
            &lines,
        ];
        let rows = self.session.client.execute(&self.append, &parameters).await;
        rows.map_err(told(PostgresAction::Append))
    }
}

/// One statement, and so one transaction: the row of the chain is compared and moved, and the records
/// go in.
fn append_sql() -> String {
    let synchronous = SYNCHRONOUS.join(",");
    format!(
        "WITH moved AS ( \
           UPDATE {SCHEMA}.chain SET records = $5, digest = $6 \
           WHERE id = $1 AND records = $2 AND digest = $3 AND fence = $4 \
             AND current_setting('synchronous_commit') = ANY ('{{{synchronous}}}') \
           RETURNING id) \
         INSERT INTO {SCHEMA}.record (chain, seq, prev, line) \
         SELECT moved.id, $2 + part.place - 1, part.prev, part.line \
         FROM moved, unnest($7::bytea[], $8::bytea[]) \
           WITH ORDINALITY AS part (prev, line, place)"
    )
}

/// The number of the chain, which begins where there is none.
async fn begun(client: &Client, chain: &ChainName) -> Result<i64, PostgresSinkError> {
    if let Some(id) = look::find(client, chain).await? {
        return Ok(id);
    }
    let sql = format!("INSERT INTO {SCHEMA}.chain (name) VALUES ($1) ON CONFLICT DO NOTHING");
    let begun = client.execute(&sql, &[&chain.as_str()]).await;
    begun.map_err(told(PostgresAction::Connect))?;
    let found = look::find(client, chain).await?;
    found.ok_or_else(|| PostgresSinkError::NoChain {
        chain: chain.to_string(),
    })
}
