//! What the thread asks the server.

use std::time::Duration;

use callgate_approval::limit::{Reached, ReservationId, Want, Window};
use callgate_types::{Amount, Digest};
use tokio_postgres::types::ToSql;
use tokio_postgres::{Row, Statement};

use super::functions;
use super::migrate::LIMITS;
use crate::connect::{Purpose, Session, Target, told};
use crate::link::{Answers, Connect};
use crate::{PostgresAction, PostgresSinkError};

/// What the thread is asked.
pub(super) enum Question {
    Reserve(ReservationId, Wanted),
    Count(ReservationId),
    GiveBack(Vec<ReservationId>),
    Used(Digest, Window),
}

/// What it found.
pub(super) enum Answer {
    /// These do not fit; nothing is reserved unless there are none.
    Reserved(Vec<Reached>),
    Counted(bool),
    GivenBack,
    Used(Amount),
}

/// What is wanted, column by column.
pub(super) struct Wanted {
    time: i64,
    keys: Vec<Vec<u8>>,
    steps: Vec<i64>,
    kept: Vec<i64>,
    amounts: Vec<String>,
    at_most: Vec<String>,
    may_exceed: Vec<bool>,
}

impl Wanted {
    pub(super) fn new(time: Duration) -> Self {
        Self {
            time: i64::try_from(time.as_millis()).unwrap_or(i64::MAX),
            keys: Vec::new(),
            steps: Vec::new(),
            kept: Vec::new(),
            amounts: Vec::new(),
            at_most: Vec::new(),
            may_exceed: Vec::new(),
        }
    }

    pub(super) fn push(&mut self, want: &Want<'_>) {
        let (step, kept) = slices(want.window);
        self.keys.push(Digest::of(want.key).as_bytes().to_vec());
        self.steps.push(step);
        self.kept.push(kept);
        self.amounts.push(want.amount.to_string());
        self.at_most.push(want.at_most.to_string());
        self.may_exceed.push(want.may_exceed);
    }
}

/// How long a slice of a window is in milliseconds, 0 for ever; and how many before the latest count.
fn slices(window: Window) -> (i64, i64) {
    if window == Window::Ever {
        return (0, 0);
    }
    // Slice 0 begins at 0: it and those that count with it are over when all of them have passed.
    let kept = 0_i64.saturating_sub(window.oldest(0));
    let whole = window.end(0);
    let slices = kept.saturating_add(1);
    (whole.checked_div(slices).unwrap_or(whole), kept)
}

/// A connection over which it is asked.
pub(super) struct Asking {
    session: Session,
    reserve: Statement,
    count: Statement,
    give_back: Statement,
    used: Statement,
}

impl Connect for Asking {
    type About = ();

    async fn connect(target: &Target, (): &()) -> Result<Self, PostgresSinkError> {
        let session = target.session(Purpose::Write, &LIMITS).await?;
        Ok(Self {
            reserve: session.prepare(&functions::reserve()).await?,
            count: session.prepare(&functions::count()).await?,
            give_back: session.prepare(&functions::give_back()).await?,
            used: session.prepare(&functions::used()).await?,
            session,
        })
    }

    fn session(&self) -> &Session {
        &self.session
    }
}

/// Nothing is done twice under one id.
impl Answers for Asking {
    type Question = Question;
    type Answer = Answer;

    async fn answer(&mut self, question: &Question) -> Result<Answer, PostgresSinkError> {
        match question {
            Question::Reserve(id, wanted) => self.reserve(*id, wanted).await,
            Question::Count(id) => self.count(*id).await,
            Question::GiveBack(ids) => self.give_back(ids).await,
            Question::Used(key, window) => self.used(key, *window).await,
        }
    }
}

impl Asking {
    async fn reserve(
        &self,
        id: ReservationId,
        wanted: &Wanted,
    ) -> Result<Answer, PostgresSinkError> {
        let id = id.as_bytes().as_slice();
        let parameters: [&(dyn ToSql + Sync); 8] = [
            &id,
            &wanted.time,
            &wanted.keys,
            &wanted.steps,
            &wanted.kept,
            &wanted.amounts,
            &wanted.at_most,
            &wanted.may_exceed,
        ];
        let rows = self.session.client.query(&self.reserve, &parameters).await;
        let failed = told(PostgresAction::Append);
        let rows = rows.map_err(&failed)?;
        let reached = rows.iter().map(|row| {
            let place: i32 = row.try_get(0).map_err(&failed)?;
            let place = usize::try_from(place).unwrap_or(usize::MAX);
            Ok(Reached::new(place, amount(row, 1)?))
        });
        let mut reached = reached.collect::<Result<Vec<_>, PostgresSinkError>>()?;
        reached.sort_by_key(|one| one.want);
        Ok(Answer::Reserved(reached))
    }

    async fn count(&self, id: ReservationId) -> Result<Answer, PostgresSinkError> {
        let id = id.as_bytes().as_slice();
        let rows = self.session.client.execute(&self.count, &[&id]).await;
        let rows = rows.map_err(told(PostgresAction::Append))?;
        Ok(Answer::Counted(rows > 0))
    }

    async fn give_back(&self, ids: &[ReservationId]) -> Result<Answer, PostgresSinkError> {
        let ids: Vec<&[u8]> = ids.iter().map(|id| id.as_bytes().as_slice()).collect();
        let done = self.session.client.execute(&self.give_back, &[&ids]).await;
        done.map_err(told(PostgresAction::Append))?;
        Ok(Answer::GivenBack)
    }

    async fn used(&self, key: &Digest, window: Window) -> Result<Answer, PostgresSinkError> {
        let key = key.as_bytes().as_slice();
        let (step, kept) = slices(window);
        let client = &self.session.client;
        let row = client.query_one(&self.used, &[&key, &step, &kept]).await;
        let row = row.map_err(told(PostgresAction::Read))?;
        Ok(Answer::Used(amount(&row, 0)?))
    }
}

/// An amount, which the server writes as text.
fn amount(row: &Row, place: usize) -> Result<Amount, PostgresSinkError> {
    let text: String = row.try_get(place).map_err(told(PostgresAction::Read))?;
    text.parse().map_err(|_| PostgresSinkError::BadAmount)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn slices_of_windows() {
        for seconds in [1, 59, 60, 61, 3_600, 86_400, 31_536_000] {
            for window in [
                Window::Fixed(Duration::from_secs(seconds)),
                Window::Sliding(Duration::from_secs(seconds)),
            ] {
                let (step, kept) = slices(window);
                for millis in [0, 1, 999, 1_000, 1_770_000_000_123, 1_770_000_000_999] {
                    let slice = i64::checked_div(millis, step).unwrap();
                    assert_eq!(slice, window.slice(millis), "{window:?}");
                    assert_eq!(slice.saturating_sub(kept), window.oldest(slice));
                }
            }
        }
        assert_eq!(slices(Window::Ever), (0, 0));
    }
}
