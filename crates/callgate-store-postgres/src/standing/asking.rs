//! What the thread asks the server.

use callgate_identity::standing::{Changes, Entry, Position, StoreError};
use tokio::time::timeout_at;
use tokio_postgres::{Row, Statement};

use super::migrate::{FORMAT, STANDING};
use crate::connect::{Purpose, Session, Target, told};
use crate::lane::Questions;
use crate::link::{Connect, Link};
use crate::settings::SYNCHRONOUS;
use crate::tables::SCHEMA;
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
pub(super) struct Asking(Link<Ready>);

struct Ready {
    session: Session,
    put: Statement,
    changes: Statement,
}

impl Asking {
    /// Connects once it is asked something.
    pub(super) const fn new(target: Target) -> Self {
        Self(Link::new(target, ()))
    }

    /// Connects now, to find out whether that is possible.
    pub(super) async fn open(target: Target) -> Result<Self, PostgresSinkError> {
        Link::open(target, ()).await.map(Self)
    }

    /// Answers until nobody asks any more. Nothing is asked twice, for a change that is put again is there
    /// twice; and a connection on which anything failed is not used again.
    pub(super) async fn serve(mut self, mut questions: Questions<Question, Answer>) {
        while let Some(asked) = questions.recv().await {
            let action = asked.action;
            let told = timeout_at(asked.deadline, self.answer(asked.question)).await;
            let told = told.unwrap_or(Err(PostgresSinkError::TimedOut { action }));
            if !matches!(told, Ok(Answer::Put(_) | Answer::Changes(_))) {
                self.0.cut();
            }
            // Whoever asked may have given up.
            drop(asked.answer.try_send(told));
        }
    }

    async fn answer(&mut self, question: Question) -> Result<Answer, PostgresSinkError> {
        let ready = match (self.0.ready().await, &question) {
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
}

impl Connect for Ready {
    type About = ();

    async fn connect(target: &Target, (): &()) -> Result<Self, PostgresSinkError> {
        let session = target.session(Purpose::Write, &STANDING).await?;
        Ok(Self {
            put: session.prepare(&put_sql()).await?,
            changes: session.prepare(&changes_sql()).await?,
            session,
        })
    }

    fn session(&self) -> &Session {
        &self.session
    }
}

impl Ready {
    async fn put(&self, text: &str) -> Result<Position, PostgresSinkError> {
        let row = self.session.client.query_opt(&self.put, &[&text]).await;
        let row = row.map_err(told(PostgresAction::Append))?;
        // The row that says where the order ends is gone, or the setting is another one.
        let row = row.ok_or_else(|| STANDING.missing())?;
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
    let end = end.ok_or_else(|| StoreError::altered(STANDING.missing()))?;
    Ok(Changes { entries, end })
}

/// A place that is none is found nowhere.
fn place(number: i64) -> Position {
    Position::new(u64::try_from(number).unwrap_or(u64::MAX))
}
