//! What a verifier found.

use callgate_types::Digest;

use super::{Fault, Trusted};
use crate::{Head, VerifyingKey};

/// What a verifier found: four answers, which are never mixed into one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// The number of records up to which the log is good.
    pub records: u64,
    /// The head behind them. Whoever keeps it elsewhere can tell later what is missing.
    pub head: Head,
    /// The root of the tree over them; `None` where those that it needs were removed.
    pub root: Option<Digest>,
    /// The first record that was read: what stands before was verified earlier, or removed.
    pub verified_from: u64,
    /// Where the first records were removed: how many the record that confirms it names.
    pub pruned: Option<u64>,
    /// Whether the records are as they were written, and in the same order.
    pub integrity: Integrity,
    /// Whether they reach as far as a head that was kept elsewhere.
    pub completeness: Completeness,
    /// Whether it is known who wrote them.
    pub authenticity: Authenticity,
    /// How many records say that something was erased.
    pub erasures: u64,
    /// How many calls may have run of which no record says what became: decisions that let a call
    /// through, without an outcome, `not_begun` or `abandoned`. That is no fault: a call may be
    /// running, and a crash leaves those that were.
    pub dangling: u64,
    /// How many records the last valid checkpoint is about.
    pub sealed: Option<u64>,
    /// The key in force behind the last record: what the next verification must be given.
    pub key: Option<VerifyingKey>,
    /// The most witnesses that have cosigned one of the notes that were kept elsewhere.
    pub cosignatures: usize,
    /// How many of those notes are about records that were not read, so that they say nothing.
    pub unchecked_anchors: usize,
    /// Where the next verification can begin; `None` where the log is broken.
    pub trusted: Option<Trusted>,
    /// The first place where the log stops being good, or is no more known to be by whom it
    /// should be.
    pub first_fault: Option<Fault>,
}

impl Report {
    /// Whether nothing was found: records are there, none is damaged, none is missing and all are
    /// signed, as far as that was asked.
    pub fn is_good(&self) -> bool {
        self.integrity == Integrity::Ok
            && self.completeness != Completeness::Short
            && self.authenticity != Authenticity::Failed
    }
}

/// Whether records are as they were written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Integrity {
    /// They are.
    Ok,
    /// One was changed, dropped, repeated or moved.
    Broken,
    /// The last one is incomplete, as a crash leaves it; those before it are as they were.
    Torn,
    /// There is none. Nothing to verify is not a success.
    Empty,
}

impl Integrity {
    /// The word for it: `ok`, `broken`, `torn` or `empty`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Broken => "broken",
            Self::Torn => "torn",
            Self::Empty => "empty",
        }
    }
}

/// Whether a log reaches as far as a head that was kept elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Completeness {
    /// It does, and it is the same log.
    Ok,
    /// Records are missing at its end.
    Short,
    /// No head was given; or the log is broken, so that its length says nothing.
    NotChecked,
}

impl Completeness {
    /// The word for it: `ok`, `short` or `not_checked`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Short => "short",
            Self::NotChecked => "not_checked",
        }
    }
}

/// Whether it is known who wrote a log.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Authenticity {
    /// By the holder of the given key, or of one that it named as the next.
    Ok,
    /// Not by that one, or that is not known of enough of it.
    Failed,
    /// No key was given; or the log is broken, so that its checkpoints say nothing.
    NotChecked,
}

impl Authenticity {
    /// The word for it: `ok`, `failed` or `not_checked`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::Failed => "failed",
            Self::NotChecked => "not_checked",
        }
    }
}
