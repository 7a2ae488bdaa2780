//! The limits of a gate: what is reserved for a call, until it begins or does not.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use callgate_approval::limit::{
    Counted, LimitStore, LimitStoreError, Reached, ReservationId, Reserved, Want, Window,
};
use callgate_policy::Use;
use callgate_policy::document::{Limit, LimitWindow, OnExceed};
use callgate_types::Amount;

use crate::clock::Clock;
use crate::list::List;

/// How long a reservation outlives the permit that it is for: no permit begins after it lapsed,
/// though two clocks tell when.
const MARGIN: Duration = Duration::from_secs(15);

/// So many reservations wait to be given back; what is beyond lapses.
const WAITING: usize = 1_024;

/// Where a gate reserves.
pub(crate) struct Limits {
    store: Arc<dyn LimitStore>,
    clock: Arc<dyn Clock>,
    /// How long one call waits for the store.
    deadline: Duration,
    /// When a reservation lapses.
    lapses_after: Duration,
    /// What the ids of this gate begin with: random.
    origin: [u8; 8],
    next: AtomicU64,
    /// Reservations that were dropped where nothing may wait.
    waiting: Mutex<Vec<ReservationId>>,
    /// Whether there may be any: set under the lock, before one is put there.
    any_waiting: AtomicBool,
}

/// What became of what a call would use.
pub(crate) enum Taken<'p> {
    /// It is reserved.
    Held(Reservation),
    /// Nothing is: these limits are exceeded.
    Exceeded(Vec<Over<'p>>),
    /// The store did not answer in time, or not at all.
    Unavailable,
}

/// A limit that a call would exceed.
#[derive(Clone, Debug)]
pub(crate) struct Over<'p> {
    pub(crate) one: Use<'p>,
    /// How much is used without the call; `None` where the call cannot be counted.
    pub(crate) used: Option<Amount>,
}

impl Limits {
    pub(crate) fn new(
        store: Arc<dyn LimitStore>,
        clock: Arc<dyn Clock>,
        deadline: Duration,
        permit_expiry: Duration,
        origin: [u8; 8],
    ) -> Self {
        let lapses_after = permit_expiry
            .saturating_add(deadline)
            .saturating_add(MARGIN);
        Self {
            store,
            clock,
            deadline,
            lapses_after,
            origin,
            next: AtomicU64::new(0),
            waiting: Mutex::default(),
            any_waiting: AtomicBool::new(false),
        }
    }

    /// Reserves all that `uses` say, or nothing; takes them where it does. Where somebody `agreed`,
    /// limits that ask let more through than they say.
    pub(crate) fn reserve<'p>(
        self: &Arc<Self>,
        uses: &mut Vec<Use<'p>>,
        agreed: bool,
    ) -> Taken<'p> {
        // What waits is given back before it keeps anybody out.
        self.give_back_waiting();
        let began = self.beginning();
        let mut wants = List::<Want<'_>, 4>::new(NO_WANT);
        wants.extend(uses.iter().map(|one| want(one, agreed)));
        let wants = wants.as_slice();
        let mut reserved = Reservation {
            limits: Arc::clone(self),
            id: self.fresh_id(),
            shares: Vec::new(),
            is_held: true,
        };
        let ask = || self.store.reserve(reserved.id, self.lapses_after, wants);
        let Some(answer) = self.answer(began, ask) else {
            // It may be reserved all the same: then it is given back, or lapses.
            return Taken::Unavailable;
        };
        match answer {
            Reserved::Held => {
                // Not drained: so they are turned into shares where they stand in memory.
                let taken = std::mem::take(uses).into_iter();
                reserved.shares = taken.map(Share::of).collect();
                Taken::Held(reserved)
            }
            Reserved::Exceeded(reached) => {
                reserved.is_held = false;
                let over = |reached: &Reached| {
                    Some(Over {
                        one: uses.get(reached.want)?.clone(),
                        used: Some(reached.used),
                    })
                };
                let all: Option<Vec<Over<'p>>> = reached.iter().map(over).collect();
                match all {
                    Some(all) if !all.is_empty() => Taken::Exceeded(all),
                    // It names what was not asked for, or nothing at all.
                    _ => Taken::Unavailable,
                }
            }
            _ => Taken::Unavailable,
        }
    }

    /// Gives back what was dropped meanwhile; waits for the store.
    pub(crate) fn give_back_waiting(&self) {
        // Most often there is nothing, and nobody is locked out to see that.
        if !self.any_waiting.load(Ordering::Acquire) {
            return;
        }
        let mut waiting = self.waiting();
        let ids = std::mem::take(&mut *waiting);
        self.any_waiting.store(false, Ordering::Release);
        drop(waiting);
        if ids.is_empty() {
            return;
        }
        let given = call(|| self.store.give_back(&ids));
        if given.is_err() {
            // They are tried again with the next call, and lapse in the end.
            self.keep_waiting(ids);
        }
    }

    /// Asks the store, and where it fails once more: nothing is done twice under one id. `None`
    /// where there is no answer in time.
    fn answer<T>(
        &self,
        began: Option<Duration>,
        ask: impl Fn() -> Result<T, LimitStoreError>,
    ) -> Option<T> {
        let in_time = |began| self.clock.elapsed().saturating_sub(began) <= self.deadline;
        let in_time = || began.is_none_or(in_time);
        let answer = match call(&ask) {
            Ok(answer) => Some(answer),
            Err(_) if in_time() => call(&ask).ok(),
            Err(_) => None,
        };
        answer.filter(|_| in_time())
    }

    /// When a call of the store begins; `None` where that takes no time.
    fn beginning(&self) -> Option<Duration> {
        self.store.may_wait().then(|| self.clock.elapsed())
    }

    /// Frees a reservation where nothing may wait.
    fn release(&self, id: ReservationId) {
        if !self.store.may_wait() && call(|| self.store.give_back(&[id])).is_ok() {
            return;
        }
        self.keep_waiting([id]);
    }

    /// Puts aside what is to be given back, as far as there is room.
    fn keep_waiting(&self, ids: impl IntoIterator<Item = ReservationId>) {
        let mut waiting = self.waiting();
        let room = WAITING.saturating_sub(waiting.len());
        self.any_waiting.store(true, Ordering::Release);
        waiting.extend(ids.into_iter().take(room));
    }

    fn fresh_id(&self) -> ReservationId {
        let next = self.next.fetch_add(1, Ordering::Relaxed);
        let mut id = [0; 16];
        let bytes = self.origin.into_iter().chain(next.to_be_bytes());
        for (place, byte) in id.iter_mut().zip(bytes) {
            *place = byte;
        }
        ReservationId::from_bytes(id)
    }

    fn waiting(&self) -> MutexGuard<'_, Vec<ReservationId>> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// What is reserved for one call. Dropped, it is given back.
pub(crate) struct Reservation {
    limits: Arc<Limits>,
    id: ReservationId,
    shares: Vec<Share>,
    is_held: bool,
}

/// What is reserved under one key.
struct Share {
    key: Vec<u8>,
    amount: Option<Amount>,
    at_most: Amount,
}

impl Share {
    fn of(one: Use<'_>) -> Self {
        Self {
            amount: one.amount(),
            at_most: one.limit().at_most,
            key: one.into_key(),
        }
    }
}

impl Reservation {
    /// Whether all of `uses` are reserved by it, under the same bounds.
    pub(crate) fn covers(&self, uses: &[Use<'_>]) -> bool {
        let covered = |one: &Use<'_>| {
            self.shares.iter().any(|share| {
                share.key == one.key()
                    && share.amount == one.amount()
                    && share.at_most == one.limit().at_most
            })
        };
        uses.iter().all(covered)
    }

    /// It is used now. `None` where nobody knows.
    pub(crate) fn count(mut self) -> Option<Counted> {
        let began = self.limits.beginning();
        let counted = {
            let limits = &self.limits;
            limits.answer(began, || limits.store.count(self.id))
        };
        // What is counted is not given back; what is not known to be is, if it is not.
        self.is_held = counted.is_none();
        counted
    }

    /// Whether counting it may take its time.
    pub(crate) fn may_wait(&self) -> bool {
        self.limits.store.may_wait()
    }

    /// Gives it back at once; waits for the store.
    pub(crate) fn give_back(mut self) {
        let (limits, id) = (&self.limits, self.id);
        let given = call(|| limits.store.give_back(&[id]));
        // Otherwise it is tried again, and lapses in the end.
        self.is_held = given.is_err();
    }
}

impl Drop for Reservation {
    fn drop(&mut self) {
        if self.is_held {
            self.limits.release(self.id);
        }
    }
}

/// A store that panics has failed.
fn call<T>(ask: impl FnOnce() -> Result<T, LimitStoreError>) -> Result<T, LimitStoreError> {
    catch_unwind(AssertUnwindSafe(ask))
        .unwrap_or_else(|_| Err(LimitStoreError::new("the store panicked")))
}

/// Those of `uses` that cannot be counted; `None` where all can.
pub(crate) fn uncountable<'p>(uses: &[Use<'p>]) -> Option<Vec<Over<'p>>> {
    let all = uses.iter().filter(|one| one.amount().is_none());
    let over: Vec<Over<'p>> = all
        .map(|one| Over {
            one: one.clone(),
            used: None,
        })
        .collect();
    (!over.is_empty()).then_some(over)
}

/// Those of `uses` that do not fit even where nothing is used so far.
pub(crate) fn oversized<'p>(uses: &[Use<'p>]) -> Vec<Over<'p>> {
    let fits = |one: &&Use<'p>| {
        let amount = one.amount();
        amount.is_some_and(|amount| amount <= one.limit().at_most)
    };
    let all = uses.iter().filter(|one| !fits(one));
    let over = all.map(|one| Over {
        one: one.clone(),
        used: one.amount().map(|_| Amount::ZERO),
    });
    over.collect()
}

/// What is said of a limit that is exceeded.
pub(crate) fn exceeded(
    f: &mut fmt::Formatter<'_>,
    limit: &Limit,
    used: Option<Amount>,
) -> fmt::Result {
    if let Some(reason) = &limit.reason {
        write!(f, "{reason}: ")?;
    }
    let (id, most) = (&limit.id, limit.at_most);
    match used {
        Some(used) => write!(f, "limit `{id}` is reached, {used} of {most} are used"),
        None => write!(f, "the call cannot be counted towards limit `{id}`"),
    }
}

/// Stands where no want is.
const NO_WANT: Want<'static> = Want::new(&[], Window::Ever, Amount::ZERO, Amount::ZERO);

fn want<'a>(one: &'a Use<'_>, agreed: bool) -> Want<'a> {
    let limit = one.limit();
    let amount = one.amount().unwrap_or(Amount::MAX);
    let mut want = Want::new(one.key(), window(limit), amount, limit.at_most);
    want.may_exceed = agreed && limit.on_exceed == OnExceed::Ask;
    want
}

fn window(limit: &Limit) -> Window {
    match limit.window {
        Some(LimitWindow::Fixed(length)) => Window::Fixed(length),
        Some(LimitWindow::Sliding(length)) => Window::Sliding(length),
        _ => Window::Ever,
    }
}

/// A policy has limits, and the gate no store for them.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("limit `{limit}` is to be counted: a store of limits is needed")]
#[non_exhaustive]
pub struct NoLimits {
    /// The first limit of the policy.
    pub limit: Box<str>,
}
