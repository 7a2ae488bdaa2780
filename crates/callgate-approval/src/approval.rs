//! One approval, and what its state may become.

use std::sync::Arc;
use std::time::Duration;

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::{Answered, ApprovalId, Question, assignment, shared};

/// One approval, as a store keeps it.
///
/// It never changes in place: every step of its life is a function from one to the next, which a
/// store takes if nobody was faster: see [`Step`].
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Approval {
    /// What it is known by.
    pub id: ApprovalId,
    /// How many steps were taken before this one.
    pub revision: u64,
    /// What is asked; every step has the same.
    #[serde(with = "shared")]
    pub question: Arc<Question>,
    /// When it was asked, by the clock of the store.
    pub asked_at: DateTime<Utc>,
    /// From when on no answer counts, and no call runs by it; by the clock of the store.
    pub expires_at: DateTime<Utc>,
    /// Who answered so far, each once.
    pub answers: Vec<Answered>,
    /// Where it stands.
    pub state: State,
    /// Whether the log does not know yet how it ended.
    pub unrecorded: bool,
}

/// Where an approval stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
#[non_exhaustive]
pub enum State {
    /// Something demanded is missing.
    Asked,
    /// All that is demanded is there: the call may be resumed.
    Approved,
    /// Somebody said no.
    Refused,
    /// It was not used in time.
    Expired,
    /// Whoever asked took it back.
    Cancelled,
    /// Another one took its place.
    Superseded,
    /// A permit holds it, which has not begun.
    Claimed(Claim),
    /// A call has begun by it.
    Consumed(Claim),
}

impl State {
    /// The word for it.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Asked => "asked",
            Self::Approved => "approved",
            Self::Refused => "refused",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
            Self::Superseded => "superseded",
            Self::Claimed(_) => "claimed",
            Self::Consumed(_) => "consumed",
        }
    }
}

/// What a permit holds of an approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Claim {
    /// What tells it from every other claim: 16 random bytes, written like an id.
    pub by: ApprovalId,
    /// From when on it is void, by the clock of the store.
    pub until: DateTime<Utc>,
}

/// A step in the life of an approval: what it becomes, if the clock of the store is inside the
/// window when it is taken.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Step {
    /// What it becomes.
    pub next: Approval,
    /// Not before this; `None` does not ask.
    pub from: Option<DateTime<Utc>>,
    /// Only before this; `None` does not ask.
    pub before: Option<DateTime<Utc>>,
}

impl Step {
    /// Whether it may be taken at `now`.
    pub fn is_in_time(&self, now: DateTime<Utc>) -> bool {
        self.from.is_none_or(|from| now >= from) && self.before.is_none_or(|end| now < end)
    }
}

/// Why an approval cannot take a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Stopped {
    /// It is too late, or nobody answered in time.
    #[error("the approval has expired")]
    Expired,
    /// It stands where no such step leads on.
    #[error("the approval is {}", .0.as_str())]
    At(State),
}

impl Approval {
    /// Longest time that an approval may be open.
    pub const MAX_TIME: Duration = Duration::from_secs(90 * 24 * 3_600);

    /// A new one, asked at `now`, for at most `time`.
    pub fn new(id: ApprovalId, question: Question, now: DateTime<Utc>, time: Duration) -> Self {
        Self {
            id,
            revision: 0,
            question: Arc::new(question),
            // Stores tell microseconds apart, and no more.
            asked_at: now.trunc_subsecs(6),
            expires_at: later(now, time.min(Self::MAX_TIME)),
            answers: Vec::new(),
            state: State::Asked,
            unrecorded: false,
        }
    }

    /// Whether everything that is demanded is there.
    pub fn is_complete(&self) -> bool {
        let demands = &self.question.demands;
        let confirmed = self.answers.iter().any(|answer| answer.confirms);
        let wanted: Vec<u32> = demands.groups.iter().map(|group| group.count).collect();
        let approvers = self.answers.iter().filter(|answer| !answer.confirms);
        let people: Vec<Vec<usize>> = approvers.map(|answer| answer.groups.clone()).collect();
        (confirmed || !demands.confirm)
            && (self.question.dry_run.is_some() || !demands.preview)
            && assignment::suffice(&wanted, &people)
    }

    /// Whether it stands in the way of another one for the same call at `now`: that call is answered
    /// with this one. One that was refused does so until it would have expired.
    pub fn holds_place(&self, now: DateTime<Utc>) -> bool {
        match self.state {
            State::Asked | State::Approved | State::Refused => now < self.expires_at,
            State::Claimed(claim) => now < claim.until.max(self.expires_at),
            _ => false,
        }
    }

    /// Whether somebody can still answer it, or resume a call by it.
    pub const fn is_open(&self) -> bool {
        matches!(
            self.state,
            State::Asked | State::Approved | State::Claimed(_)
        )
    }

    /// Whether nothing will ever come of it any more.
    pub fn is_dead(&self, now: DateTime<Utc>) -> bool {
        now >= self.expires_at && !matches!(self.state, State::Claimed(claim) if now < claim.until)
    }

    /// Hands it to the permit of a call, until `time` from `now` at most.
    ///
    /// # Errors
    ///
    /// Fails where it is not approved, has expired, or is held by another permit.
    pub fn claim(
        &self,
        now: DateTime<Utc>,
        by: ApprovalId,
        time: Duration,
    ) -> Result<Step, Stopped> {
        let from = match self.state {
            State::Approved => None,
            State::Claimed(held) if now >= held.until => Some(held.until),
            _ => return Err(Stopped::At(self.state)),
        };
        if now >= self.expires_at {
            return Err(Stopped::Expired);
        }
        let until = later(now, time).min(self.expires_at);
        let mut next = self.to(State::Claimed(Claim { by, until }));
        for answer in &mut next.answers {
            answer.unrecorded = false;
        }
        Ok(Step {
            next,
            from,
            before: Some(self.expires_at),
        })
    }

    /// Uses it up for the call whose permit holds it as `by`.
    ///
    /// # Errors
    ///
    /// Fails where no such permit holds it. Where it has for too long, the step is out of time.
    pub fn consume(&self, by: ApprovalId) -> Result<Step, Stopped> {
        match self.state {
            State::Claimed(claim) if claim.by == by => Ok(Step {
                next: self.to(State::Consumed(claim)),
                from: None,
                before: Some(claim.until),
            }),
            _ => Err(Stopped::At(self.state)),
        }
    }

    /// Takes it back from a permit that did not begin.
    ///
    /// # Errors
    ///
    /// Fails where no such permit holds it.
    pub fn give_back(&self, by: ApprovalId) -> Result<Step, Stopped> {
        match self.state {
            State::Claimed(claim) if claim.by == by => Ok(Step {
                next: self.to(State::Approved),
                from: None,
                before: None,
            }),
            _ => Err(Stopped::At(self.state)),
        }
    }

    /// Ends it, for nobody used it in time.
    ///
    /// # Errors
    ///
    /// Fails where it has ended already, and before its time.
    pub fn expire(&self, now: DateTime<Utc>) -> Result<Step, Stopped> {
        let from = match self.state {
            State::Asked | State::Approved => self.expires_at,
            State::Claimed(claim) => claim.until.max(self.expires_at),
            _ => return Err(Stopped::At(self.state)),
        };
        if now < from {
            return Err(Stopped::At(self.state));
        }
        Ok(Step {
            from: Some(from),
            ..self.ended(State::Expired)
        })
    }

    /// Ends it, for another one takes its place, or whoever asked takes it back: `to` says which.
    ///
    /// # Errors
    ///
    /// Fails where it has ended already, and while a permit holds it.
    pub fn withdraw(&self, now: DateTime<Utc>, to: Withdrawn) -> Result<Step, Stopped> {
        let from = match self.state {
            State::Asked | State::Approved => None,
            State::Claimed(claim) if now >= claim.until => Some(claim.until),
            _ => return Err(Stopped::At(self.state)),
        };
        let step = self.ended(match to {
            Withdrawn::Cancelled => State::Cancelled,
            Withdrawn::Superseded => State::Superseded,
        });
        Ok(Step { from, ..step })
    }

    /// Says that the log knows all that happened so far.
    pub fn recorded(&self) -> Step {
        let mut next = self.to(self.state);
        next.unrecorded = false;
        for answer in &mut next.answers {
            answer.unrecorded = false;
        }
        Step {
            next,
            from: None,
            before: None,
        }
    }

    fn ended(&self, state: State) -> Step {
        let mut next = self.to(state);
        next.unrecorded = true;
        Step {
            next,
            from: None,
            before: None,
        }
    }

    pub(crate) fn to(&self, state: State) -> Self {
        Self {
            revision: self.revision.saturating_add(1),
            state,
            ..self.clone()
        }
    }
}

/// How an approval ends that nobody answers any more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Withdrawn {
    /// Whoever asked took it back.
    Cancelled,
    /// Another one takes its place.
    Superseded,
}

fn later(now: DateTime<Utc>, time: Duration) -> DateTime<Utc> {
    let time = TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX);
    now.checked_add_signed(time)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
        .trunc_subsecs(6)
}
