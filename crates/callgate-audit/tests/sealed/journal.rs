//! A journal that signs.

use std::collections::VecDeque;
use std::io;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use callgate_audit::{
    AppendError, Ask, AuditSink, Batch, CheckpointRecord, Durability, Ed25519Signer, FileSink,
    GapRecord, Head, Journal, JournalOptions, MemorySink, OpenError, Record, SignError, Signer,
    SinkError, Tree, VerifyingKey, verify_folder, verify_reader,
};

use crate::log::{Log, expect, keyed, noon, signer};

const LONG: Duration = Duration::from_secs(60);

fn ask() -> Ask {
    Ask::new(Durability::Accepted, LONG)
}

fn numbered(number: u64) -> Record<'static> {
    Record::Gap(GapRecord::new(noon(), number))
}

/// Signs with the key of this seed, every ten records.
fn options(seed: u8) -> JournalOptions {
    JournalOptions::new()
        .signer(Arc::new(signer(seed)))
        .checkpoint_every(10)
        .checkpoint_interval(LONG)
}

/// The kinds of all records, each by its first letter: `g` for a gap, `c` for a checkpoint.
fn kinds(log: &[u8]) -> String {
    let lines = str::from_utf8(log).unwrap().lines();
    let kind = |line: &str| line.chars().nth("{\"v\":1,\"kind\":\"".len()).unwrap();
    lines.map(kind).collect()
}

#[track_caller]
fn check(sink: &MemorySink, expected: &str) {
    let log = sink.contents();
    assert_eq!(kinds(&log), expected);
    let report = verify_reader(&*log, &keyed()).unwrap();
    assert!(report.is_good(), "{}", report.first_fault.unwrap());
    assert_eq!(report.authenticity.as_str(), "ok");
}

#[test]
fn checkpoints_come_with_the_batch_that_makes_them_due() {
    let sink = Arc::new(MemorySink::new());
    let journal = Journal::open_with(sink.clone(), &options(1)).unwrap();
    for number in 0..25 {
        journal.append(&numbered(number), ask()).unwrap();
    }
    check(&sink, "ggggggggggcggggggggggcggggg");
    let sealed = journal.sealed().unwrap();
    assert_eq!(sealed.records, Some(21));
    assert!(sealed.failed.is_none());
    // A flush seals, and the drop of the last clone; but not twice the same.
    journal.flush(LONG).unwrap();
    journal.flush(LONG).unwrap();
    check(&sink, "ggggggggggcggggggggggcgggggc");
    journal.append(&numbered(25), ask()).unwrap();
    drop(journal.clone());
    check(&sink, "ggggggggggcggggggggggcgggggcg");
    drop(journal);
    check(&sink, "ggggggggggcggggggggggcgggggcgc");
}

#[test]
fn checkpoints_come_with_time() {
    let sink = Arc::new(MemorySink::new());
    let options = options(1).checkpoint_interval(Duration::ZERO);
    let journal = Journal::open_with(sink.clone(), &options).unwrap();
    for number in 0..3 {
        journal.append(&numbered(number), ask()).unwrap();
    }
    check(&sink, "gcgcgc");
}

#[test]
fn checkpoints_come_when_they_are_asked_for() {
    let sink = Arc::new(MemorySink::new());
    let journal = Journal::open_with(sink.clone(), &options(1)).unwrap();
    let note = journal.checkpoint(noon(), LONG).unwrap();
    assert_eq!((note.size(), note.root()), (0, Tree::new().root()));
    journal.append(&numbered(0), ask()).unwrap();
    // Also where nothing has come: that is what an idle host says.
    let first = journal.checkpoint(noon(), LONG).unwrap();
    let second = journal.checkpoint(noon(), LONG).unwrap();
    assert_eq!((first.size(), second.size()), (2, 3));
    check(&sink, "cgcc");
    let options = keyed().anchored(first).anchored(second);
    let report = verify_reader(&*sink.contents(), &options).unwrap();
    expect(&report, "ok ok ok 4", "");
}

#[test]
fn unsigned_journal() {
    let sink = Arc::new(MemorySink::new());
    let journal = Journal::open_with(sink.clone(), &JournalOptions::new()).unwrap();
    journal.append(&numbered(0), ask()).unwrap();
    assert!(journal.sealed().is_none());
    let refused = journal.checkpoint(noon(), LONG).unwrap_err();
    assert!(matches!(
        refused,
        AppendError::NotSigned(SignError::NoSigner)
    ));
    drop(journal);
    assert_eq!(kinds(&sink.contents()), "g");
}

#[test]
fn only_the_journal_writes_checkpoints() {
    let sink = Arc::new(MemorySink::new());
    let journal = Journal::open_with(sink.clone(), &options(1)).unwrap();
    let log = Log::new();
    let (tree, note) = (Tree::new(), log.note(&[&signer(1)]));
    let record = Record::Checkpoint(CheckpointRecord::new(noon(), &tree, &note));
    let refused = journal.append(&record, ask()).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "only the journal itself writes a record of the kind `checkpoint`"
    );
    journal.queue(&record);
    journal.append(&numbered(7), ask()).unwrap();
    drop(journal);
    // What was queued is a gap.
    assert_eq!(kinds(&sink.contents()), "ggc");
}

#[test]
fn goes_on_where_it_was() {
    let sink = Arc::new(MemorySink::new());
    for round in 0..4 {
        let journal = Journal::open_with(sink.clone(), &options(1)).unwrap();
        for number in 0..round {
            journal.append(&numbered(number), ask()).unwrap();
        }
        // Without an end.
        if round == 2 {
            std::mem::forget(journal);
        }
    }
    check(&sink, "gcgggggc");
    let refused = Journal::open_with(sink.clone(), &options(2)).unwrap_err();
    let told = "the last checkpoint of the log, record 7, is not signed by this key";
    assert_eq!(refused.to_string(), told);
}

#[test]
fn signs_a_log_that_was_not_signed() {
    let sink = Arc::new(MemorySink::new());
    let journal = Journal::open(sink.clone()).unwrap();
    for number in 0..700 {
        journal.append(&numbered(number), ask()).unwrap();
    }
    drop(journal);
    let journal = Journal::open_with(sink.clone(), &options(1)).unwrap();
    assert_eq!(journal.checkpoint(noon(), LONG).unwrap().size(), 700);
    let report = verify_reader(&*sink.contents(), &keyed()).unwrap();
    expect(&report, "ok not_checked ok 701", "");
}

/// Counts what is read, and fails by a script.
struct Scripted {
    inner: MemorySink,
    read: AtomicU64,
    appends: Mutex<VecDeque<Act>>,
}

enum Act {
    Work,
    /// It stores the batch and says that it does not know.
    StoreAndDoubt,
    /// It does not store it and says that it does not know.
    LoseAndDoubt,
    Refuse,
}

impl Scripted {
    fn new(appends: impl IntoIterator<Item = Act>) -> Arc<Self> {
        Arc::new(Self {
            inner: MemorySink::new(),
            read: AtomicU64::new(0),
            appends: Mutex::new(appends.into_iter().collect()),
        })
    }
}

impl AuditSink for Scripted {
    fn head(&self) -> Result<Head, SinkError> {
        self.inner.head()
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        let doubt = || Err(SinkError::unknown(io::Error::other("no answer")));
        let act = self.appends.lock().unwrap().pop_front();
        match act.unwrap_or(Act::Work) {
            Act::Work => self.inner.append(after, batch),
            Act::StoreAndDoubt => self.inner.append(after, batch).and_then(|()| doubt()),
            Act::LoseAndDoubt => doubt(),
            Act::Refuse => Err(SinkError::Conflict(after)),
        }
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        self.inner.sync(upto)
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        let batch = self.inner.read(from, max)?;
        self.read.fetch_add(batch.records(), Ordering::Relaxed);
        Ok(batch)
    }
}

#[test]
fn opening_reads_little_of_a_long_log() {
    let mut read = Vec::new();
    for records in [2_000_u64, 8_000] {
        let sink = Scripted::new([]);
        let options = options(1).checkpoint_every(500);
        let journal = Journal::open_with(sink.clone(), &options).unwrap();
        for number in 0..records {
            journal.queue(&numbered(number));
            if number % 100 == 99 {
                journal.append(&numbered(number), ask()).unwrap();
            }
        }
        drop(journal);
        let before = sink.read.load(Ordering::Relaxed);
        let journal = Journal::open_with(sink.clone(), &options).unwrap();
        read.push(sink.read.load(Ordering::Relaxed) - before);
        journal.append(&numbered(0), ask()).unwrap();
        drop(journal);
        check_good(&sink);
    }
    assert_eq!(read[0], read[1]);
    assert!(read[0] < 300, "{read:?}");
}

#[track_caller]
fn check_good(sink: &Scripted) {
    let report = verify_reader(&*sink.inner.contents(), &keyed()).unwrap();
    assert!(report.is_good(), "{}", report.first_fault.unwrap());
}

#[test]
fn batch_with_a_checkpoint_of_which_nobody_knows() {
    for act in [Act::StoreAndDoubt, Act::LoseAndDoubt, Act::Refuse] {
        let sink = Scripted::new([Act::Work, act]);
        let options = options(1).checkpoint_every(2);
        let journal = Journal::open_with(sink.clone(), &options).unwrap();
        journal.append(&numbered(0), ask()).unwrap();
        // This one brings the checkpoint.
        assert!(journal.append(&numbered(1), ask()).is_err());
        for number in 2..5 {
            journal.append(&numbered(number), ask()).unwrap();
        }
        drop(journal);
        check_good(&sink);
    }
}

#[test]
fn change_of_key_of_which_nobody_knows() {
    for act in [Act::StoreAndDoubt, Act::LoseAndDoubt, Act::Refuse] {
        let stored = matches!(act, Act::StoreAndDoubt);
        let sink = Scripted::new([Act::Work, act]);
        let journal = Journal::open_with(sink.clone(), &options(1)).unwrap();
        journal.append(&numbered(0), ask()).unwrap();
        let changed = journal.change_key(Arc::new(signer(2)), noon(), LONG);
        assert!(changed.is_err());
        journal.append(&numbered(1), ask()).unwrap();
        journal.checkpoint(noon(), LONG).unwrap();
        drop(journal);
        check_good(&sink);
        // It was changed once, whether then or with the next batch.
        let kinds = kinds(&sink.inner.contents());
        assert_eq!(kinds.matches('k').count(), 1, "{kinds}");
        assert!(kinds.starts_with("gk") == stored, "{kinds}");
        assert!(Journal::open_with(sink.clone(), &options(1)).is_err());
        Journal::open_with(sink, &options(2)).unwrap();
    }
}

#[test]
fn key_is_changed() {
    let sink = Arc::new(MemorySink::new());
    let journal = Journal::open_with(sink.clone(), &options(1)).unwrap();
    journal.append(&numbered(0), ask()).unwrap();
    let note = journal
        .change_key(Arc::new(signer(2)), noon(), LONG)
        .unwrap();
    assert!(note.is_signed_by(signer(1).key()) && note.is_signed_by(signer(2).key()));
    journal.append(&numbered(1), ask()).unwrap();
    let note = journal.checkpoint(noon(), LONG).unwrap();
    assert!(!note.is_signed_by(signer(1).key()) && note.is_signed_by(signer(2).key()));
    check(&sink, "gkcgc");
    let other = Ed25519Signer::new("other", [3; 32]).unwrap();
    let refused = journal
        .change_key(Arc::new(other), noon(), LONG)
        .unwrap_err();
    assert!(matches!(
        refused,
        AppendError::NotSigned(SignError::BadName)
    ));
}

/// A signer that fails while it is told to.
struct Unsteady {
    inner: Ed25519Signer,
    fails: AtomicBool,
    how: fn() -> Result<Vec<u8>, SignError>,
}

impl Signer for Unsteady {
    fn key(&self) -> &VerifyingKey {
        self.inner.key()
    }

    fn sign(&self, message: &[u8]) -> Result<Vec<u8>, SignError> {
        if self.fails.load(Ordering::Relaxed) {
            return (self.how)();
        }
        self.inner.sign(message)
    }
}

#[test]
fn signer_that_fails() {
    let failed = || Err(SignError::Failed(Arc::new(io::Error::other("away"))));
    let panics = || panic!("on demand");
    let nothing = || Ok(Vec::new());
    let nonsense = || Ok(vec![7; 64]);
    let cases: [(fn() -> _, &str); 4] = [
        (failed, "the signer failed"),
        (panics, "the signer panicked"),
        (nothing, "what the signer gave back is no signature"),
        (nonsense, "what the signer gave back is no signature"),
    ];
    for (how, told) in cases {
        let sink = Arc::new(MemorySink::new());
        let signer = Arc::new(Unsteady {
            inner: signer(1),
            fails: AtomicBool::new(true),
            how,
        });
        let options = options(1).signer(signer.clone()).checkpoint_every(3);
        let journal = Journal::open_with(sink.clone(), &options).unwrap();
        for number in 0..5 {
            // Records are written all the same.
            journal.append(&numbered(number), ask()).unwrap();
        }
        journal.flush(LONG).unwrap();
        assert_eq!(kinds(&sink.contents()), "ggggg");
        assert_eq!(journal.sealed().unwrap().failed.unwrap().to_string(), told);
        let refused = journal.checkpoint(noon(), LONG).unwrap_err();
        assert!(matches!(refused, AppendError::NotSigned(error) if error.to_string() == told));
        assert!(
            !verify_reader(&*sink.contents(), &keyed())
                .unwrap()
                .is_good()
        );

        signer.fails.store(false, Ordering::Relaxed);
        journal.flush(LONG).unwrap();
        check(&sink, "gggggc");
        assert!(journal.sealed().unwrap().failed.is_none());
        // A key that cannot sign is not changed to.
        let next = Arc::new(Unsteady {
            inner: crate::log::signer(2),
            fails: AtomicBool::new(true),
            how,
        });
        assert!(journal.change_key(next, noon(), LONG).is_err());
        journal.checkpoint(noon(), LONG).unwrap();
        check(&sink, "gggggcc");
    }
}

#[test]
fn many_threads_write_one_signed_chain() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Arc::new(FileSink::open(folder.path()).unwrap());
    let options = options(1).checkpoint_every(7);
    let journal = Journal::open_with(sink, &options).unwrap();
    thread::scope(|scope| {
        for worker in 0..4_u64 {
            let journal = journal.clone();
            scope.spawn(move || {
                for number in 0..100 {
                    if number % 10 == 9 {
                        journal.checkpoint(noon(), LONG).unwrap();
                    } else if number % 10 == 5 {
                        journal.flush(LONG).unwrap();
                    } else {
                        journal
                            .append(&numbered(worker * 100 + number), ask())
                            .unwrap();
                    }
                }
            });
        }
    });
    drop(journal);
    let report = verify_folder(folder.path(), &keyed()).unwrap();
    assert!(report.is_good(), "{}", report.first_fault.unwrap());
    // Nothing is behind the last checkpoint.
    assert_eq!(report.sealed, Some(report.records - 1));
}

#[test]
fn logs_that_cannot_be_gone_on_with() {
    // The last checkpoint says what is not so of itself.
    let mut log = Log::new();
    log.plains(3).checkpoint(&[&signer(1)]);
    let text = String::from_utf8(log.lines[3].clone()).unwrap();
    log.lines[3] = text.replacen("\"size\":3", "\"size\":2", 1).into_bytes();
    let sink = filled(&Log::relinked(&log.lines));
    let refused = Journal::open_with(sink, &options(1)).unwrap_err();
    assert!(matches!(refused, OpenError::Checkpoint { record: 3, .. }));
}

fn filled(log: &Log) -> Arc<MemorySink> {
    let sink = Arc::new(MemorySink::new());
    sink.append(Head::EMPTY, &Batch::parse(log.bytes()).unwrap())
        .unwrap();
    sink
}
