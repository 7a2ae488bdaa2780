//! Limits in memory.

mod account;
mod held;
mod shard;

use std::fmt;
use std::time::Duration;

use callgate_types::Amount;
use chrono::{DateTime, Utc};

use self::held::{Held, Reservation, Shares};
use self::shard::Shards;
use super::{Counted, LimitStore, LimitStoreError, Reached, ReservationId, Reserved, Want, Window};

/// Limits in memory: for one process, for as long as it lives.
///
/// It waits for nobody but other threads, for as long as they add a few numbers up. It reads no
/// clock itself: it is told one. It keeps a million keys by default; keys of which nothing counts
/// any more make room for others, and without room a reservation fails.
///
/// # Examples
///
/// ```
/// use callgate_approval::limit::MemoryLimits;
///
/// let store = MemoryLimits::new(chrono::Utc::now);
/// # drop(store);
/// ```
pub struct MemoryLimits {
    clock: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    shards: Shards,
    held: Held,
}

impl MemoryLimits {
    /// How many keys are kept, unless it is said otherwise.
    pub const KEYS: usize = 1_000_000;

    /// An empty store whose time is that of `clock`.
    pub fn new(clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self::with_room(Self::KEYS, clock)
    }

    /// An empty store for about so many keys.
    pub fn with_room(
        keys: usize,
        clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static,
    ) -> Self {
        Self {
            clock: Box::new(clock),
            shards: Shards::new(keys),
            held: Held::new(),
        }
    }

    fn now(&self) -> i64 {
        (self.clock)().timestamp_millis()
    }

    /// Reserves, if it fits beside what is reserved so far, lapsed or not.
    fn try_reserve(
        &self,
        id: ReservationId,
        until: i64,
        now: i64,
        wants: &[Want<'_>],
    ) -> Result<Reserved, LimitStoreError> {
        let mut locked = self.shards.lock(wants);
        let mut reached = Vec::new();
        for (place, want) in wants.iter().enumerate() {
            let used = locked.used(place, want, now);
            if used.is_none_or(|used| want.exceeds(used)) {
                reached.push(Reached::new(place, used.unwrap_or(Amount::MAX)));
            }
        }
        if !reached.is_empty() {
            return Ok(Reserved::Exceeded(reached));
        }
        let mut shares = Shares::NONE;
        for (place, want) in wants.iter().enumerate() {
            let Some(share) = locked.add(place, want, now) else {
                locked.take_back(&shares);
                return Err(LimitStoreError::new("there is no room for another key"));
            };
            shares.push(share);
        }
        let reservation = Reservation { until, shares };
        if let Some(again) = self.held.keep(id, reservation) {
            // It was reserved before, under the same id.
            locked.take_back(&again);
        }
        Ok(Reserved::Held)
    }

    fn free(&self, reservations: impl IntoIterator<Item = Reservation>) {
        for reservation in reservations {
            for share in reservation.shares.iter() {
                self.shards.take_back(share);
            }
        }
    }
}

impl fmt::Debug for MemoryLimits {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryLimits").finish_non_exhaustive()
    }
}

impl LimitStore for MemoryLimits {
    fn reserve(
        &self,
        id: ReservationId,
        lapses_after: Duration,
        wants: &[Want<'_>],
    ) -> Result<Reserved, LimitStoreError> {
        let now = self.now();
        let time = i64::try_from(lapses_after.as_millis()).unwrap_or(i64::MAX);
        let until = now.saturating_add(time);
        let reserved = self.try_reserve(id, until, now, wants)?;
        if reserved == Reserved::Held {
            self.free(self.held.lapsed(now, Some(id)));
            return Ok(reserved);
        }
        let lapsed = self.held.lapsed(now, None);
        if lapsed.is_empty() {
            return Ok(reserved);
        }
        self.free(lapsed);
        self.try_reserve(id, until, now, wants)
    }

    fn count(&self, id: ReservationId) -> Result<Counted, LimitStoreError> {
        match self.held.take(id) {
            Some(one) if one.until > self.now() => Ok(Counted::Yes),
            lapsed => {
                self.free(lapsed);
                Ok(Counted::Lapsed)
            }
        }
    }

    fn give_back(&self, ids: &[ReservationId]) -> Result<(), LimitStoreError> {
        self.free(ids.iter().filter_map(|id| self.held.take(*id)));
        Ok(())
    }

    fn used(&self, key: &[u8], window: Window) -> Result<Amount, LimitStoreError> {
        let now = self.now();
        self.free(self.held.lapsed(now, None));
        let want = Want::new(key, window, Amount::ZERO, Amount::MAX);
        let used = self.shards.lock(&[want]).used(0, &want, now);
        used.ok_or_else(|| LimitStoreError::new("the sum is too large"))
    }

    fn may_wait(&self) -> bool {
        false
    }
}
