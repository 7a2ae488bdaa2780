//! What the thread does to find and list texts.

use callgate_audit::texts::StoredText;
use callgate_types::Digest;
use tokio_postgres::Statement;

use crate::connect::{Purpose, Session, Target, told};
use crate::link::{Answers, Connect};
use crate::tables::{TEXTS, TEXTS_SCHEMA};
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

/// A connection over which texts are found and listed.
pub(super) struct Reading {
    session: Session,
    find: Statement,
    list: Statement,
}

impl Connect for Reading {
    type About = ();

    async fn connect(target: &Target, (): &()) -> Result<Self, PostgresSinkError> {
        let session = target.session(Purpose::Read, &TEXTS).await?;
        let find = format!("SELECT body FROM {TEXTS_SCHEMA}.clear_text WHERE commitment = $1");
        let list = format!(
            "SELECT commitment FROM {TEXTS_SCHEMA}.clear_text WHERE commitment > $1 \
             ORDER BY commitment LIMIT $2"
        );
        Ok(Self {
            find: session.prepare(&find).await?,
            list: session.prepare(&list).await?,
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
            Read::Find(commitment) => self.find(*commitment).await.map(Found::Text),
            Read::List(after, most) => self.list(*after, *most).await.map(Found::Commitments),
        }
    }
}

impl Reading {
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
