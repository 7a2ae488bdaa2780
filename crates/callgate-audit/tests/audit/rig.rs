//! Short names for what the tests need often.

use std::io;
use std::sync::{Arc, Condvar, Mutex};
use std::time::Duration;

use callgate_audit::testkit::{Fault, FaultSink};
use callgate_audit::{
    Ask, AuditSink, Batch, Durability, GapRecord, Head, Journal, MemorySink, Record, SinkError,
    VerifyOptions, verify_reader,
};
use chrono::{DateTime, Utc};

/// Holds a sink until it is opened.
#[derive(Default)]
pub(crate) struct Door {
    state: Mutex<(bool, usize)>,
    changed: Condvar,
}

impl Door {
    pub(crate) fn open(&self) {
        self.state.lock().unwrap().0 = true;
        self.changed.notify_all();
    }

    /// Returns once somebody stands before the door.
    pub(crate) fn is_reached(&self) {
        let state = self.state.lock().unwrap();
        drop(
            self.changed
                .wait_while(state, |state| state.1 == 0)
                .unwrap(),
        );
    }

    /// The sink works once the door is open.
    pub(crate) fn holds(self: &Arc<Self>) -> Fault {
        let door = Arc::clone(self);
        Fault::First(Arc::new(move || door.pass()))
    }

    fn pass(&self) {
        let mut state = self.state.lock().unwrap();
        state.1 += 1;
        self.changed.notify_all();
        drop(self.changed.wait_while(state, |state| !state.0).unwrap());
    }
}

/// A sink in memory that fails on demand.
pub(crate) type Sink = FaultSink<MemorySink>;

pub(crate) fn sink() -> Arc<Sink> {
    Arc::default()
}

pub(crate) fn text(sink: &Sink) -> String {
    String::from_utf8(sink.inner().contents()).unwrap()
}

pub(crate) fn unknown() -> SinkError {
    SinkError::unknown(io::Error::other("no answer"))
}

pub(crate) fn poisoned() -> SinkError {
    SinkError::poisoned(io::Error::other("broken"))
}

pub(crate) fn open(sink: &Arc<Sink>) -> Journal {
    Journal::open(Arc::clone(sink) as Arc<dyn AuditSink>).unwrap()
}

/// As a sink, but one that says that it is memory alone.
pub(crate) struct InMemory(pub(crate) Arc<Sink>);

impl AuditSink for InMemory {
    fn head(&self) -> Result<Head, SinkError> {
        self.0.head()
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        self.0.append(after, batch)
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        self.0.sync(upto)
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        self.0.read(from, max)
    }

    fn is_memory(&self) -> bool {
        true
    }
}

pub(crate) fn open_in_memory(sink: &Arc<Sink>) -> Journal {
    Journal::open(Arc::new(InMemory(Arc::clone(sink)))).unwrap()
}

pub(crate) fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// A small record that can be told from others.
pub(crate) fn numbered(number: u64) -> Record<'static> {
    Record::Gap(GapRecord::new(noon(), number))
}

pub(crate) const LONG: Duration = Duration::from_secs(60);

pub(crate) fn accepted() -> Ask {
    Ask::new(Durability::Accepted, LONG)
}

pub(crate) fn durable() -> Ask {
    Ask::new(Durability::Durable, LONG)
}

/// Each line as `KIND DETAIL`, once the whole has been verified.
#[track_caller]
pub(crate) fn story(log: &str) -> Vec<String> {
    let report = verify_reader(log.as_bytes(), &VerifyOptions::new()).unwrap();
    assert!(
        report.first_fault.is_none(),
        "{}",
        report.first_fault.unwrap()
    );
    let lines: Vec<_> = log.lines().map(line).collect();
    assert_eq!(lines.len() as u64, report.records);
    lines
}

fn line(line: &str) -> String {
    let record: serde_json::Value = serde_json::from_str(line).unwrap();
    let word = |key: &str| record[key].as_str().unwrap_or_default().to_owned();
    match &*word("kind") {
        "gap" => format!("gap {}", record["lost"]),
        "not_begun" => format!("not_begun {} {}", record["decision_seq"], word("reason")),
        "recovered" => format!("recovered {}", record["bytes"]),
        kind => kind.to_owned(),
    }
}
