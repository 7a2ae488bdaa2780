//! A store that fails on demand, and a gate with it.

use std::sync::{Arc, Mutex};
use std::time::Duration;

use callgate::approval::limit::{
    Counted, LimitStore, LimitStoreError, MemoryLimits, ReservationId, Reserved, Want, Window,
};
use callgate::{Clock, DecisionKind, Gate, Permit};
use callgate_types::Amount;

use crate::support::{Faulty, Hands, POLICY, Ticking, alice, allowed, builder, change, context};

pub(super) type Nothing = Result<(), std::fmt::Error>;

/// Two changes an hour, by whom so ever of a tenant.
pub(super) const TWO: &str = "[[limits]]\nid = \"two\"\ncount = 2\ntools = [\"change\"]\nper = [\"caller/tenant\"]\nwindow = \"1h\"\n";

/// What the store does with the next calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Does {
    /// What it is asked.
    Well,
    /// Nothing, and says so.
    Nothing,
    /// What it is asked, and says that it does not know; once.
    LosesOneAnswer,
    Panics,
    /// What it is asked, too late.
    Slow,
}

pub(super) struct Store {
    memory: MemoryLimits,
    hands: Arc<Hands>,
    waits: bool,
    does: Mutex<Does>,
    asked: Mutex<Vec<&'static str>>,
}

impl Store {
    fn new(hands: &Arc<Hands>, waits: bool) -> Arc<Self> {
        let clock = Ticking(Arc::clone(hands));
        Arc::new(Self {
            memory: MemoryLimits::new(move || clock.now()),
            hands: Arc::clone(hands),
            waits,
            does: Mutex::new(Does::Well),
            asked: Mutex::default(),
        })
    }

    pub(super) fn set(&self, does: Does) {
        *self.does.lock().unwrap() = does;
    }

    /// What was asked since the last look.
    pub(super) fn asked(&self) -> Vec<&'static str> {
        std::mem::take(&mut self.asked.lock().unwrap())
    }

    fn ask<T>(
        &self,
        what: &'static str,
        work: impl FnOnce() -> Result<T, LimitStoreError>,
    ) -> Result<T, LimitStoreError> {
        self.asked.lock().unwrap().push(what);
        let does = *self.does.lock().unwrap();
        match does {
            Does::Well => work(),
            Does::Nothing => Err(LimitStoreError::new("no answer")),
            Does::LosesOneAnswer => {
                self.set(Does::Well);
                work().and(Err(LimitStoreError::new("the answer was lost")))
            }
            Does::Panics => panic!("the store panics, as it was told to"),
            Does::Slow => {
                self.hands.forward(Duration::from_secs(6));
                work()
            }
        }
    }
}

impl LimitStore for Store {
    fn reserve(
        &self,
        id: ReservationId,
        lapses_after: Duration,
        wants: &[Want<'_>],
    ) -> Result<Reserved, LimitStoreError> {
        self.ask("reserve", || self.memory.reserve(id, lapses_after, wants))
    }

    fn count(&self, id: ReservationId) -> Result<Counted, LimitStoreError> {
        self.ask("count", || self.memory.count(id))
    }

    fn give_back(&self, ids: &[ReservationId]) -> Result<(), LimitStoreError> {
        self.ask("give_back", || self.memory.give_back(ids))
    }

    fn used(&self, key: &[u8], window: Window) -> Result<Amount, LimitStoreError> {
        self.memory.used(key, window)
    }

    fn may_wait(&self) -> bool {
        self.waits
    }
}

/// A gate, its log, its clock and its store.
pub(super) struct Desk {
    pub(super) gate: Gate,
    pub(super) sink: Arc<Faulty>,
    pub(super) hands: Arc<Hands>,
    pub(super) store: Arc<Store>,
}

impl Desk {
    pub(super) fn new(limits: &str) -> Self {
        Self::with(&format!("{POLICY}{limits}"), true, false)
    }

    pub(super) fn with(policy: &str, waits: bool, observes: bool) -> Self {
        let (sink, hands) = (Faulty::new(), Arc::new(Hands::default()));
        hands.forward(Duration::from_secs(1_000_000));
        let store = Store::new(&hands, waits);
        let mut built = builder(policy, sink.clone())
            .clock(Ticking(Arc::clone(&hands)))
            .limits_shared(store.clone());
        if observes {
            built = built.dangerous_observe_only();
        }
        let gate = built.build().unwrap();
        Self {
            gate,
            sink,
            hands,
            store,
        }
    }

    pub(super) fn ask(&self) -> callgate::Decision {
        self.gate.authorize(&alice(), change(), &context())
    }

    #[track_caller]
    pub(super) fn permit(&self) -> Permit {
        allowed(self.ask())
    }

    #[track_caller]
    pub(super) fn run(&self) {
        run(self.permit());
    }

    /// How many further calls are allowed.
    pub(super) fn room(&self) -> usize {
        let permits: Vec<_> = (0..9).map(|_| self.ask()).collect();
        let allowed = permits
            .iter()
            .filter(|one| one.kind() == DecisionKind::Allow);
        let count = allowed.count();
        drop(permits);
        self.gate.flush().unwrap();
        count
    }
}

#[track_caller]
pub(super) fn run(permit: Permit) {
    let ran = permit.run(|_| Nothing::Ok(())).unwrap();
    ran.recorded.unwrap();
}
