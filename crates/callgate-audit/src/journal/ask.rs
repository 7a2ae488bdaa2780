//! What a journal is asked for, and what it answers.

use std::time::Duration;

use callgate_types::Digest;

use crate::{Cause, Durability, SignError, SinkError};

/// What is asked of a journal along with a record.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Ask {
    /// How far the record must be safe.
    pub durability: Durability,
    /// How long to wait for others who write. The one who writes waits for as long as the sink
    /// takes.
    pub deadline: Duration,
    /// What becomes of the record once the caller has been told that it failed.
    pub otherwise: Otherwise,
}

impl Ask {
    /// Asks for `durability` within `deadline`; a record that failed is forgotten.
    pub const fn new(durability: Durability, deadline: Duration) -> Self {
        Self {
            durability,
            deadline,
            otherwise: Otherwise::Forget,
        }
    }

    /// The record lets a call run: see [`Otherwise::NotBegun`].
    #[must_use]
    pub const fn opens(mut self) -> Self {
        self.otherwise = Otherwise::NotBegun;
        self
    }

    /// The record must not be lost: see [`Otherwise::Keep`].
    #[must_use]
    pub const fn keeps(mut self) -> Self {
        self.otherwise = Otherwise::Keep;
        self
    }
}

/// What becomes of a record whose caller was told that it failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Otherwise {
    /// Nothing: it may stand in the log, or not.
    Forget,
    /// Where it stands in the log after all, a `not_begun` record with the reason `late` follows:
    /// it let a call run, and the call was denied.
    NotBegun,
    /// Where it does not stand in the log, it is queued: later calls write it. Nobody need ask
    /// for it again, or it would stand there twice.
    Keep,
}

/// Where a record stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stored {
    /// The sequence number of the record.
    pub seq: u64,
    /// Its digest.
    pub digest: Digest,
    /// How far it is safe; at least as far as was asked.
    pub durability: Durability,
}

impl Stored {
    pub(super) const fn new(seq: u64, digest: Digest, durability: Durability) -> Self {
        Self {
            seq,
            digest,
            durability,
        }
    }
}

/// Why a record is not known to be as safe as was asked.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum AppendError {
    /// The deadline came first.
    #[error("the log was not written in time")]
    TimedOut,
    /// It is not known whether the log was written; later calls find out.
    #[error("it is not known whether the log was written")]
    Unknown(#[source] Cause),
    /// The journal writes no more.
    #[error("the log is closed")]
    Closed(#[source] SinkError),
    /// The journal writes records of that kind by itself.
    #[error("only the journal itself writes a record of the kind `{kind}`")]
    Reserved {
        /// The kind.
        kind: &'static str,
    },
    /// What was asked to be signed is not.
    #[error("the log is not signed")]
    NotSigned(#[source] SignError),
    /// The sink did not take the record; it may take others.
    #[error("the log did not take the record")]
    Refused(#[source] SinkError),
}

/// Whether a journal writes.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum JournalState {
    /// It writes.
    Open,
    /// It is not known whether the last records are stored, or safe; the next call finds out.
    InDoubt,
    /// It writes no more; a new journal is needed.
    Closed(SinkError),
}
