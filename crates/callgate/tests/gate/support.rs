//! What the tests of the gate share: a policy, a caller, a clock, a sink that fails on demand.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callgate::{
    AuditSink, Caller, Clock, Context, Decision, Gate, GateBuilder, MemorySink, Permit, Principal,
    Resource, SinkError, ToolCall,
};
use callgate_audit::{Batch, Head};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

pub(crate) const POLICY: &str = r#"
format = 1
name = "desk"

[roles]
support = { scopes = ["read", "write"] }
guard = { crosses = ["globex"] }
chief = { crosses = ["*"] }

[tools.look]
access = "read"
scope = "read"

[tools.change]
access = "write"
scope = "write"
resources = [{ kind = "account", id = "/account" }]
record = { arguments = "text", result = "text" }
[tools.change.arguments]
"/account" = { text = { max_chars = 20 } }

[[rules]]
id = "support"
effect = "permit"
roles = ["support"]

[[rules]]
id = "own-tenant-only"
effect = "forbid"
resources = ["account"]
when = { not = { "resource/tenant" = { equals = { fact = "caller/tenant" } } } }
"#;

pub(crate) fn alice() -> Caller {
    let alice = Principal::asserted("user:alice".parse().unwrap());
    Caller::of(alice.member_of("acme", ["support"]))
        .in_tenant("acme")
        .unwrap()
}

pub(crate) fn look() -> ToolCall {
    ToolCall::from_text("look", "{}")
}

pub(crate) fn change() -> ToolCall {
    ToolCall::from_text("change", r#"{"account": "a1"}"#)
}

pub(crate) fn context() -> Context {
    Context::new().resource(Resource::new("account", "a1").tenant("acme"))
}

pub(crate) fn builder(policy: &str, sink: Arc<dyn AuditSink>) -> GateBuilder {
    let policy = callgate::parse_policy(policy, "desk.toml").unwrap();
    Gate::builder().policy(policy).audit_shared(sink)
}

pub(crate) fn gate(sink: &Arc<Faulty>) -> Gate {
    builder(POLICY, sink.clone()).build().unwrap()
}

#[track_caller]
pub(crate) fn allowed(decision: Decision) -> Permit {
    match decision {
        Decision::Allow(permit) => permit,
        other => panic!("expected a permit, got {other:?}"),
    }
}

#[track_caller]
pub(crate) fn refused(decision: &Decision, code: &str) {
    assert_eq!(decision.kind().as_str(), "deny", "{decision:?}");
    assert_eq!(decision.code().as_str(), code, "{decision:?}");
}

/// A clock that moves when it is told to.
#[derive(Default)]
pub(crate) struct Hands(AtomicU64);

impl Hands {
    pub(crate) fn forward(&self, time: Duration) {
        let millis = u64::try_from(time.as_millis()).unwrap();
        self.0.fetch_add(millis, Ordering::SeqCst);
    }
}

pub(crate) struct Ticking(pub(crate) Arc<Hands>);

impl Clock for Ticking {
    fn now(&self) -> DateTime<Utc> {
        DateTime::UNIX_EPOCH
            .checked_add_signed(TimeDelta::from_std(self.elapsed()).unwrap())
            .unwrap()
    }

    fn elapsed(&self) -> Duration {
        Duration::from_millis(self.0.0.load(Ordering::SeqCst))
    }
}

/// What the sink does with the next appends, or syncs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Mood {
    Well,
    Full,
    Poisoned,
    /// Says that it does not know, and has stored the records.
    UnknownStored,
    /// Says that it does not know, and has stored nothing.
    UnknownLost,
    Panics,
    /// Takes longer than anybody waits.
    Slow,
}

/// A sink in memory that fails on demand.
pub(crate) struct Faulty {
    memory: MemorySink,
    pub(crate) append: Mutex<Mood>,
    pub(crate) sync: Mutex<Mood>,
    pub(crate) head: Mutex<Mood>,
    pub(crate) slowness: Mutex<Box<dyn Fn() + Send>>,
}

impl Default for Faulty {
    fn default() -> Self {
        Self {
            memory: MemorySink::new(),
            append: Mutex::new(Mood::Well),
            sync: Mutex::new(Mood::Well),
            head: Mutex::new(Mood::Well),
            slowness: Mutex::new(Box::new(|| ())),
        }
    }
}

impl Faulty {
    pub(crate) fn new() -> Arc<Self> {
        Arc::default()
    }

    pub(crate) fn set(&self, append: Mood) {
        *self.append.lock().unwrap() = append;
    }

    /// All records, as JSON.
    pub(crate) fn records(&self) -> Vec<Value> {
        let batch = self.memory.read(0, usize::MAX).unwrap();
        batch
            .lines()
            .map(|line| serde_json::from_slice(line).unwrap())
            .collect()
    }

    /// The kinds of all records but the first, that of the policy; with the word that matters.
    pub(crate) fn story(&self) -> Vec<String> {
        let told = |record: &Value| {
            let kind = record["kind"].as_str().unwrap();
            let word = ["code", "reason", "status"]
                .iter()
                .find_map(|key| record[key].as_str());
            match word {
                Some(word) => format!("{kind} {word}"),
                None => kind.to_owned(),
            }
        };
        self.records().iter().skip(1).map(told).collect()
    }

    #[track_caller]
    pub(crate) fn verifies(&self) {
        let batch = self.memory.read(0, usize::MAX).unwrap();
        let options = callgate_audit::VerifyOptions::new();
        let report = callgate_audit::verify_reader(batch.bytes(), &options).unwrap();
        assert!(report.is_good(), "{report:?}");
    }

    fn mind(
        &self,
        mood: Mood,
        work: impl FnOnce() -> Result<(), SinkError>,
    ) -> Result<(), SinkError> {
        let lost = || SinkError::unknown(io::Error::other("no answer"));
        match mood {
            Mood::Well => work(),
            Mood::Full => Err(SinkError::Full),
            Mood::Poisoned => Err(SinkError::poisoned(io::Error::other("broken"))),
            Mood::UnknownStored => work().and(Err(lost())),
            Mood::UnknownLost => Err(lost()),
            Mood::Panics => panic!("the sink panics, as it was told to"),
            Mood::Slow => {
                (self.slowness.lock().unwrap())();
                work()
            }
        }
    }
}

impl AuditSink for Faulty {
    fn head(&self) -> Result<Head, SinkError> {
        let mood = *self.head.lock().unwrap();
        self.mind(mood, || Ok(()))?;
        self.memory.head()
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        let mood = *self.append.lock().unwrap();
        self.mind(mood, || self.memory.append(after, batch))
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        let mood = *self.sync.lock().unwrap();
        self.mind(mood, || self.memory.sync(upto))
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        self.memory.read(from, max)
    }
}
