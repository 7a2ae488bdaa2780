//! What the thread asks the server.

use callgate_identity::standing::{Changes, Entry, Position, StoreError};
use tokio::time::{Instant, timeout_at};
use tokio_postgres::{Client, Row, Statement};

use super::migrate::{FORMAT, check};
use crate::connect::{SCHEMA, SYNCHRONOUS, Session, Target, check_settings, told};
use crate::lane::{Asked, Questions};
use crate::{PostgresAction, PostgresSinkError};

/// Most changes that are read at once.
const MAX_ROWS: usize = 10_000;

/// What the thread is asked.
pub(super) enum Question {
    /// Append this text.
    Put(String),
    /// What is behind this place, at most so many?
    Changes(Position, usize),
}

/// What it found.
pub(super) enum Answer {
    /// The text is there.
    Put(Position),
    /// It is not, for the server could not be asked.
    NotPut(PostgresSinkError),
    Changes(Result<Changes, StoreError>),
}

/// One connection, and what is asked over it.
pub(super) struct Asking {
    target: Target,
    ready: Option<Ready>,
}

struct Ready {
    session: Session,
    put: Statement,
    changes: Statement,
}

impl Asking {
    pub(super) const fn new(target: Target) -> Self {
        let ready = None;
        Self { target, ready }
    }

    /// Connects now, to find out whether that is possible.
    pub(super) async fn open(&mut self) -> Result<(), PostgresSinkError> {
        let now = Instant::now();
        let deadline = now.checked_add(self.target.timeout).unwrap_or(now);
        let action = PostgresAction::Connect;
        let opened = timeout_at(deadline, self.ready()).await;
        opened
            .unwrap_or(Err(PostgresSinkError::TimedOut { action }))
            .map(drop)
    }

    /// Answers until nobody asks any more. A connection on which anything failed is not used again.
    pub(super) async fn serve(mut self, mut questions: Questions<Question, Answer>) {
        while let Some(Asked {
            question,
            deadline,
            answer,
        }) = questions.recv().await
        {
            let action = match question {
                Question::Put(_) => PostgresAction::Append,
                Question::Changes(..) => PostgresAction::Read,
            };
            let told = match timeout_at(deadline, self.answer(question)).await {
                Ok(told) => told,
                Err(_) => Err(PostgresSinkError::TimedOut { action }),
            };
            if !matches!(told, Ok(Answer::Put(_) | Answer::Changes(_))) {
                self.ready = None;
            }
            // Whoever asked may have given up.
            drop(answer.try_send(told));
        }
    }

    async fn answer(&mut self, question: Question) -> Result<Answer, PostgresSinkError> {
        let ready = match (self.ready().await, &question) {
            (Ok(ready), _) => ready,
            (Err(error), Question::Put(_)) => return Ok(Answer::NotPut(error)),
            (Err(error), Question::Changes(..)) => return Err(error),
        };
        match question {
            Question::Put(text) => ready.put(&text).await.map(Answer::Put),
            Question::Changes(after, max) => {
                let rows = ready.rows(after, max).await?;
                Ok(Answer::Changes(read(&rows)))
            }
        }
    }

    async fn ready(&mut self) -> Result<&mut Ready, PostgresSinkError> {
        let closed = |ready: &Ready| ready.session.client.is_closed();
        if self.ready.as_ref().is_some_and(closed) {
            self.ready = None;
        }
        let ready = match self.ready.take() {
            Some(ready) => ready,
            None => Ready::connect(&self.target).await?,
        };
        Ok(self.ready.insert(ready))
    }
}

impl Ready {
    async fn connect(target: &Target) -> Result<Self, PostgresSinkError> {
        let session = target.connect().await?;
        let client = &session.client;
        let connecting = told(PostgresAction::Connect);
        // Nothing of somebody else's is found by a name of ours.
        let set = client.batch_execute("SET search_path = pg_catalog").await;
        set.map_err(&connecting)?;
        check(client).await?;
        let commit = check_settings(client, target.fsync_off).await?;
        check_primary(client).await?;
        let timeout = target.timeout.as_millis().clamp(1, i32::MAX as u128);
        // No timeout of statements: one that is cancelled while it waits for a replica says that it
        // was done.
        let sql = format!(
            "SET synchronous_commit = '{commit}'; SET lock_timeout = {timeout}; \
             SET idle_in_transaction_session_timeout = {timeout}"
        );
        client.batch_execute(&sql).await.map_err(&connecting)?;
        let (put, changes) = (put_sql(), changes_sql());
        let put = client.prepare(&put).await.map_err(&connecting)?;
        let changes = client.prepare(&changes).await.map_err(&connecting)?;
        Ok(Self {
            session,
            put,
            changes,
        })
    }

    async fn put(&self, text: &str) -> Result<Position, PostgresSinkError> {
        let row = self.session.client.query_opt(&self.put, &[&text]).await;
        let row = row.map_err(told(PostgresAction::Append))?;
        // The row that says where the order ends is gone, or the setting is another one.
        let row = row.ok_or_else(|| PostgresSinkError::NoStanding {
            schema: SCHEMA.to_owned(),
        })?;
        let position = row.try_get::<_, i64>(0);
        position.map(place).map_err(told(PostgresAction::Append))
    }

    async fn rows(&self, after: Position, max: usize) -> Result<Vec<Row>, PostgresSinkError> {
        let from = i64::try_from(after.number()).unwrap_or(i64::MAX);
        let most = i64::try_from(max.clamp(1, MAX_ROWS)).unwrap_or(i64::MAX);
        let client = &self.session.client;
        let rows = client.query(&self.changes, &[&from, &most]).await;
        rows.map_err(told(PostgresAction::Read))
    }
}

/// A replica may be behind: what it has not heard of would not be in force.
pub(crate) async fn check_primary(client: &Client) -> Result<(), PostgresSinkError> {
    let sql = "SELECT CASE WHEN pg_is_in_recovery() THEN 'on' ELSE 'off' END";
    let found = client.query_one(sql, &[]).await;
    let found = found.and_then(|row| row.try_get::<_, String>(0));
    let found = found.map_err(told(PostgresAction::Connect))?;
    if found == "off" {
        return Ok(());
    }
    Err(PostgresSinkError::Setting {
        setting: "in_recovery",
        found,
        expected: "`off`",
    })
}

/// One statement, and so one transaction. The row that says where the order ends is locked until the
/// commit: the next change comes behind it, and is committed after it.
fn put_sql() -> String {
    let synchronous = SYNCHRONOUS.join(",");
    format!(
        "WITH moved AS ( \
           UPDATE {SCHEMA}.standing SET position = position + 1, \
             time = greatest(time, (extract(epoch FROM clock_timestamp()) * 1000000)::bigint) \
           WHERE version = {FORMAT} \
             AND current_setting('synchronous_commit') = ANY ('{{{synchronous}}}') \
           RETURNING position, time) \
         INSERT INTO {SCHEMA}.change (position, time, text) \
         SELECT position, time, $1 FROM moved RETURNING position"
    )
}

/// One statement sees one moment. The end is in every row; without a change, in one that has no more.
fn changes_sql() -> String {
    format!(
        "SELECT s.position, c.position, c.time, c.text \
         FROM {SCHEMA}.standing s LEFT JOIN LATERAL ( \
           SELECT position, time, text FROM {SCHEMA}.change WHERE position > $1 \
           ORDER BY position LIMIT $2) c ON true \
         WHERE s.version = {FORMAT} ORDER BY c.position"
    )
}

fn read(rows: &[Row]) -> Result<Changes, StoreError> {
    let altered = |error: tokio_postgres::Error| {
        StoreError::altered(PostgresSinkError::of(PostgresAction::Read, &error))
    };
    let mut end = None;
    let mut entries = Vec::new();
    for row in rows {
        end = Some(place(row.try_get(0).map_err(altered)?));
        let position: Option<i64> = row.try_get(1).map_err(altered)?;
        let Some(position) = position else { continue };
        let time = row.try_get(2).map_err(altered)?;
        let text = row.try_get(3).map_err(altered)?;
        entries.push(Entry::read(place(position), time, text)?);
    }
    let schema = || SCHEMA.to_owned();
    let missing = || StoreError::altered(PostgresSinkError::NoStanding { schema: schema() });
    let end = end.ok_or_else(missing)?;
    Ok(Changes { entries, end })
}

/// A place that is none is found nowhere.
fn place(number: i64) -> Position {
    Position::new(u64::try_from(number).unwrap_or(u64::MAX))
}
