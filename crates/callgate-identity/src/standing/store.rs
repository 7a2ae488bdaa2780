//! Where changes are put in one order.

use std::error::Error;
use std::fmt;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use super::change::Change;

/// The place of a change in the one order: the first has 1, and none is left out.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Position(u64);

impl Position {
    /// Before the first change.
    pub const START: Self = Self(0);

    /// The place with this number.
    pub const fn new(number: u64) -> Self {
        Self(number)
    }

    /// Its number.
    pub const fn number(self) -> u64 {
        self.0
    }

    /// The next place.
    #[must_use]
    pub const fn next(self) -> Self {
        Self(self.0.saturating_add(1))
    }
}

impl fmt::Display for Position {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A change in its place.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores make it")]
pub struct Entry {
    /// Its place.
    pub position: Position,
    /// When the store took it, by the store's clock; never earlier than the one before.
    pub time: DateTime<Utc>,
    /// What it says.
    pub change: Change,
}

impl Entry {
    /// The change that a store keeps as `text` in the place `position`, since `micros` microseconds
    /// after 1970.
    ///
    /// # Errors
    ///
    /// [`StoreError::Altered`] for a text that is no change, and a time that is none.
    pub fn read(position: Position, micros: i64, text: &str) -> Result<Self, StoreError> {
        let time = DateTime::from_timestamp_micros(micros);
        let time = time.ok_or_else(|| StoreError::altered("expected a time"))?;
        let change = Change::parse(text).map_err(StoreError::altered)?;
        Ok(Self {
            position,
            time,
            change,
        })
    }
}

/// Changes behind a place, and how far the whole reaches.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(clippy::exhaustive_structs, reason = "stores make it")]
pub struct Changes {
    /// In their order, without a gap.
    pub entries: Vec<Entry>,
    /// The place of the last change that the store has, which may be behind these.
    pub end: Position,
}

/// Puts changes in one order that all processes see.
///
/// A store keeps what it has taken, and its order is one: whatever [`put`](Self::put) has returned is in every
/// [`changes`](Self::changes) that is asked for afterwards, by anybody, at the same place. It decides nothing:
/// what a change means is for [`Standing`](super::Standing) to say. The kit `standing::testkit`, behind the
/// feature `testkit`, tries one.
///
/// Calls may come from several threads at once. A store bounds the time that it takes; whoever waits for
/// one does not wait with calls to decide.
pub trait StandingStore: Send + Sync {
    /// Appends `change`, and returns its place once it survives whatever the store survives.
    ///
    /// # Errors
    ///
    /// [`StoreError::Unknown`] where it may have been stored, any other where it was not.
    fn put(&self, change: &Change) -> Result<Position, StoreError>;

    /// The changes behind `after`, at most `max` of them and at least one where there is one, and the
    /// end, which is not before the last of them.
    ///
    /// # Errors
    ///
    /// Where the store cannot be asked, and where what it holds cannot be read.
    fn changes(&self, after: Position, max: usize) -> Result<Changes, StoreError>;
}

/// A cause of a failure.
type Cause = Arc<dyn Error + Send + Sync>;

/// Why a store of standing did not do what it was asked for.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum StoreError {
    /// It did not answer, or said no. Nothing was stored.
    #[error("the standing store cannot be reached")]
    Unreachable(#[source] Cause),
    /// Its answer was lost: the change may have been stored.
    #[error("the standing store did not say whether it took the change")]
    Unknown(#[source] Cause),
    /// What it holds is not what was put into it, or cannot be read.
    #[error("the standing store holds what cannot be read")]
    Altered(#[source] Cause),
    /// It holds less than it did: it was replaced, or put back to an earlier state.
    #[error("the standing store went back: expected change {expected}, found {found} changes")]
    WentBack {
        /// What it had.
        expected: Position,
        /// Where it ends now.
        found: Position,
    },
    /// It panicked.
    #[error("the standing store panicked")]
    Panicked,
}

impl StoreError {
    /// [`StoreError::Unreachable`] with `cause`.
    pub fn unreachable(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unreachable(cause.into().into())
    }

    /// [`StoreError::Unknown`] with `cause`.
    pub fn unknown(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Unknown(cause.into().into())
    }

    /// [`StoreError::Altered`] with `cause`.
    pub fn altered(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self::Altered(cause.into().into())
    }
}
