//! A gate with a store that fails on demand.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use callgate::standing::{
    Change, Changes, MemoryStanding, Position, Revocation, StandingStore, StoreError, Task,
    TaskBuilder,
};
use callgate::{Caller, Context, Gate, GateBuilder, Principal, PrincipalId, ToolCall};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::support::{Faulty, Hands, POLICY, Ticking, alice, builder, context};

/// A store that fails on demand; its clones are the same store.
#[derive(Clone)]
pub(super) struct Fickle {
    pub(super) memory: MemoryStanding,
    fails: Arc<AtomicBool>,
}

impl Fickle {
    pub(super) fn new() -> Self {
        Self {
            memory: MemoryStanding::new(|| DateTime::UNIX_EPOCH),
            fails: Arc::default(),
        }
    }

    pub(super) fn fail(&self, fails: bool) {
        self.fails.store(fails, Ordering::SeqCst);
    }

    fn answer(&self) -> Result<(), StoreError> {
        if self.fails.load(Ordering::SeqCst) {
            return Err(StoreError::unreachable("the cable was pulled"));
        }
        Ok(())
    }
}

impl StandingStore for Fickle {
    fn put(&self, change: &Change) -> Result<Position, StoreError> {
        self.answer()?;
        self.memory.put(change)
    }

    fn changes(&self, after: Position, max: usize) -> Result<Changes, StoreError> {
        self.answer()?;
        self.memory.changes(after, max)
    }
}

/// A gate, and what a test turns at.
pub(super) struct Rig {
    pub(super) gate: Gate,
    pub(super) store: Fickle,
    pub(super) hands: Arc<Hands>,
    pub(super) sink: Arc<Faulty>,
}

impl Rig {
    pub(super) fn new() -> Self {
        Self::with(|builder| builder)
    }

    pub(super) fn with(more: impl FnOnce(GateBuilder) -> GateBuilder) -> Self {
        Self::on(Fickle::new(), more)
    }

    pub(super) fn on(store: Fickle, more: impl FnOnce(GateBuilder) -> GateBuilder) -> Self {
        let (hands, sink) = (Arc::<Hands>::default(), Faulty::new());
        let gate = builder(POLICY, sink.clone())
            .clock(Ticking(hands.clone()))
            .standing(store.clone());
        let gate = more(gate).build().unwrap();
        Self {
            gate,
            store,
            hands,
            sink,
        }
    }

    pub(super) fn code(&self, caller: &Caller, call: ToolCall, context: &Context) -> &'static str {
        self.gate.authorize(caller, call, context).code().as_str()
    }

    pub(super) fn begin(&self, task: TaskBuilder) {
        self.gate.begin_task(&alice(), task).unwrap();
    }

    pub(super) fn last(&self) -> Value {
        self.sink.records().pop().unwrap()
    }
}

pub(super) fn officer() -> Principal {
    Principal::asserted("user:officer".parse().unwrap()).member_of("acme", ["security"])
}

pub(super) fn id(text: &str) -> PrincipalId {
    text.parse().unwrap()
}

pub(super) fn at(seconds: i64) -> DateTime<Utc> {
    DateTime::UNIX_EPOCH
        .checked_add_signed(TimeDelta::seconds(seconds))
        .unwrap()
}

pub(super) fn task() -> TaskBuilder {
    Task::builder("t-7", at(900))
}

pub(super) fn for_task() -> Context {
    context().task("t-7")
}

/// Alice, with a bot.
pub(super) fn with_bot(tenant: &str) -> Caller {
    let alice = Principal::asserted(id("user:alice"))
        .member_of("acme", ["support"])
        .member_of("globex", ["support"]);
    let bot = Principal::asserted(id("agent:bot"));
    Caller::of(alice).acting(bot).in_tenant(tenant).unwrap()
}

pub(super) fn principal(tenant: Option<&str>, who: &str) -> Revocation {
    Revocation::principal(tenant, id(who)).unwrap()
}
