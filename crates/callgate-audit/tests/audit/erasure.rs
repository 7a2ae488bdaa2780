//! Erasing texts, and what a verifier says of them afterwards.

use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use callgate_audit::read::LogReader;
use callgate_audit::texts::{
    ClearText, EraseError, Erasure, ErasureScope, MemoryTexts, Salt, StoredText, TextError,
    TextStore, complete_erasures, erase,
};
use callgate_audit::{
    Ask, AuditSink, Batch, DecisionRecord, Durability, Head, Integrity, Journal, Keep, Kept,
    MemorySink, OutcomeRecord, OutcomeStatus, Record, SinkError, TextReport, VerifyOptions,
    verify_reader, verify_texts,
};
use callgate_types::{Caller, Code, Context, DecisionKind, Digest, Principal, ToolCall};

use crate::rig::noon;

const SOON: Duration = Duration::from_secs(5);

/// A log with a store beside it, which fails on demand.
struct Desk {
    sink: Arc<MemorySink>,
    journal: Journal,
    texts: MemoryTexts,
    salts: AtomicU64,
    /// How many more erasures of the store succeed; `None` is all.
    erasures: Mutex<Option<u64>>,
}

impl Desk {
    fn new() -> Self {
        let sink = Arc::new(MemorySink::new());
        Self {
            journal: Journal::open(sink.clone()).unwrap(),
            sink,
            texts: MemoryTexts::new(),
            salts: AtomicU64::new(0),
            erasures: Mutex::new(None),
        }
    }

    fn put(&self, json: &str) -> Digest {
        let salt = self.salts.fetch_add(1, Ordering::SeqCst);
        let salt = Digest::of(&salt.to_be_bytes());
        let text = ClearText::new(Salt::from_bytes(*salt.as_bytes()), json).unwrap();
        self.texts.put(&[text], Durability::Durable, SOON).unwrap();
        text.commitment()
    }

    fn append(&self, record: &Record<'_>) -> u64 {
        let ask = Ask::new(Durability::Durable, SOON);
        self.journal.append(record, ask).unwrap().seq
    }

    /// A call of `subject` with its outcome; gives the commitments of arguments and result.
    fn call(&self, subject: &str) -> (u64, [Digest; 2]) {
        let subject = Principal::asserted(subject.parse().unwrap());
        let caller = Caller::of(subject).without_tenant().unwrap();
        let call = ToolCall::from_text("t", r#"{"pin":"4711"}"#);
        let context = Context::new();
        let mut record = DecisionRecord::new(
            noon(),
            &call,
            &caller,
            &context,
            DecisionKind::Allow,
            Code::Permitted,
            Digest::ZERO,
        );
        let arguments = self.put(r#"{"pin":"4711"}"#);
        record.arguments = Keep::Commitment(arguments);
        let seq = self.append(&Record::Decision(&record));
        let result = self.put("\"done\"");
        let mut outcome = OutcomeRecord::new(noon(), seq, OutcomeStatus::Ok, Duration::ZERO);
        outcome.result = Some(Kept::Commitment(result));
        self.append(&Record::Outcome(outcome));
        (seq, [arguments, result])
    }

    fn erase(&self, scope: ErasureScope<'_>) -> Result<(u64, u64), EraseError> {
        let officer = Principal::asserted("user:officer".parse().unwrap());
        let erasure = Erasure::new(scope, &officer).reason("asked for");
        let mut log = LogReader::sink(&*self.sink);
        let erased = erase(&self.journal, self, &mut log, &erasure, noon(), SOON)?;
        Ok((erased.texts, erased.records))
    }

    fn report(&self) -> TextReport {
        verify_texts(|| LogReader::sink(&*self.sink), self).unwrap()
    }

    /// Present, erased, missing, mismatching, not erased, unnamed.
    #[track_caller]
    fn check(&self, expected: [u64; 6]) {
        let report = self.report();
        let found = [
            report.present,
            report.erased,
            report.missing,
            report.mismatching,
            report.not_erased,
            report.unnamed,
        ];
        assert_eq!(found, expected);
        assert_eq!(report.is_good(), expected[2..5] == [0, 0, 0]);
        assert_eq!(report.is_good(), report.first_fault.is_none());
        // Whatever becomes of the texts, the log is whole.
        let stored = self.sink.read(0, usize::MAX).unwrap();
        let log = verify_reader(stored.bytes(), &VerifyOptions::new()).unwrap();
        assert_eq!(log.integrity, Integrity::Ok);
    }
}

impl TextStore for Desk {
    fn put(
        &self,
        texts: &[ClearText<'_>],
        durability: Durability,
        deadline: Duration,
    ) -> Result<(), TextError> {
        self.texts.put(texts, durability, deadline)
    }

    fn find(&self, commitment: Digest) -> Result<Option<StoredText>, TextError> {
        self.texts.find(commitment)
    }

    fn erase(&self, commitments: &[Digest]) -> Result<(), TextError> {
        let mut left = self.erasures.lock().unwrap();
        match &mut *left {
            Some(0) => return Err(TextError::failed(io::Error::other("the process has ended"))),
            Some(left) => *left -= 1,
            None => {}
        }
        self.texts.erase(commitments)
    }

    fn list(&self, after: Option<Digest>, most: usize) -> Result<Vec<Digest>, TextError> {
        self.texts.list(after, most)
    }
}

#[test]
fn by_subject() {
    let desk = Desk::new();
    desk.call("user:alice");
    let (_, [kept, _]) = desk.call("user:bob");
    desk.call("user:alice");
    desk.check([6, 0, 0, 0, 0, 0]);
    assert_eq!(
        desk.erase(ErasureScope::Subject("user:alice")).unwrap(),
        (4, 1)
    );
    desk.check([2, 4, 0, 0, 0, 0]);
    assert!(desk.find(kept).unwrap().is_some());
    // Nothing is left to be said.
    assert_eq!(
        desk.erase(ErasureScope::Subject("user:alice")).unwrap(),
        (4, 0)
    );
    assert_eq!(
        desk.erase(ErasureScope::Subject("user:eve")).unwrap(),
        (0, 0)
    );
    desk.check([2, 4, 0, 0, 0, 0]);

    let lines = desk.sink.read(6, 9).unwrap();
    let line = String::from_utf8(lines.lines().next().unwrap().to_vec()).unwrap();
    for part in [
        r#""kind":"erased""#,
        r#""record":0,"field":"arguments""#,
        r#""record":5,"field":"result""#,
        r#""by":{"id":"user:officer","verified":"asserted"},"subject":"user:alice","reason":"asked for""#,
    ] {
        assert!(line.contains(part), "{line}");
    }
}

#[test]
fn by_record_and_by_commitment() {
    let desk = Desk::new();
    let (seq, _) = desk.call("user:alice");
    let (_, [arguments, result]) = desk.call("user:alice");
    // A decision, and what follows it.
    assert_eq!(desk.erase(ErasureScope::Record(seq)).unwrap(), (2, 1));
    desk.check([2, 2, 0, 0, 0, 0]);
    assert_eq!(
        desk.erase(ErasureScope::Commitments(&[result])).unwrap(),
        (1, 1)
    );
    desk.check([1, 3, 0, 0, 0, 0]);
    assert!(desk.find(arguments).unwrap().is_some());
    // A text whose record never came to the log.
    let unnamed = desk.put("\"nobody names it\"");
    desk.check([1, 3, 0, 0, 0, 1]);
    assert_eq!(
        desk.erase(ErasureScope::Commitments(&[unnamed])).unwrap(),
        (1, 1)
    );
    desk.check([1, 3, 0, 0, 0, 0]);
}

#[test]
fn without_a_record() {
    let desk = Desk::new();
    let (seq, [arguments, _]) = desk.call("user:alice");
    desk.texts.erase(&[arguments]).unwrap();
    desk.check([1, 0, 1, 0, 0, 0]);
    let fault = desk.report().first_fault.unwrap();
    assert_eq!((fault.text.record, &*fault.text.field), (seq, "arguments"));
    let message = "the store has no such text, and no record says that it was erased";
    assert_eq!(fault.kind.to_string(), message);
}

/// A store that has another text under a commitment.
struct Forged<'d>(&'d Desk, Digest);

impl TextStore for Forged<'_> {
    fn put(
        &self,
        texts: &[ClearText<'_>],
        durability: Durability,
        deadline: Duration,
    ) -> Result<(), TextError> {
        self.0.texts.put(texts, durability, deadline)
    }

    fn find(&self, commitment: Digest) -> Result<Option<StoredText>, TextError> {
        if commitment == self.1 {
            return Ok(Some(StoredText::new(
                Salt::from_bytes([0; 32]),
                "\"forged\"",
            )));
        }
        self.0.find(commitment)
    }

    fn erase(&self, commitments: &[Digest]) -> Result<(), TextError> {
        TextStore::erase(self.0, commitments)
    }

    fn list(&self, after: Option<Digest>, most: usize) -> Result<Vec<Digest>, TextError> {
        self.0.list(after, most)
    }
}

#[test]
fn another_text() {
    let desk = Desk::new();
    let (_, [_, result]) = desk.call("user:alice");
    let report = verify_texts(|| LogReader::sink(&*desk.sink), &Forged(&desk, result)).unwrap();
    assert_eq!((report.present, report.mismatching), (1, 1));
    let kind = report.first_fault.unwrap().kind.to_string();
    assert_eq!(kind, "what the store has does not belong to the commitment");
}

/// The process ends behind the record, before the store, at each step of an erasure of several
/// records.
#[test]
fn interrupted() {
    for steps in 0..2 {
        let desk = Desk::new();
        for _ in 0..130 {
            desk.call("user:alice");
        }
        desk.call("user:bob");
        *desk.erasures.lock().unwrap() = Some(steps);
        let done = desk.erase(ErasureScope::Subject("user:alice"));
        assert!(matches!(done, Err(EraseError::Store(_))), "{done:?}");
        let erased = 256 * steps;
        let left = if steps == 1 { 4 } else { 256 };
        desk.check([262 - erased - left, erased, 0, 0, left, 0]);

        // Whoever comes next does what was left undone.
        *desk.erasures.lock().unwrap() = None;
        let mut log = LogReader::sink(&*desk.sink);
        assert_eq!(complete_erasures(&mut log, &desk).unwrap(), left);
        desk.check([262 - erased - left, erased + left, 0, 0, 0, 0]);
        // And asking again does the rest.
        let again = desk.erase(ErasureScope::Subject("user:alice")).unwrap();
        assert_eq!(again.0, 260);
        desk.check([2, 260, 0, 0, 0, 0]);
    }
}

/// A sink without room.
struct Full;

impl AuditSink for Full {
    fn head(&self) -> Result<Head, SinkError> {
        Ok(Head::EMPTY)
    }

    fn append(&self, _after: Head, _batch: &Batch<'_>) -> Result<(), SinkError> {
        Err(SinkError::Full)
    }

    fn sync(&self, _upto: Head) -> Result<(), SinkError> {
        Ok(())
    }

    fn read(&self, _from: u64, _max: usize) -> Result<Batch<'static>, SinkError> {
        Ok(Batch::empty(Head::EMPTY))
    }
}

/// No record, no erasure.
#[test]
fn log_that_takes_no_record() {
    let desk = Desk::new();
    desk.call("user:alice");
    let full = Arc::new(Full);
    let journal = Journal::open(full).unwrap();
    let officer = Principal::asserted("user:officer".parse().unwrap());
    let erasure = Erasure::new(ErasureScope::Subject("user:alice"), &officer);
    let mut log = LogReader::sink(&*desk.sink);
    let done = erase(&journal, &desk, &mut log, &erasure, noon(), SOON);
    assert!(matches!(done, Err(EraseError::Record(_))), "{done:?}");
    desk.check([2, 0, 0, 0, 0, 0]);
}

/// A store from which somebody erases, with a record, while a verifier looks.
struct Meanwhile<'d>(&'d Desk, AtomicU64);

impl TextStore for Meanwhile<'_> {
    fn put(
        &self,
        texts: &[ClearText<'_>],
        durability: Durability,
        deadline: Duration,
    ) -> Result<(), TextError> {
        self.0.texts.put(texts, durability, deadline)
    }

    fn find(&self, commitment: Digest) -> Result<Option<StoredText>, TextError> {
        if self.1.fetch_add(1, Ordering::SeqCst) == 1 {
            self.0.erase(ErasureScope::Subject("user:alice")).unwrap();
        }
        self.0.find(commitment)
    }

    fn erase(&self, commitments: &[Digest]) -> Result<(), TextError> {
        TextStore::erase(self.0, commitments)
    }

    fn list(&self, after: Option<Digest>, most: usize) -> Result<Vec<Digest>, TextError> {
        self.0.list(after, most)
    }
}

#[test]
fn erased_while_a_verifier_looks() {
    let desk = Desk::new();
    desk.call("user:alice");
    desk.call("user:alice");
    let store = Meanwhile(&desk, AtomicU64::new(0));
    let report = verify_texts(|| LogReader::sink(&*desk.sink), &store).unwrap();
    assert!(report.is_good(), "{report:?}");
    assert_eq!((report.present, report.erased), (1, 3));
}
