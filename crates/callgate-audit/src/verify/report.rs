//! What a verifier found.

use crate::Head;

use super::Fault;

/// What a verifier found: four answers, which are never mixed into one.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Report {
    /// How many records were read and found good, from the first on.
    pub records: u64,
    /// The head behind them. Whoever keeps it elsewhere can tell later what is missing.
    pub head: Head,
    /// Whether the records are as they were written, and in the same order.
    pub integrity: Integrity,
    /// Whether they reach as far as a head that was kept elsewhere.
    pub completeness: Completeness,
    /// Whether it is known who wrote them.
    pub authenticity: Authenticity,
    /// How many records say that something was erased.
    pub erasures: u64,
    /// The first place where the log stops being good.
    pub first_fault: Option<Fault>,
}

impl Report {
    /// Whether nothing was found: records are there, none is damaged, and none is missing as far
    /// as that was asked.
    pub fn is_good(&self) -> bool {
        self.integrity == Integrity::Ok && self.completeness != Completeness::Short
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
    /// No signature was looked at.
    NotChecked,
}

impl Authenticity {
    /// The word for it: `not_checked`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::NotChecked => "not_checked",
        }
    }
}
