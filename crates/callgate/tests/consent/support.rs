//! A desk where large refunds are asked about: its policy, its people, its log, its store.

use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callgate::approval::{
    Allowance, Found, Listed, Listing, Loaded, Look, Opened, Step, StoreError, Taken,
};
use callgate::{
    Approval, ApprovalAnswer, ApprovalId, ApprovalState, ApprovalStore, AuditSink, Authorized,
    Caller, ConsentError, Context, Decision, Gate, GateBuilder, MemoryApprovals, MemorySink,
    NotBegun, Parked, Pending, Permit, Principal, SinkError, ToolCall,
};
use callgate_audit::{Batch, Head};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

pub(crate) const POLICY: &str = r#"
format = 1
name = "desk"

[roles]
support = {}
lead = { scopes = ["refund:approve"] }

[tools.refund]
access = "write"
scope = "none"
record = { "/pin" = "digest" }
[tools.refund.arguments]
"/amount" = { integer = { at_least = 1, at_most = 1000 } }
"/note" = { text = { max_chars = 100000 }, nullable = true, optional = true }
"/pin" = { text = { max_chars = 20 }, optional = true }

[[rules]]
id = "refunds"
effect = "permit"
roles = ["support"]

[[rules]]
id = "large"
effect = "ask"
tools = ["refund"]
when = { "arguments/amount" = { integer = { above = 50 } } }
approval = { all_of = [{ from = ["role:lead"] }], expires_in = "15m" }
"#;

pub(crate) fn principal(id: &str, roles: &[&str]) -> Principal {
    Principal::asserted(id.parse().unwrap()).member_of("acme", roles.iter().copied())
}

pub(crate) fn caller(id: &str, roles: &[&str]) -> Caller {
    Caller::of(principal(id, roles)).in_tenant("acme").unwrap()
}

/// Alice, through the bot of carol.
pub(crate) fn alice() -> Caller {
    let bot = Principal::asserted("agent:bot".parse().unwrap());
    Caller::of(principal("user:alice", &["support"]))
        .acting(bot.owned_by("user:carol".parse().unwrap()))
        .in_tenant("acme")
        .unwrap()
}

pub(crate) fn bob() -> Caller {
    caller("user:bob", &["lead"])
}

pub(crate) fn refund(arguments: &str) -> ToolCall {
    ToolCall::from_text("refund", arguments)
}

pub(crate) fn large() -> ToolCall {
    refund(r#"{"amount": 80, "note": "late parcel"}"#)
}

pub(crate) fn context() -> Context {
    Context::new().session("s1").task("t1").environment("prod")
}

/// A clock that all stores of a test share, and that moves when it is told to.
#[derive(Clone, Default)]
pub(crate) struct Hands(Arc<AtomicI64>);

impl Hands {
    pub(crate) fn forward(&self, time: Duration) {
        let millis = i64::try_from(time.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }

    pub(crate) fn now(&self) -> DateTime<Utc> {
        let noon: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        noon + TimeDelta::milliseconds(self.0.load(Ordering::SeqCst))
    }
}

/// What goes wrong, and when: after so many operations of store and log.
#[derive(Default)]
pub(crate) struct Trouble {
    /// How many operations are left before it; `None` is never.
    pub(crate) after: Mutex<Option<u32>>,
    /// Whether that operation is done, though nobody is told.
    pub(crate) done: Mutex<bool>,
    /// Whether only that operation fails, and later ones go well.
    pub(crate) once: Mutex<bool>,
}

impl Trouble {
    /// Whether the next operation is done, and whether it is told.
    pub(crate) fn next(&self) -> (bool, bool) {
        let mut after = self.after.lock().unwrap();
        match *after {
            None => (true, true),
            Some(0) => {
                let done = *self.done.lock().unwrap();
                if *self.once.lock().unwrap() {
                    *after = None;
                } else {
                    // Later ones are not even done.
                    *self.done.lock().unwrap() = false;
                }
                (done, false)
            }
            Some(left) => {
                *after = Some(left - 1);
                (true, true)
            }
        }
    }

    pub(crate) fn fail_after(&self, operations: u32, done: bool, once: bool) {
        *self.after.lock().unwrap() = Some(operations);
        *self.done.lock().unwrap() = done;
        *self.once.lock().unwrap() = once;
    }
}

/// A store that fails on demand.
#[derive(Clone)]
pub(crate) struct Shaky {
    pub(crate) memory: Arc<MemoryApprovals>,
    pub(crate) trouble: Arc<Trouble>,
}

impl Shaky {
    fn run<T>(&self, work: impl FnOnce(&MemoryApprovals) -> T) -> Result<T, StoreError> {
        let (done, told) = self.trouble.next();
        let result = done.then(|| work(&self.memory));
        match result {
            Some(result) if told => Ok(result),
            _ => Err(StoreError::new("no answer")),
        }
    }
}

impl ApprovalStore for Shaky {
    fn find(&self, look: &Look<'_>) -> Result<Found, StoreError> {
        self.run(|store| store.find(look))?
    }

    fn open(&self, new: &Approval, allowed: Option<Allowance>) -> Result<Opened, StoreError> {
        self.run(|store| store.open(new, allowed))?
    }

    fn load(&self, id: ApprovalId) -> Result<Loaded, StoreError> {
        self.run(|store| store.load(id))?
    }

    fn take(&self, step: &Step) -> Result<Taken, StoreError> {
        self.run(|store| store.take(step))?
    }

    fn list(&self, what: &Listing<'_>) -> Result<Listed, StoreError> {
        self.run(|store| store.list(what))?
    }

    fn forget_dead(&self, since: Duration) -> Result<u64, StoreError> {
        self.run(|store| store.forget_dead(since))?
    }
}

/// A log that fails on demand.
#[derive(Clone)]
pub(crate) struct Leaky {
    pub(crate) memory: Arc<MemorySink>,
    pub(crate) trouble: Arc<Trouble>,
}

impl AuditSink for Leaky {
    fn head(&self) -> Result<Head, SinkError> {
        self.memory.head()
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        let (done, told) = self.trouble.next();
        let result = done.then(|| self.memory.append(after, batch));
        match result {
            Some(result) if told => result,
            _ => Err(SinkError::unknown(std::io::Error::other("no answer"))),
        }
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        self.memory.sync(upto)
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        self.memory.read(from, max)
    }
}

/// A gate with all that it needs; several may share store, log and clock.
pub(crate) struct Desk {
    pub(crate) gate: Gate,
    pub(crate) store: Shaky,
    pub(crate) log: Leaky,
    pub(crate) hands: Hands,
}

impl Desk {
    pub(crate) fn new() -> Self {
        Self::with(POLICY, |builder| builder)
    }

    pub(crate) fn with(policy: &str, change: impl FnOnce(GateBuilder) -> GateBuilder) -> Self {
        Self::by(policy, Hands::default(), change)
    }

    /// As that, by a clock that others go by, too.
    pub(crate) fn by(
        policy: &str,
        hands: Hands,
        change: impl FnOnce(GateBuilder) -> GateBuilder,
    ) -> Self {
        let clock = hands.clone();
        let store = Shaky {
            memory: Arc::new(MemoryApprovals::new(move || clock.now())),
            trouble: Arc::default(),
        };
        let log = Leaky {
            memory: Arc::new(MemorySink::new()),
            trouble: Arc::default(),
        };
        let gate = build(policy, &store, &log, change);
        Self {
            gate,
            store,
            log,
            hands,
        }
    }

    /// Another process: it shares the store and goes on with the log, and nothing else.
    pub(crate) fn restarted(&self) -> Self {
        self.under(POLICY)
    }

    pub(crate) fn under(&self, policy: &str) -> Self {
        self.under_with(policy, |builder| builder)
    }

    pub(crate) fn under_with(
        &self,
        policy: &str,
        change: impl FnOnce(GateBuilder) -> GateBuilder,
    ) -> Self {
        let store = Shaky {
            memory: Arc::clone(&self.store.memory),
            trouble: Arc::default(),
        };
        let log = Leaky {
            memory: Arc::clone(&self.log.memory),
            trouble: Arc::default(),
        };
        Self {
            gate: build(policy, &store, &log, change),
            store,
            log,
            hands: self.hands.clone(),
        }
    }

    #[track_caller]
    pub(crate) fn ask(&self, call: ToolCall) -> Parked {
        pending(self.gate.authorize(&alice(), call, &context()))
            .park()
            .unwrap()
    }

    pub(crate) fn answer(
        &self,
        id: ApprovalId,
        who: &Caller,
    ) -> Result<ApprovalState, ConsentError> {
        let asked = self.gate.approval(id, who)?;
        let yes = ApprovalAnswer::approve(asked.question.preview_digest());
        self.gate.answer(id, who, yes)
    }

    /// Asked, and approved by bob.
    #[track_caller]
    pub(crate) fn approved(&self) -> Parked {
        let parked = self.ask(large());
        let state = self.answer(parked.approval(), &bob()).unwrap();
        assert_eq!(state, ApprovalState::Approved);
        parked
    }

    pub(crate) fn resume(&self, parked: &Parked) -> Decision {
        self.gate
            .resume(parked.approval(), &alice(), parked.call(), &context())
    }

    pub(crate) fn state(&self, id: ApprovalId) -> &'static str {
        let loaded = self.store.memory.load(id).unwrap();
        loaded.approval.unwrap().state.as_str()
    }

    pub(crate) fn records(&self) -> Vec<Value> {
        let batch = self.log.memory.read(0, usize::MAX).unwrap();
        let lines = batch.lines();
        lines
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    /// The kinds of all records but those about policies, with the word that matters.
    pub(crate) fn story(&self) -> Vec<String> {
        let records = self.records();
        let told = records
            .iter()
            .filter(|record| record["kind"] != "policy_loaded");
        told.map(|record| {
            let kind = record["kind"].as_str().unwrap();
            let word = ["code", "verdict", "reason", "status"];
            let word = word.iter().find_map(|key| record[key].as_str());
            word.map_or_else(|| kind.to_owned(), |word| format!("{kind} {word}"))
        })
        .collect()
    }
}

fn build(
    policy: &str,
    store: &Shaky,
    log: &Leaky,
    change: impl FnOnce(GateBuilder) -> GateBuilder,
) -> Gate {
    let policy = callgate::parse_policy(policy, "desk.toml").unwrap();
    let builder = Gate::builder()
        .policy(policy)
        .audit(log.clone())
        .approvals(store.clone());
    change(builder).build().unwrap()
}

#[track_caller]
pub(crate) fn pending(decision: Decision) -> Pending {
    match decision {
        Decision::Ask(pending) => pending,
        other => panic!("expected a question, got {other:?}"),
    }
}

#[track_caller]
pub(crate) fn allowed(decision: Decision) -> Permit {
    match decision {
        Decision::Allow(permit) => permit,
        other => panic!("expected a permit, got {other:?}"),
    }
}

#[track_caller]
#[expect(clippy::needless_pass_by_value, reason = "no caller needs it any more")]
pub(crate) fn denied(decision: Decision, code: &str) {
    assert_eq!(decision.kind().as_str(), "deny", "{decision:?}");
    assert_eq!(decision.code().as_str(), code, "{decision:?}");
}

pub(crate) fn run(permit: Permit) -> Result<(), NotBegun> {
    permit
        .run(|_: &Authorized<'_>| Ok::<_, std::fmt::Error>("done"))
        .map(drop)
}
