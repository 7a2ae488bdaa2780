//! What the thread does to put and erase texts.
//!
//! To put a text twice does no harm, so what became of a question whose answer was lost need not be settled:
//! it is asked again. Whatever waits to be put goes into one statement.

use std::collections::BTreeMap;
use std::sync::atomic::Ordering;
use std::sync::mpsc::SyncSender;

use callgate_audit::texts::TextError;
use callgate_types::Digest;
use tokio::time::Instant;
use tokio_postgres::Statement;

use super::{Row, failed};
use crate::connect::{Purpose, Session, Target, told};
use crate::lane::{Asked, Questions};
use crate::link::{Answers, Connect, Link};
use crate::settings::{SYNCHRONOUS, synchronous};
use crate::tables::{TEXTS, TEXTS_SCHEMA};
use crate::{PostgresAction, PostgresSinkError};

/// Bytes that one statement puts; a caller's texts stay together.
const MAX_BYTES: usize = 16 << 20;

/// What the writing thread is asked.
pub(super) enum Write {
    /// Put these.
    Put(Vec<Row>),
    /// Erase these.
    Erase(Vec<Digest>),
}

/// What it tells; several may be told the same.
pub(super) type Told = Result<(), TextError>;

/// Who puts and erases.
pub(super) struct Writing(Link<Ready>);

/// A connection that may write.
struct Ready {
    session: Session,
    put: Statement,
    erase: Statement,
}

/// What is done at once, and who waits for it.
#[derive(Default)]
struct Work {
    rows: BTreeMap<Digest, Vec<u8>>,
    bytes: usize,
    erase: Vec<Digest>,
    deadline: Option<Instant>,
    answers: Vec<SyncSender<Result<Told, PostgresSinkError>>>,
}

impl Writing {
    /// Connects, and looks at the tables.
    pub(super) async fn open(target: Target) -> Result<Self, PostgresSinkError> {
        Link::open(target, ()).await.map(Self)
    }

    /// Answers until nobody asks any more.
    pub(super) async fn serve(mut self, mut questions: Questions<Write, Told>) {
        while let Some(first) = questions.recv().await {
            let (mut puts, mut erasures) = (Work::default(), Work::default());
            let mut next = Some(first);
            while let Some(asked) = next {
                match asked.question {
                    Write::Put(_) => puts.add(asked),
                    Write::Erase(_) => erasures.add(asked),
                }
                next = if puts.bytes < MAX_BYTES {
                    questions.try_recv().ok()
                } else {
                    None
                };
            }
            self.perform(puts, PostgresAction::Put).await;
            self.perform(erasures, PostgresAction::Erase).await;
        }
    }

    async fn perform(&mut self, work: Work, action: PostgresAction) {
        let Some(deadline) = work.deadline else {
            return;
        };
        let told = self.0.ask(&work, deadline, action).await;
        let told = told.map_err(failed);
        for answer in work.answers {
            // Whoever asked may have given up.
            drop(answer.try_send(Ok(told.clone())));
        }
    }
}

impl Work {
    fn add(&mut self, asked: Asked<Write, Told>) {
        match asked.question {
            Write::Put(rows) => {
                let sizes = rows.iter().map(|(_, body)| body.len());
                self.bytes = self.bytes.saturating_add(sizes.sum());
                self.rows.extend(rows);
            }
            Write::Erase(commitments) => self.erase.extend(commitments),
        }
        // Whoever has less time gives up by themselves.
        self.deadline = self.deadline.max(Some(asked.deadline));
        self.answers.push(asked.answer);
    }
}

impl Connect for Ready {
    type About = ();

    async fn connect(target: &Target, (): &()) -> Result<Self, PostgresSinkError> {
        let session = target.session(Purpose::Write, &TEXTS).await?;
        let synchronous = SYNCHRONOUS.join(",");
        let put = format!(
            "INSERT INTO {TEXTS_SCHEMA}.clear_text (commitment, body) \
             SELECT * FROM unnest($1::bytea[], $2::bytea[]) \
             WHERE current_setting('synchronous_commit') = ANY ('{{{synchronous}}}') \
             ON CONFLICT (commitment) DO UPDATE SET body = EXCLUDED.body"
        );
        let erase = format!(
            "WITH gone AS ( \
               DELETE FROM {TEXTS_SCHEMA}.clear_text WHERE commitment = ANY ($1::bytea[])) \
             SELECT current_setting('synchronous_commit')"
        );
        Ok(Self {
            put: session.prepare(&put).await?,
            erase: session.prepare(&erase).await?,
            session,
        })
    }

    fn session(&self) -> &Session {
        &self.session
    }
}

impl Answers for Ready {
    type Question = Work;
    type Answer = ();

    async fn answer(&mut self, work: &Work) -> Result<(), PostgresSinkError> {
        self.session.warned.store(false, Ordering::Release);
        if !work.rows.is_empty() {
            self.put(&work.rows).await?;
        }
        if !work.erase.is_empty() {
            self.erase(&work.erase).await?;
        }
        if self.session.warned.load(Ordering::Acquire) {
            return Err(PostgresSinkError::Warned);
        }
        Ok(())
    }
}

impl Ready {
    async fn put(&self, rows: &BTreeMap<Digest, Vec<u8>>) -> Result<(), PostgresSinkError> {
        let commitments: Vec<&[u8]> = rows.keys().map(|it| &it.as_bytes()[..]).collect();
        let bodies: Vec<&[u8]> = rows.values().map(Vec::as_slice).collect();
        let client = &self.session.client;
        let put = client.execute(&self.put, &[&commitments, &bodies]).await;
        let put = put.map_err(told(PostgresAction::Put))?;
        if usize::try_from(put).is_ok_and(|put| put == rows.len()) {
            return Ok(());
        }
        // Either a setting was changed on the way, or something drops rows.
        self.check_synchronous().await?;
        Err(PostgresSinkError::Vanished)
    }

    async fn erase(&self, commitments: &[Digest]) -> Result<(), PostgresSinkError> {
        let commitments: Vec<&[u8]> = commitments.iter().map(|it| &it.as_bytes()[..]).collect();
        let client = &self.session.client;
        let row = client.query_one(&self.erase, &[&commitments]).await;
        let found = row.and_then(|row| row.try_get::<_, String>(0));
        synchronous(found.map_err(told(PostgresAction::Erase))?).map(drop)
    }

    async fn check_synchronous(&self) -> Result<(), PostgresSinkError> {
        let sql = "SELECT current_setting('synchronous_commit')";
        let row = self.session.client.query_one(sql, &[]).await;
        let found = row.and_then(|row| row.try_get::<_, String>(0));
        synchronous(found.map_err(told(PostgresAction::Put))?).map(drop)
    }
}
