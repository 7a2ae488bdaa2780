//! What the thread does to find and list texts.

use callgate_audit::texts::StoredText;
use callgate_types::Digest;
use tokio::time::timeout_at;
use tokio_postgres::Statement;

use crate::connect::{Purpose, Session, TEXTS, Tables, Target, told};
use crate::lane::{Asked, Attempts, Questions};
use crate::{PostgresAction, PostgresSinkError};

/// What the reading thread is asked.
pub(super) enum Read {
    /// Is there a text under this commitment?
    Find(Digest),
    /// Which commitments are there, behind this one, and no more than so many?
    List(Option<Digest>, usize),
}

/// What it found.
pub(super) enum Found {
    Text(Option<StoredText>),
    Commitments(Vec<Digest>),
}

/// Who finds and lists.
pub(super) struct Reading {
    target: Target,
    ready: Option<Ready>,
    attempts: Attempts,
}

/// A connection that reads.
struct Ready {
    session: Session,
    find: Statement,
    list: Statement,
}

impl Reading {
    /// Connects when it is asked something.
    pub(super) fn new(target: Target) -> Self {
        Self {
            target,
            ready: None,
            attempts: Attempts::default(),
        }
    }

    /// Answers until nobody asks any more.
    pub(super) async fn serve(mut self, mut questions: Questions<Read, Found>) {
        while let Some(Asked {
            question,
            deadline,
            answer,
        }) = questions.recv().await
        {
            self.attempts = Attempts::default();
            let told = if let Ok(told) = timeout_at(deadline, self.answer(&question)).await {
                told
            } else {
                self.ready = None;
                Err(self.attempts.out_of_time(PostgresAction::Find))
            };
            // Whoever asked may have given up.
            let _gave_up = answer.try_send(told);
        }
    }

    async fn answer(&mut self, question: &Read) -> Result<Found, PostgresSinkError> {
        loop {
            match self.once(question).await {
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

    async fn once(&mut self, question: &Read) -> Result<Found, PostgresSinkError> {
        let ready = self.ready().await?;
        match question {
            Read::Find(commitment) => ready.find(*commitment).await.map(Found::Text),
            Read::List(after, most) => ready.list(*after, *most).await.map(Found::Commitments),
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
        let session = target.session(Purpose::Read, Tables::Texts).await?;
        let find = format!("SELECT body FROM {TEXTS}.clear_text WHERE commitment = $1");
        let list = format!(
            "SELECT commitment FROM {TEXTS}.clear_text WHERE commitment > $1 \
             ORDER BY commitment LIMIT $2"
        );
        let find = session.client.prepare(&find).await;
        let find = find.map_err(told(PostgresAction::Connect))?;
        let list = session.client.prepare(&list).await;
        let list = list.map_err(told(PostgresAction::Connect))?;
        Ok(Self {
            session,
            find,
            list,
        })
    }

    async fn find(&self, commitment: Digest) -> Result<Option<StoredText>, PostgresSinkError> {
        let commitment = &commitment.as_bytes()[..];
        let client = &self.session.client;
        let row = client.query_opt(&self.find, &[&commitment]).await;
        let text = row.and_then(|row| {
            row.map(|row| Ok(StoredText::read(row.try_get(0)?)))
                .transpose()
        });
        text.map_err(told(PostgresAction::Find))
    }

    async fn list(
        &self,
        after: Option<Digest>,
        most: usize,
    ) -> Result<Vec<Digest>, PostgresSinkError> {
        let after = after.map_or(Vec::new(), |after| after.as_bytes().to_vec());
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let client = &self.session.client;
        let rows = client.query(&self.list, &[&after, &most]).await;
        let mut listed = Vec::new();
        for row in rows.map_err(told(PostgresAction::Find))? {
            let commitment: &[u8] = row.try_get(0).map_err(told(PostgresAction::Find))?;
            let commitment = commitment.try_into();
            // No digest was put under it: somebody else wrote the row.
            let commitment = commitment.map_err(|_| PostgresSinkError::Vanished)?;
            listed.push(Digest::from_bytes(commitment));
        }
        Ok(listed)
    }
}
