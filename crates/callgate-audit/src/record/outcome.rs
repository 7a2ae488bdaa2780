//! What became of a call, and of the log itself.

use std::time::Duration;

use callgate_types::Digest;
use chrono::{DateTime, Utc};

use super::Keep;
use super::arguments::write_text;
use super::extent::Extent;
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

/// Records were lost: there was no room to keep them until they could be written.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct GapRecord {
    /// When the gap was noted.
    pub time: DateTime<Utc>,
    /// How many records were lost.
    pub lost: u64,
}

impl GapRecord {
    /// `lost` records were lost until `time`.
    pub const fn new(time: DateTime<Utc>, lost: u64) -> Self {
        Self { time, lost }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.number("lost", self.lost);
    }
}

/// The end of the log was torn by a crash, and was moved aside.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RecoveredRecord<'a> {
    /// When the log was opened.
    pub time: DateTime<Utc>,
    /// How many bytes were moved.
    pub bytes: u64,
    /// Their SHA-256.
    pub digest: Digest,
    /// Where they are now, within the log's folder.
    pub file: &'a str,
}

impl<'a> RecoveredRecord<'a> {
    /// `bytes` bytes with `digest` were moved to `file`.
    pub const fn new(time: DateTime<Utc>, bytes: u64, digest: Digest, file: &'a str) -> Self {
        Self {
            time,
            bytes,
            digest,
            file,
        }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.number("bytes", self.bytes);
        object.hex("digest", self.digest);
        object.name("file", Some(self.file));
    }
}

/// A policy came into force.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PolicyLoadedRecord<'a> {
    /// When it came into force.
    pub time: DateTime<Utc>,
    /// Its name.
    pub name: &'a str,
    /// Its digest; decisions name it.
    pub digest: Digest,
}

impl<'a> PolicyLoadedRecord<'a> {
    /// The policy `name` with `digest` came into force at `time`.
    pub const fn new(time: DateTime<Utc>, name: &'a str, digest: Digest) -> Self {
        Self { time, name, digest }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.name("name", Some(self.name));
        object.hex("digest", self.digest);
    }
}
