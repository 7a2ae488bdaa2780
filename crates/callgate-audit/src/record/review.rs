//! What a review of a right, or of a call afterwards, decided.

use callgate_types::{Digest, Principal, PrincipalId};
use chrono::{DateTime, Utc};

use super::write::{hex_or_null, number_or_null, principal_or_null, time_or_null};
use crate::Head;
use crate::encode::{Object, push_display};

/// A right was reviewed; or a call, after it ran.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ReviewDecidedRecord<'a> {
    /// When.
    pub time: DateTime<Utc>,
    /// The id of the review.
    pub review: &'a str,
    /// Whose right it is; `None` for the review of a call.
    pub principal: Option<&'a PrincipalId>,
    /// The right: a role, a scope or a rule; `None` for the review of a call.
    pub right: Option<&'a str>,
    /// The record of the decision that was reviewed; `None` for the review of a right.
    pub decision_seq: Option<u64>,
    /// What was decided.
    pub verdict: ReviewVerdict,
    /// Who decided; `None` where nobody did in time.
    pub by: Option<&'a Principal>,
    /// The digest of the policy that was looked at.
    pub policy: Option<Digest>,
    /// How far the log was looked at.
    pub log: Option<Head>,
    /// Until when it is decided.
    pub until: Option<DateTime<Utc>>,
    /// Why.
    pub reason: Option<&'a str>,
}

impl<'a> ReviewDecidedRecord<'a> {
    /// The review `review` came to `verdict`; what it was about is unknown yet.
    pub const fn new(time: DateTime<Utc>, review: &'a str, verdict: ReviewVerdict) -> Self {
        Self {
            time,
            review,
            principal: None,
            right: None,
            decision_seq: None,
            verdict,
            by: None,
            policy: None,
            log: None,
            until: None,
            reason: None,
        }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.name("review", Some(self.review));
        object.name("principal", self.principal.map(PrincipalId::as_str));
        object.name("right", self.right);
        number_or_null(object, "decision_seq", self.decision_seq);
        object.word("verdict", self.verdict.as_str());
        principal_or_null(object, "by", self.by);
        hex_or_null(object, "policy", self.policy);
        match self.log {
            Some(head) => push_display(object.key("log"), &head),
            None => object.null("log"),
        }
        time_or_null(object, "until", self.until);
        object.name("reason", self.reason);
    }
}

/// What a review decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum ReviewVerdict {
    /// The right stays; the call was right.
    Confirmed,
    /// The right goes.
    Revoked,
    /// The right stays, narrower than it was.
    Narrowed,
    /// The call should not have run.
    Objected,
    /// It is put off.
    Postponed,
}

impl ReviewVerdict {
    /// The word for it in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::Revoked => "revoked",
            Self::Narrowed => "narrowed",
            Self::Objected => "objected",
            Self::Postponed => "postponed",
        }
    }
}
