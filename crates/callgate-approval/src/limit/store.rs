//! Where what is reserved and counted is kept.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use callgate_types::Amount;

use super::Window;

/// Where what is reserved and counted is kept: the one truth about how much is used.
///
/// **Each call here takes place at one moment, the same for all threads and processes**, at the time of
/// the store. So no two calls get hold of the same rest of a limit.
///
/// A store that fails may have done what it was asked. The same call may then be made again, with the
/// same id: it is done once, and answered as if for the first time.
///
/// Stores bound the time for which they wait. `callgate_approval::limit::testkit` tries whether a
/// store keeps all this.
pub trait LimitStore: Send + Sync {
    /// Reserves all of `wants`, no two of one key, or nothing: where one of them would go beyond
    /// what it allows, all that would are named. What is reserved lapses after this time, unless
    /// it is counted or given back before.
    ///
    /// # Errors
    ///
    /// Fails where it is not known to be reserved, or where there is no room for another key.
    fn reserve(
        &self,
        id: ReservationId,
        lapses_after: Duration,
        wants: &[Want<'_>],
    ) -> Result<Reserved, LimitStoreError>;

    /// What was reserved under `id` is used: it does not lapse any more.
    ///
    /// # Errors
    ///
    /// Fails where it is not known to be counted.
    fn count(&self, id: ReservationId) -> Result<Counted, LimitStoreError>;

    /// What was reserved under these ids is free again, unless it was counted. Ids that hold
    /// nothing do no harm.
    ///
    /// # Errors
    ///
    /// Fails where it is not known to be free; it then lapses.
    fn give_back(&self, ids: &[ReservationId]) -> Result<(), LimitStoreError>;

    /// How much is reserved or counted under `key` now.
    ///
    /// # Errors
    ///
    /// Fails where nobody can tell.
    fn used(&self, key: &[u8], window: Window) -> Result<Amount, LimitStoreError>;

    /// Whether a call here may wait for a disk, a network or another process. One that does not
    /// is also called where nothing may wait, and how long it takes is not measured against any deadline:
    /// a store that says so and waits all the same holds its callers up.
    fn may_wait(&self) -> bool {
        true
    }
}

/// What one call would use of one limit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Want<'a> {
    /// Under what it is added up. The same key always comes with the same window.
    pub key: &'a [u8],
    /// For how long it is kept.
    pub window: Window,
    /// How much; not below zero.
    pub amount: Amount,
    /// The most that all under this key may come to, with this one.
    pub at_most: Amount,
    /// It is reserved even if that is more than allowed: somebody agreed.
    pub may_exceed: bool,
}

impl<'a> Want<'a> {
    /// `amount` of `at_most`.
    pub const fn new(key: &'a [u8], window: Window, amount: Amount, at_most: Amount) -> Self {
        Self {
            key,
            window,
            amount,
            at_most,
            may_exceed: false,
        }
    }

    /// Whether it goes beyond what is allowed where `used` is used without it.
    pub fn exceeds(&self, used: Amount) -> bool {
        match used.checked_add(self.amount) {
            Some(all) => all > self.at_most && !self.may_exceed,
            // Nobody could add it up.
            None => true,
        }
    }
}

/// What a reservation is known by: 16 bytes that no other reservation of the store has.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ReservationId([u8; 16]);

impl ReservationId {
    /// The id made of these bytes.
    pub const fn from_bytes(bytes: [u8; 16]) -> Self {
        Self(bytes)
    }

    /// The bytes.
    pub const fn as_bytes(&self) -> &[u8; 16] {
        &self.0
    }
}

impl fmt::Debug for ReservationId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:032x}", u128::from_be_bytes(self.0))
    }
}

/// What became of a reservation.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reserved {
    /// All is reserved.
    Held,
    /// Nothing is: these would go beyond what they allow, in the order in which they were given.
    Exceeded(Vec<Reached>),
}

/// A want that does not fit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Reached {
    /// Which of the wants, from 0.
    pub want: usize,
    /// How much was reserved or counted without it.
    pub used: Amount,
}

impl Reached {
    /// The want at this place, where so much was used.
    pub const fn new(want: usize, used: Amount) -> Self {
        Self { want, used }
    }
}

/// Whether something reserved was counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Counted {
    /// It was.
    Yes,
    /// It had lapsed, or was given back: nothing is counted.
    Lapsed,
}

/// A store did not do what it was asked, or nobody knows whether it did.
#[derive(Clone)]
pub struct LimitStoreError(Arc<dyn Error + Send + Sync>);

impl LimitStoreError {
    /// For this cause.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into().into())
    }
}

impl fmt::Debug for LimitStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LimitStoreError").field(&self.0).finish()
    }
}

impl fmt::Display for LimitStoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store of limits failed")
    }
}

impl Error for LimitStoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
