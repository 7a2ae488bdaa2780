//! What became of a call that ran.

use std::time::Duration;

use callgate_types::Digest;
use chrono::{DateTime, Utc};

use super::Keep;
use super::extent::Extent;
use super::keep::write_text;
use crate::encode::Object;

/// How a call that ran has ended.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct OutcomeRecord<'a> {
    /// When it ended.
    pub time: DateTime<Utc>,
    /// The record of its decision.
    pub decision_seq: u64,
    /// Whether the tool failed.
    pub status: OutcomeStatus,
    /// What the tool gave back; `None` where nothing of it is kept.
    pub result: Option<Kept<'a>>,
    /// How long it ran.
    pub duration: Duration,
}

impl OutcomeRecord<'_> {
    /// The end at `time` of the call decided in record `decision_seq`, which ran for `duration`.
    pub const fn new(
        time: DateTime<Utc>,
        decision_seq: u64,
        status: OutcomeStatus,
        duration: Duration,
    ) -> Self {
        Self {
            time,
            decision_seq,
            status,
            result: None,
            duration,
        }
    }

    pub(super) fn write(&self, extent: Extent, object: &mut Object<'_>) {
        object.number("decision_seq", self.decision_seq);
        object.word("status", self.status.as_str());
        match self.result {
            Some(Kept::Text(text)) => write_text(text, Keep::Text, extent, object.key("result")),
            Some(Kept::Digest(digest)) => {
                let mut inner = Object::begin(object.key("result"));
                inner.hex("digest", digest);
                inner.end();
            }
            None => object.null("result"),
        }
        let micros = u64::try_from(self.duration.as_micros()).unwrap_or(u64::MAX);
        object.number("duration_us", micros);
    }
}

/// Whether a tool failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum OutcomeStatus {
    /// It gave a result.
    Ok,
    /// It gave an error of its own.
    Error,
}

impl OutcomeStatus {
    /// The word for it in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Error => "error",
        }
    }
}

/// What is kept of a result.
#[derive(Clone, Copy)]
#[non_exhaustive]
pub enum Kept<'a> {
    /// The text itself. A text over the bound is kept by its digest, and the record says so.
    Text(&'a str),
    /// The digest of the text's bytes.
    Digest(Digest),
}

/// Shows the digest, never the text.
impl std::fmt::Debug for Kept<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Text(text) => f.debug_struct("Text").field("bytes", &text.len()).finish(),
            Self::Digest(digest) => f.debug_tuple("Digest").field(digest).finish(),
        }
    }
}
