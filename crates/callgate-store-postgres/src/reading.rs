//! What the thread does to read a chain.

use callgate_audit::{ChainName, Head};
use tokio::time::timeout_at;
use tokio_postgres::Statement;

use crate::connect::{Purpose, SCHEMA, Session, Tables, Target, told};
use crate::lane::{Asked, Attempts, Questions};
use crate::look::{self, Look};
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

/// The reader of one chain.
pub(crate) struct Reading {
    target: Target,
    chain: ChainName,
    ready: Option<Ready>,
    attempts: Attempts,
}

/// A connection that reads.
struct Ready {
    session: Session,
    chain: i64,
    look: Look,
    rows: Statement,
}

impl Reading {
    /// Connects when it is asked something.
    pub(crate) fn new(target: Target, chain: ChainName) -> Self {
        Self {
            target,
            chain,
            ready: None,
            attempts: Attempts::default(),
        }
    }

    /// Answers until nobody asks any more.
    pub(crate) async fn serve(mut self, mut questions: Questions<Read, Found>) {
        while let Some(Asked {
            question,
            deadline,
            answer,
        }) = questions.recv().await
        {
            self.attempts = Attempts::default();
            let told = if let Ok(told) = timeout_at(deadline, self.answer(question)).await {
                told
            } else {
                self.ready = None;
                Err(self.attempts.out_of_time(PostgresAction::Read))
            };
            // Whoever asked may have given up.
            let _gave_up = answer.try_send(told);
        }
    }

    async fn answer(&mut self, question: Read) -> Result<Found, PostgresSinkError> {
        loop {
            let told = match question {
                Read::Head => self.head().await.map(Found::Head),
                Read::End => self.end().await.map(Found::End),
                Read::Rows(from, max) => self.rows(from, max).await.map(Found::Rows),
            };
            match told {
                Ok(found) => return Ok(found),
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

    async fn head(&mut self) -> Result<Head, PostgresSinkError> {
        let ready = self.ready().await?;
        Ok(ready.look.look(&ready.session.client).await?.head)
    }

    async fn end(&mut self) -> Result<u64, PostgresSinkError> {
        let ready = self.ready().await?;
        let sql = format!("SELECT coalesce(max(seq) + 1, 0) FROM {SCHEMA}.record WHERE chain = $1");
        let end = ready.session.client.query_one(&sql, &[&ready.chain]).await;
        let end = end.and_then(|row| row.try_get::<_, i64>(0));
        let end = end.map_err(told(PostgresAction::Read))?;
        Ok(u64::try_from(end).unwrap_or(0))
    }

    async fn rows(&mut self, from: u64, max: usize) -> Result<Rows, PostgresSinkError> {
        let ready = self.ready().await?;
        let max = i64::try_from(max).unwrap_or(i64::MAX).min(MAX_ROWS);
        let parameters: [&(dyn tokio_postgres::types::ToSql + Sync); 4] =
            [&ready.chain, &look::column(from), &max, &MAX_READ];
        let found = ready.session.client.query(&ready.rows, &parameters).await;
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

    async fn ready(&mut self) -> Result<&mut Ready, PostgresSinkError> {
        let closed = |ready: &Ready| ready.session.client.is_closed();
        if self.ready.as_ref().is_some_and(closed) {
            self.ready = None;
        }
        let ready = match self.ready.take() {
            Some(ready) => ready,
            None => Ready::connect(&self.target, &self.chain).await?,
        };
        Ok(self.ready.insert(ready))
    }
}

impl Ready {
    async fn connect(target: &Target, chain: &ChainName) -> Result<Self, PostgresSinkError> {
        let session = target.session(Purpose::Read, Tables::Log).await?;
        let client = &session.client;
        let Some(number) = look::find(client, chain).await? else {
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
        let rows = client.prepare(&sql).await;
        let rows = rows.map_err(told(PostgresAction::Connect))?;
        Ok(Self {
            look: Look::prepare(client, number).await?,
            chain: number,
            rows,
            session,
        })
    }
}
