//! What became of a call that did not run to its end.

use chrono::{DateTime, Utc};

use crate::encode::Object;

/// A call was allowed, and its tool was not begun.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct NotBegunRecord {
    /// When that was settled.
    pub time: DateTime<Utc>,
    /// The record of its decision.
    pub decision_seq: u64,
    /// Why.
    pub reason: NotBegunReason,
}

impl NotBegunRecord {
    /// The call decided in record `decision_seq` was not begun.
    pub const fn new(time: DateTime<Utc>, decision_seq: u64, reason: NotBegunReason) -> Self {
        Self {
            time,
            decision_seq,
            reason,
        }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.number("decision_seq", self.decision_seq);
        object.word("reason", self.reason.as_str());
    }
}

/// Why an allowed call was not begun.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum NotBegunReason {
    /// The permit was dropped.
    Dropped,
    /// The permit had expired.
    Expired,
    /// What it rested on was revoked.
    Revoked,
    /// The policy of the moment is stricter.
    Stricter,
    /// The record was stored too late: the caller had been told no.
    Late,
    /// The tool's own credential was not to be had.
    NoCredential,
}

impl NotBegunReason {
    /// The word for it in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Dropped => "dropped",
            Self::Expired => "expired",
            Self::Revoked => "revoked",
            Self::Stricter => "stricter",
            Self::Late => "late",
            Self::NoCredential => "no_credential",
        }
    }
}

/// A call was begun, and nobody told how it ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct AbandonedRecord {
    /// When it was given up.
    pub time: DateTime<Utc>,
    /// The record of its decision.
    pub decision_seq: u64,
}

impl AbandonedRecord {
    /// The call decided in record `decision_seq` was given up at `time`.
    pub const fn new(time: DateTime<Utc>, decision_seq: u64) -> Self {
        Self { time, decision_seq }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.number("decision_seq", self.decision_seq);
    }
}
