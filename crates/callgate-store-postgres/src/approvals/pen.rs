//! A connection over which approvals of either kind are written.

use std::sync::atomic::{AtomicBool, Ordering};

use callgate_approval::Taken;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

use super::functions::FORGOTTEN_AT_ONCE;
use crate::connect::{Purpose, Session, Target, told};
use crate::settings::synchronous;
use crate::tables::Tables;
use crate::{PostgresAction, PostgresSinkError};

/// A connection that may write.
pub(super) struct Pen {
    pub(super) session: Session,
}

impl Pen {
    pub(super) async fn over(target: &Target, tables: &Tables) -> Result<Self, PostgresSinkError> {
        let session = target.session(Purpose::Write, tables).await?;
        // Whoever has waited for somebody sees what they left behind.
        let set = "SET default_transaction_isolation = 'read committed'";
        let set = session.client.batch_execute(set).await;
        set.map_err(told(PostgresAction::Connect))?;
        Ok(Self { session })
    }

    /// What `work` did, unless the server has warned of something meanwhile.
    pub(super) async fn unwarned<T>(
        &self,
        work: impl Future<Output = Result<T, PostgresSinkError>>,
    ) -> Result<T, PostgresSinkError> {
        self.session.warned.store(false, Ordering::Release);
        let done = work.await?;
        if self.session.warned.load(Ordering::Acquire) {
            return Err(PostgresSinkError::Warned);
        }
        Ok(done)
    }

    /// The one row that a function tells.
    pub(super) async fn one(
        &self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Row, PostgresSinkError> {
        let row = self.session.client.query_one(statement, parameters).await;
        row.map_err(told(PostgresAction::KeepApproval))
    }

    /// Takes a step by a function that says what became of it.
    pub(super) async fn take(
        &self,
        statement: &Statement,
        parameters: &[&(dyn ToSql + Sync)],
    ) -> Result<Taken, PostgresSinkError> {
        let found = self.one(statement, parameters).await?;
        match get(&found, 0)? {
            "yes" => Ok(Taken::Yes),
            "moved" => Ok(Taken::Moved),
            "late" => Ok(Taken::OutOfTime),
            other => Err(refusal(other, &found)),
        }
    }

    /// Some at a time: others wait for none of these transactions for long.
    pub(super) async fn forget(
        &self,
        statement: &Statement,
        since: i64,
    ) -> Result<u64, PostgresSinkError> {
        let mut all = 0_u64;
        loop {
            let row = self.one(statement, &[&since]).await?;
            let gone: i64 = get(&row, 0)?;
            let gone = u64::try_from(gone).unwrap_or(0);
            all = all.saturating_add(gone);
            if gone < FORGOTTEN_AT_ONCE {
                return Ok(all);
            }
        }
    }
}

/// Whether it was sent to a server before, which may have done it: its answer was lost.
#[derive(Default)]
pub(super) struct Sent(AtomicBool);

impl Sent {
    /// It is sent now; says whether it was before.
    pub(super) fn again(&self) -> bool {
        self.0.swap(true, Ordering::Relaxed)
    }
}

/// The first bytes of a digest. Where two begin alike, those who mean them wait for one another.
pub(super) fn lock(digest: &[u8]) -> i64 {
    let first = digest.first_chunk().copied().unwrap_or_default();
    i64::from_be_bytes(first)
}

/// Why a function did nothing, or why nobody can tell what became of it.
pub(super) fn refusal(word: &str, row: &Row) -> PostgresSinkError {
    let found = || get::<&[u8]>(row, 1).map(|found| String::from_utf8_lossy(found).into_owned());
    match (word, found()) {
        ("synchronous_commit", Ok(found)) => match synchronous(found) {
            Err(error) => error,
            Ok(_) => PostgresSinkError::Unsettled,
        },
        ("transaction_isolation", Ok(found)) => PostgresSinkError::Setting {
            setting: "transaction_isolation",
            found,
            expected: "`read committed`",
        },
        _ => PostgresSinkError::Unsettled,
    }
}

pub(super) fn get<'a, T: tokio_postgres::types::FromSql<'a>>(
    row: &'a Row,
    place: usize,
) -> Result<T, PostgresSinkError> {
    row.try_get(place)
        .map_err(told(PostgresAction::KeepApproval))
}
