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
use tokio::time::{Instant, timeout_at};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};

use crate::connect::{Purpose, SCHEMA, SYNCHRONOUS, Session, Tables, Target, told};
use crate::error::Weight;
use crate::lane::{Asked, Attempts, Questions};
use crate::look::{self, Look};
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

/// The writer of one chain.
pub(crate) struct Writing {
    target: Target,
    chain: ChainName,
    ready: Option<Ready>,
    attempts: Attempts,
    /// How many records are durable.
    durable: Arc<AtomicU64>,
}

/// A connection that may write.
struct Ready {
    session: Session,
    chain: i64,
    append: Statement,
    look: Look,
    /// The end of the chain, as far as it is known.
    head: Head,
    fence: i64,
}

impl Writing {
    /// Connects, and begins the chain where there is none.
    pub(crate) async fn open(
        target: Target,
        chain: ChainName,
        durable: Arc<AtomicU64>,
    ) -> Result<Self, PostgresSinkError> {
        let deadline = Instant::now().checked_add(target.timeout);
        let mut writing = Self {
            target,
            chain,
            ready: None,
            attempts: Attempts::default(),
            durable,
        };
        let deadline = deadline.unwrap_or_else(Instant::now);
        let opened = timeout_at(deadline, writing.begin()).await;
        let action = PostgresAction::Connect;
        opened.unwrap_or(Err(PostgresSinkError::TimedOut { action }))?;
        Ok(writing)
    }

    /// Others may be moving the fence; a server that is not there is told at once.
    async fn begin(&mut self) -> Result<(), PostgresSinkError> {
        loop {
            match self.ready().await {
                Ok(_) => return Ok(()),
                Err(error) if error.weight() == Weight::Again => {
                    self.attempts.again(error).await?;
                }
                Err(error) => return Err(error),
            }
        }
    }

    /// Answers until nobody asks any more.
    pub(crate) async fn serve(mut self, mut questions: Questions<Write, Head>) {
        while let Some(Asked {
            question,
            deadline,
            answer,
        }) = questions.recv().await
        {
            self.attempts = Attempts::default();
            let action = match question {
                Write::Append(..) => PostgresAction::Append,
                Write::Head | Write::Settle => PostgresAction::Settle,
            };
            let told = if let Ok(told) = timeout_at(deadline, self.answer(question)).await {
                told
            } else {
                // Whatever is under way there is settled by the next connection.
                self.ready = None;
                Err(self.attempts.out_of_time(action))
            };
            // Whoever asked may have given up.
            let _gave_up = answer.try_send(told);
        }
    }

    async fn answer(&mut self, question: Write) -> Result<Head, PostgresSinkError> {
        loop {
            let told = match &question {
                Write::Append(after, batch) => self.append(*after, batch).await,
                Write::Head => self.head().await,
                Write::Settle => self.settle().await,
            };
            match told {
                Ok(head) => return Ok(head),
                Err(error) => {
                    let again = self.attempts.again(error).await;
                    if !matches!(again, Ok(true)) {
                        self.ready = None;
                    }
                    again?;
                }
            }
        }
    }

    async fn append(&mut self, after: Head, batch: &Batch<'_>) -> Result<Head, PostgresSinkError> {
        let durable = Arc::clone(&self.durable);
        let ready = self.ready().await?;
        if ready.head != after || batch.start() != after || batch.records() == 0 {
            let head = ready.look().await?;
            if head == batch.end() || head != after || batch.start() != after {
                return Ok(head);
            }
        }
        loop {
            ready.session.warned.store(false, Ordering::Release);
            let rows = ready.store(after, batch).await?;
            if rows == batch.records() {
                ready.head = batch.end();
                if ready.session.warned.load(Ordering::Acquire) {
                    return Err(PostgresSinkError::Warned);
                }
                durable.fetch_max(batch.end().records, Ordering::AcqRel);
                return Ok(batch.end());
            }
            if rows > 0 {
                let seq = after.records;
                return Err(PostgresSinkError::Row { seq });
            }
            // Somebody moved the chain, or its fence only: then it is for us to try again.
            let fence = ready.fence;
            let head = ready.look().await?;
            if head != after || ready.fence == fence {
                return Ok(head);
            }
        }
    }

    async fn head(&mut self) -> Result<Head, PostgresSinkError> {
        self.ready().await?.look().await
    }

    async fn settle(&mut self) -> Result<Head, PostgresSinkError> {
        let durable = Arc::clone(&self.durable);
        let ready = self.ready().await?;
        ready.settle(&durable).await?;
        Ok(ready.head)
    }

    /// The connection; a new one where there is none, on which all is settled.
    async fn ready(&mut self) -> Result<&mut Ready, PostgresSinkError> {
        let closed = |ready: &Ready| ready.session.client.is_closed();
        if self.ready.as_ref().is_some_and(closed) {
            self.ready = None;
        }
        let ready = match self.ready.take() {
            Some(ready) => ready,
            None => Ready::connect(&self.target, &self.chain, &self.durable).await?,
        };
        Ok(self.ready.insert(ready))
    }
}

impl Ready {
    async fn connect(
        target: &Target,
        chain: &ChainName,
        durable: &AtomicU64,
    ) -> Result<Self, PostgresSinkError> {
        let session = target.session(Purpose::Write, Tables::Log).await?;
        let client = &session.client;
        let chain = begun(client, chain).await?;
        let prepared = client.prepare(&append_sql()).await;
        let mut ready = Self {
            append: prepared.map_err(told(PostgresAction::Connect))?,
            look: Look::prepare(client, chain).await?,
            chain,
            session,
            head: Head::EMPTY,
            fence: 0,
        };
        ready.settle(durable).await?;
        Ok(ready)
    }

    async fn look(&mut self) -> Result<Head, PostgresSinkError> {
        let seen = self.look.look(&self.session.client).await?;
        self.head = seen.head;
        self.fence = seen.fence;
        Ok(seen.head)
    }

    /// Moves the fence. Its commit is durable, and with it everything that was committed before.
    async fn settle(&mut self, durable: &AtomicU64) -> Result<(), PostgresSinkError> {
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
        self.look().await?;
        let found = u64::try_from(records).unwrap_or(u64::MAX);
        let expected = durable.fetch_max(found, Ordering::AcqRel);
        if found < expected {
            return Err(PostgresSinkError::Behind { expected, found });
        }
        Ok(())
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
