//! What keeps a gate informed of the store.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use callgate_identity::standing::{Change, Position, Standing, StandingStore, StoreError};
use callgate_types::Code;
use chrono::{DateTime, Utc};

use super::state::State;
use super::{Options, thread};
use crate::brokering::Brokering;
use crate::build::BuildError;
use crate::clock::Clock;
use crate::current::Current;

/// How many changes are asked for at once.
const PAGE: usize = 1_000;

/// Keeps a gate informed of the store, until it is dropped.
pub(crate) struct Watch(Arc<Shared>);

/// What the gate and its thread share.
pub(super) struct Shared {
    store: Arc<dyn StandingStore>,
    current: Arc<Current>,
    clock: Arc<dyn Clock>,
    /// Takes back the credentials of calls whose task has ended, or that were revoked otherwise.
    broker: Option<Brokering>,
    /// Never held while the store is asked.
    state: Mutex<State>,
    freshness: Duration,
    cached_reads: Option<Duration>,
    /// When the last look began that went well, by the clock that does not run backwards; in
    /// nanoseconds.
    seen: AtomicU64,
    /// The latest time of day that was seen, in microseconds: what has ended stays so, even if the
    /// clock is moved back.
    latest: AtomicI64,
    is_over: Mutex<bool>,
    over: Condvar,
}

/// How well a gate is informed of the store.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Informed {
    /// The last change that is in force here.
    pub position: Position,
    /// How long ago the last look began that went well.
    pub age: Duration,
    /// Whether calls are denied because that is too long ago.
    pub is_stale: bool,
    /// Why the last look failed; `None` where it did not.
    pub fault: Option<StoreError>,
    /// How many changes are in force here and not known to be in the store.
    pub unshared: usize,
}

impl Watch {
    /// Looks at the store for the first time, and starts the thread that goes on with that.
    pub(crate) fn start(
        store: Arc<dyn StandingStore>,
        options: &Options,
        current: Arc<Current>,
        clock: Arc<dyn Clock>,
        broker: Option<Brokering>,
    ) -> Result<Self, BuildError> {
        let shared = Arc::new(Shared {
            store,
            current,
            clock,
            broker,
            state: Mutex::new(State::new()),
            freshness: options.freshness,
            cached_reads: options.cached_reads,
            seen: AtomicU64::new(0),
            latest: AtomicI64::new(i64::MIN),
            is_over: Mutex::new(false),
            over: Condvar::new(),
        });
        shared.look().map_err(BuildError::Standing)?;
        shared.publish(&shared.state());
        thread::start(Arc::clone(&shared)).map_err(BuildError::Thread)?;
        Ok(Self(shared))
    }

    /// Whether the last look is recent enough for a call that writes, or does not, to be decided at
    /// `elapsed`.
    #[inline]
    pub(crate) fn check(
        &self,
        elapsed: Duration,
        writes: impl FnOnce() -> bool,
    ) -> Result<(), Code> {
        let age = self.0.age(elapsed);
        if age <= self.0.freshness {
            return Ok(());
        }
        match self.0.cached_reads {
            Some(most) if age <= most && !writes() => Ok(()),
            _ => Err(Code::StandingUnknown),
        }
    }

    /// The time of day by which tasks end: it does not go back.
    pub(crate) fn now(&self) -> DateTime<Utc> {
        self.0.now()
    }

    /// Takes back the credentials of calls that rest on what has ended by now.
    pub(crate) fn sweep(&self) {
        self.0.sweep();
    }

    /// Looks at the store now.
    pub(super) fn look(&self) -> Result<Position, StoreError> {
        self.0.look()
    }

    /// Puts into the store what is not in force before it is there.
    pub(super) fn put(&self, change: &Change) -> Result<Position, StoreError> {
        self.0.put(change)
    }

    /// Has `change`, which only takes away, in force here at once; then puts it into the store. If that
    /// fails, it stays in force here, and the thread goes on trying.
    pub(super) fn restrict(&self, change: &Change) -> Result<Position, StoreError> {
        let mut state = self.0.state();
        state.hold(change);
        self.0.publish(&state);
        drop(state);
        self.0.share(change)
    }

    /// What is in force here, as far as the store has it.
    pub(super) fn known<R>(&self, look: impl FnOnce(&Standing) -> R) -> R {
        look(self.0.state().base())
    }

    /// How well informed it is.
    pub(crate) fn informed(&self) -> Informed {
        let age = self.0.age(self.0.clock.elapsed());
        let state = self.0.state();
        Informed {
            position: state.base().position(),
            age,
            is_stale: age > self.0.freshness,
            fault: state.fault.clone(),
            unshared: state.unshared(),
        }
    }
}

impl Drop for Watch {
    /// Does not wait for the thread: it may wait for the store.
    fn drop(&mut self) {
        *lock(&self.0.is_over) = true;
        self.0.over.notify_all();
    }
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        lock(&self.state)
    }

    fn age(&self, elapsed: Duration) -> Duration {
        elapsed.saturating_sub(Duration::from_nanos(self.seen.load(Ordering::Acquire)))
    }

    fn now(&self) -> DateTime<Utc> {
        let now = self.clock.now();
        let latest = self.latest.load(Ordering::Relaxed);
        DateTime::from_timestamp_micros(latest).map_or(now, |latest| now.max(latest))
    }

    /// Puts what is in force where calls see it. The state is locked, so that no older one comes
    /// later.
    fn publish(&self, state: &State) {
        let standing = state.in_force();
        let follows = self
            .broker
            .as_ref()
            .map(|broker| (broker, standing.clone()));
        self.current.replace_standing(standing);
        // A call that begins in this moment sees the one or is seen by the other.
        if let Some((broker, standing)) = follows {
            broker.follow(&standing, self.now());
        }
    }

    /// Takes back the credentials of calls for tasks whose time is over, and of callers that have ended.
    pub(super) fn sweep(&self) {
        if let Some(broker) = self.broker.as_ref().filter(|broker| broker.lends()) {
            let standing = self.state().in_force();
            broker.follow(&standing, self.now());
        }
    }

    /// Asks the store for all that is new, and has it in force.
    pub(super) fn look(&self) -> Result<Position, StoreError> {
        let looked = self.try_look();
        let mut state = self.state();
        state.fault = looked.as_ref().err().cloned();
        looked
    }

    fn try_look(&self) -> Result<Position, StoreError> {
        // Before the store is asked: what is put into it meanwhile may be missed.
        let begun = self.clock.elapsed();
        let now = self.clock.now().timestamp_micros();
        self.latest.fetch_max(now, Ordering::Relaxed);
        loop {
            let after = self.state().base().position();
            let changes = guarded(|| self.store.changes(after, PAGE))?;
            let mut state = self.state();
            let (is_new, was_all) = state.take(after, &changes)?;
            if is_new {
                self.publish(&state);
            }
            if was_all {
                let begun = u64::try_from(begun.as_nanos()).unwrap_or(0);
                self.seen.fetch_max(begun, Ordering::AcqRel);
                return Ok(changes.end);
            }
        }
    }

    fn put(&self, change: &Change) -> Result<Position, StoreError> {
        guarded(|| self.store.put(change))
    }

    fn share(&self, change: &Change) -> Result<Position, StoreError> {
        let put = self.put(change);
        self.state().settle(change, put.as_ref().ok().copied());
        if put.is_ok() {
            // So that it need not be kept apart any longer. If that fails, the thread looks again.
            drop(self.look());
        }
        put
    }

    /// Puts into the store what was taken away here and could not be put there before. Stops at the
    /// first that cannot be, and says why.
    pub(super) fn share_all(&self) -> Result<(), StoreError> {
        loop {
            let next = self.state().next_to_share();
            let Some(change) = next else {
                return Ok(());
            };
            self.share(&change)?;
        }
    }

    /// Forgets a part of what is long over. It is out of force already: nothing is published.
    pub(super) fn forget(&self, round: usize) {
        self.state().forget(round);
    }

    /// Waits for `pause`; says whether the gate is gone.
    pub(super) fn is_over_within(&self, pause: Duration) -> bool {
        let is_over = lock(&self.is_over);
        let waited = self.over.wait_timeout_while(is_over, pause, |over| !*over);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }

    /// Between two looks: a quarter of how old one may be.
    pub(super) fn pause(&self) -> Duration {
        let quarter = self.freshness.checked_div(4).unwrap_or_default();
        quarter.max(Duration::from_millis(1))
    }
}

/// A store that panics has not answered.
fn guarded<R>(ask: impl FnOnce() -> Result<R, StoreError>) -> Result<R, StoreError> {
    catch_unwind(AssertUnwindSafe(ask)).unwrap_or(Err(StoreError::Panicked))
}

/// Nothing in here panics while it holds a lock.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for Watch {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.informed().fmt(f)
    }
}
