//! Answering: who may, and what it does.

use std::time::Duration;

use callgate_types::{Caller, Digest, Method, Principal, PrincipalId, PrincipalKind, Verification};
use chrono::{DateTime, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

use crate::approval::{Approval, State, Step, Stopped};
use crate::as_text;
use crate::demands::{Eligible, Group, Proof};

/// What an approver says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Answer<'a> {
    /// Yes, to what has this digest: that of the preview that was shown.
    Approve {
        /// The digest of what the approver was shown.
        seen: Digest,
        /// The approver's sentence.
        reason: Option<&'a str>,
    },
    /// No.
    Refuse {
        /// The approver's sentence.
        reason: Option<&'a str>,
    },
}

impl<'a> Answer<'a> {
    /// Longest sentence of an approver, in bytes.
    pub const MAX_REASON: usize = 1_024;

    /// Yes, to what has the digest `seen`.
    pub const fn approve(seen: Digest) -> Self {
        Self::Approve { seen, reason: None }
    }

    /// No.
    pub const fn refuse() -> Self {
        Self::Refuse { reason: None }
    }

    /// For this reason.
    #[must_use]
    pub const fn because(self, reason: &'a str) -> Self {
        let reason = Some(reason);
        match self {
            Self::Approve { seen, .. } => Self::Approve { seen, reason },
            Self::Refuse { .. } => Self::Refuse { reason },
        }
    }

    const fn reason(&self) -> Option<&'a str> {
        match self {
            Self::Approve { reason, .. } | Self::Refuse { reason } => *reason,
        }
    }
}

/// An answer, as a store keeps it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
#[non_exhaustive]
pub struct Answered {
    /// Who.
    #[serde(with = "as_text")]
    pub by: PrincipalId,
    /// How that was verified.
    pub verified: Box<str>,
    /// Who vouches for it.
    pub issuer: Option<Box<str>>,
    /// When the approver last proved who it is.
    pub proved_at: Option<DateTime<Utc>>,
    /// When, by the clock of the store.
    pub at: DateTime<Utc>,
    /// Whether it was yes.
    pub approved: bool,
    /// Whether it is the subject's own confirmation.
    pub confirms: bool,
    /// The groups in which it counts, by their place.
    pub groups: Vec<usize>,
    /// The digest of what was shown.
    #[serde(with = "as_text")]
    pub seen: Digest,
    /// The approver's sentence.
    pub reason: Option<Box<str>>,
    /// Whether the log does not know of it yet.
    pub unrecorded: bool,
}

impl Answered {
    /// A no of `by`; `None` where nobody knows who that is.
    pub(crate) fn no(
        now: DateTime<Utc>,
        by: &Caller,
        seen: Digest,
        reason: Option<&str>,
    ) -> Option<Self> {
        let subject = by.subject()?;
        let verification = subject.verification();
        Some(Self {
            by: subject.id().clone(),
            verified: verification.method().as_str().into(),
            issuer: verification.issuer().map(Into::into),
            proved_at: verification.proved_at(),
            at: now,
            approved: false,
            confirms: false,
            groups: Vec::new(),
            seen,
            reason: reason.map(Into::into),
            unrecorded: true,
        })
    }

    /// How the approver was verified, for a record.
    pub fn verification(&self) -> Verification {
        let method = Method::ALL.into_iter();
        let method = method
            .into_iter()
            .find(|known| known.as_str() == &*self.verified);
        let verification = match (method, &self.issuer) {
            (Some(method), Some(issuer)) => Verification::new(method, issuer.clone()),
            _ => Verification::ASSERTED,
        };
        match self.proved_at {
            Some(time) => verification.at(time),
            None => verification,
        }
    }
}

/// Why somebody's answer does not count. Nothing has changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unfit {
    /// Nothing is to be answered any more.
    #[error(transparent)]
    Stopped(#[from] Stopped),
    /// Nobody knows who answers.
    #[error("it is not known who answers")]
    Unknown,
    /// The credential of whoever answers has ended.
    #[error("the approver's credential has ended")]
    CredentialEnded,
    /// Somebody else answers on the approver's behalf.
    #[error("an approver answers in person, and nobody on their behalf")]
    ThroughActors,
    /// A program answers.
    #[error("an approver is a person")]
    NoPerson,
    /// The approver is of another tenant.
    #[error("the approver is of another tenant")]
    OtherTenant,
    /// The proof of who answers is too old, or of another kind than is demanded.
    #[error("the approver must prove anew who they are")]
    StepUp,
    /// It is the approver's own call.
    #[error("nobody approves a call of their own, or of what they own")]
    OwnCall,
    /// The approver is in no group that is asked.
    #[error("this approver is not asked")]
    NotAsked,
    /// The approver has answered before.
    #[error("this approver has answered already")]
    AnsweredBefore,
    /// The approver was shown something else.
    #[error("the approver was shown something else than what is asked")]
    OtherPreview,
    /// The sentence is too long.
    #[error("expected a reason of at most {} bytes", Answer::MAX_REASON)]
    LongReason,
}

impl Approval {
    /// What `answer` by `approver` makes of it at `now`. `holds` tells whether the approver holds a
    /// scope.
    ///
    /// # Errors
    ///
    /// Fails where nothing is to be answered any more, and where this approver's answer does not
    /// count.
    pub fn answer(
        &self,
        now: DateTime<Utc>,
        approver: &Caller,
        holds: &dyn Fn(&str) -> bool,
        answer: Answer<'_>,
    ) -> Result<Step, Unfit> {
        match self.state {
            State::Asked if now < self.expires_at => {}
            State::Asked => return Err(Stopped::Expired.into()),
            state => return Err(Stopped::At(state).into()),
        }
        let who = self.person(now, approver)?;
        if answer
            .reason()
            .is_some_and(|text| text.len() > Answer::MAX_REASON)
        {
            return Err(Unfit::LongReason);
        }
        let question = &self.question;
        let confirms = *who == question.person;
        let groups = match () {
            () if confirms => Vec::new(),
            () if question.concerns(who) => return Err(Unfit::OwnCall),
            () => self.groups_of(now, who, approver, holds),
        };
        if self.answers.iter().any(|known| known.by == *who) {
            return Err(Unfit::AnsweredBefore);
        }
        let seen = question.preview_digest();
        let agrees = match answer {
            Answer::Approve { .. } if confirms && !question.demands.confirm => {
                return Err(Unfit::OwnCall);
            }
            // Whoever asked may always say no.
            Answer::Refuse { .. } if confirms => false,
            _ if !confirms && groups.is_empty() => return Err(Unfit::NotAsked),
            Answer::Approve { seen: shown, .. } if shown != seen => {
                return Err(Unfit::OtherPreview);
            }
            Answer::Approve { .. } => {
                self.check_proof(now, approver)?;
                true
            }
            Answer::Refuse { .. } => false,
        };
        let verification = approver.subject().map(Principal::verification);
        let mut next = self.to(State::Asked);
        next.answers.push(Answered {
            by: who.clone(),
            verified: verification
                .map_or("", |known| known.method().as_str())
                .into(),
            issuer: verification.and_then(|known| known.issuer().map(Into::into)),
            proved_at: verification.and_then(Verification::proved_at),
            at: now,
            approved: agrees,
            confirms,
            groups,
            seen,
            reason: answer.reason().map(Into::into),
            unrecorded: true,
        });
        if !agrees {
            next.state = State::Refused;
        } else if next.is_complete() {
            next.state = State::Approved;
        }
        Ok(Step {
            next,
            from: None,
            before: Some(self.expires_at),
        })
    }

    /// Whether `who` may see it: whoever asked, and whoever is asked.
    pub fn is_for(
        &self,
        now: DateTime<Utc>,
        approver: &Caller,
        holds: &dyn Fn(&str) -> bool,
    ) -> bool {
        self.person(now, approver).is_ok_and(|who| {
            self.question.concerns(who) || !self.groups_of(now, who, approver, holds).is_empty()
        })
    }

    /// The person who answers, in person, in the tenant of the call.
    fn person<'a>(
        &self,
        now: DateTime<Utc>,
        approver: &'a Caller,
    ) -> Result<&'a PrincipalId, Unfit> {
        let subject = approver.subject().ok_or(Unfit::Unknown)?;
        if approver.refusal().is_some() {
            return Err(Unfit::Unknown);
        }
        if approver.expires().is_some_and(|end| now >= end) {
            return Err(Unfit::CredentialEnded);
        }
        if !approver.actors().is_empty() {
            return Err(Unfit::ThroughActors);
        }
        if subject.id().kind() != PrincipalKind::User {
            return Err(Unfit::NoPerson);
        }
        if approver.tenant() != self.question.tenant.as_deref() {
            return Err(Unfit::OtherTenant);
        }
        Ok(subject.id())
    }

    fn check_proof(&self, now: DateTime<Utc>, approver: &Caller) -> Result<(), Unfit> {
        let Some(demanded) = &self.question.demands.step_up else {
            return Ok(());
        };
        let verification = approver.subject().map(Principal::verification);
        let fits = verification.is_some_and(|shown| proves(demanded, shown, now));
        fits.then_some(()).ok_or(Unfit::StepUp)
    }

    /// The places of the groups in which `who` counts at `now`.
    fn groups_of(
        &self,
        now: DateTime<Utc>,
        who: &PrincipalId,
        approver: &Caller,
        holds: &dyn Fn(&str) -> bool,
    ) -> Vec<usize> {
        let is_one = |eligible: &Eligible| match eligible {
            Eligible::Role(role) => approver.roles().any(|held| *held == **role),
            Eligible::Scope(scope) => holds(scope),
            Eligible::Principal(id) => id == who,
        };
        let age = now.signed_duration_since(self.asked_at);
        let groups = self.question.demands.groups.iter().enumerate();
        groups
            .filter(|(_, group)| eligible(group, age).any(is_one))
            .map(|(place, _)| place)
            .collect()
    }
}

/// Who may approve for `group` once it was asked `age` ago.
fn eligible(group: &Group, age: TimeDelta) -> impl Iterator<Item = &Eligible> {
    let age = u64::try_from(age.num_milliseconds()).unwrap_or(0);
    let climbed = group.ladder.iter().filter(move |step| step.after_ms <= age);
    group.from.iter().chain(climbed.flat_map(|step| &step.from))
}

fn proves(demanded: &Proof, shown: &Verification, now: DateTime<Utc>) -> bool {
    let fresh = demanded.max_age_ms.is_none_or(|most| {
        let age = shown.proved_at().map(|at| now.signed_duration_since(at));
        let age = age.and_then(|age| age.to_std().ok());
        age.is_some_and(|age| age <= Duration::from_millis(most))
    });
    let method = shown.method().as_str();
    let methods = demanded.methods.as_ref();
    fresh && methods.is_none_or(|words| words.iter().any(|word| **word == *method))
}
