//! The kit finds what is planted, and nothing in what is well.

#![expect(
    clippy::arithmetic_side_effects,
    reason = "helpers of tests count small things"
)]

use std::io;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::thread::{self, ThreadId};
use std::time::Duration;

use super::chain::Chain;
use super::flaws::{check_flaws, check_text};
use super::{Broken, Fault, FaultSink, Kit, Rule, check};
use callgate_types::Digest;

use crate::line::MAX_LINE;
use crate::{AuditSink, Batch, FileSink, FileSinkOptions, Head, MemorySink, SinkError};

/// One thing that is wrong with a sink.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Flaw {
    None,
    Closed,
    SharedStore,
    BeginsElsewhere,
    HeadLags,
    TrimsText,
    ReplacesCharacters,
    IgnoresMax,
    ReadsTheLastAgain,
    AppendsAnywhere,
    ComparesNumbersAlone,
    NamesTheWrongHead,
    AnswersUnknown,
    RefusesRepeated,
    StoresTwice,
    ShortLines,
    SmallBatches,
    SyncsOnce,
    SyncsAnything,
    BusyBesideAppend,
    HangsBesideAppend,
    HeadPanicsBesideAppend,
    LosesTheLastAtReopening,
    ForgetsItsHeadAtReopening,
    LosesSyncedInCrash,
    LosesTheMiddleInCrash,
    TrustsItsOwnHead,
    HeadIsWhatWasSynced,
    OneThreadAlone,
}

/// What outlives a sink.
#[derive(Debug, Default)]
struct Store {
    /// Each with the digest that it has as it is stored.
    lines: Mutex<Vec<(Vec<u8>, Digest)>>,
    synced: AtomicUsize,
}

/// A sink in memory with a flaw.
#[derive(Debug)]
struct Flawed {
    flaw: Flaw,
    store: Arc<Store>,
    /// The head that this sink last saw or made.
    own: Mutex<Head>,
    last_start: Mutex<Head>,
    syncs: AtomicUsize,
    synced: Mutex<Option<Head>>,
    appending: AtomicBool,
    thread: Mutex<Option<ThreadId>>,
}

impl Flawed {
    fn on(flaw: Flaw, store: Arc<Store>) -> Self {
        let own = head_of(&store.lines.lock().unwrap());
        Self {
            flaw,
            store,
            own: Mutex::new(own),
            last_start: Mutex::new(own),
            syncs: AtomicUsize::new(0),
            synced: Mutex::new(None),
            appending: AtomicBool::new(false),
            thread: Mutex::new(None),
        }
    }

    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }

    fn store(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        let first = *self
            .thread
            .lock()
            .unwrap()
            .get_or_insert(thread::current().id());
        if self.is(Flaw::OneThreadAlone) && first != thread::current().id() {
            return Err(trouble());
        }
        let mut lines = self.store.lines.lock().unwrap();
        let head = if self.is(Flaw::TrustsItsOwnHead) {
            *self.own.lock().unwrap()
        } else {
            head_of(&lines)
        };
        let repeated =
            head == batch.end() && !matches!(self.flaw, Flaw::RefusesRepeated | Flaw::StoresTwice);
        let fits = match self.flaw {
            Flaw::AppendsAnywhere => true,
            Flaw::StoresTwice => head == after || head == batch.end(),
            Flaw::ComparesNumbersAlone => head.records == after.records,
            _ => head == after,
        };
        if !fits && !repeated {
            return Err(match self.flaw {
                Flaw::NamesTheWrongHead => SinkError::Conflict(batch.end()),
                Flaw::AnswersUnknown => trouble(),
                _ => SinkError::Conflict(head),
            });
        }
        if !repeated {
            for (number, line) in batch
                .bytes()
                .split_inclusive(|byte| *byte == b'\n')
                .enumerate()
            {
                let mut line = line.to_vec();
                match self.flaw {
                    Flaw::ShortLines if line.len() > 64 << 10 => return Err(SinkError::Full),
                    Flaw::SmallBatches if number == 1000 => break,
                    Flaw::TrimsText => line = replace(&line, "x  \"", "x\""),
                    Flaw::ReplacesCharacters => line = replace(&line, "\u{2028}", "?"),
                    _ => {}
                }
                let digest = crate::chain::digest(&line[..line.len() - 1]);
                lines.push((line, digest));
            }
            *self.last_start.lock().unwrap() = batch.start();
            *self.own.lock().unwrap() = batch.end();
        }
        Ok(())
    }

    fn stored(&self) -> Head {
        head_of(&self.store.lines.lock().unwrap())
    }
}

fn head_of(lines: &[(Vec<u8>, Digest)]) -> Head {
    let last = lines.last();
    last.map_or(Head::EMPTY, |(_, digest)| {
        Head::new(lines.len() as u64, *digest)
    })
}

fn trouble() -> SinkError {
    SinkError::unknown(io::Error::other("planted"))
}

impl AuditSink for Flawed {
    fn head(&self) -> Result<Head, SinkError> {
        let stored = self.stored();
        if self.is(Flaw::HeadPanicsBesideAppend) && self.appending.load(Ordering::SeqCst) {
            std::panic::resume_unwind(Box::new("planted"));
        }
        Ok(match self.flaw {
            Flaw::BeginsElsewhere if stored == Head::EMPTY => Head::new(1, Head::EMPTY.digest),
            Flaw::HeadLags => *self.last_start.lock().unwrap(),
            Flaw::HeadIsWhatWasSynced => self.synced.lock().unwrap().unwrap_or(stored),
            Flaw::TrustsItsOwnHead => *self.own.lock().unwrap(),
            _ => stored,
        })
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        let slow = matches!(
            self.flaw,
            Flaw::BusyBesideAppend | Flaw::HangsBesideAppend | Flaw::HeadPanicsBesideAppend
        );
        if slow {
            self.appending.store(true, Ordering::SeqCst);
            thread::sleep(Duration::from_micros(300));
        }
        let result = self.store(after, batch);
        self.appending.store(false, Ordering::SeqCst);
        result
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        let stored = self.stored();
        if upto.records > stored.records && !self.is(Flaw::SyncsAnything) {
            return Err(SinkError::Conflict(stored));
        }
        if self.is(Flaw::SyncsOnce) && self.syncs.fetch_add(1, Ordering::SeqCst) > 3 {
            return Err(trouble());
        }
        let busy = self.appending.load(Ordering::SeqCst);
        if busy && self.is(Flaw::BusyBesideAppend) {
            return Err(trouble());
        }
        while busy && self.is(Flaw::HangsBesideAppend) {
            thread::sleep(Duration::from_millis(100));
        }
        let records = usize::try_from(upto.records).unwrap();
        self.store.synced.fetch_max(records, Ordering::SeqCst);
        *self.synced.lock().unwrap() = Some(upto);
        Ok(())
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        let lines = self.store.lines.lock().unwrap();
        let head = head_of(&lines);
        let mut from = usize::try_from(from).unwrap();
        let max = if self.is(Flaw::IgnoresMax) {
            usize::MAX
        } else {
            max
        };
        if self.is(Flaw::ReadsTheLastAgain) && from >= lines.len() {
            from = lines.len().saturating_sub(1);
        }
        let some: Vec<u8> = lines
            .iter()
            .skip(from)
            .take(max)
            .flat_map(|(line, _)| line)
            .copied()
            .collect();
        if some.is_empty() {
            return Ok(Batch::empty(head));
        }
        Batch::parse(some).map_err(SinkError::unknown)
    }
}

fn replace(line: &[u8], from: &str, to: &str) -> Vec<u8> {
    str::from_utf8(line).unwrap().replace(from, to).into_bytes()
}

fn kit(flaw: Flaw) -> Kit<Flawed> {
    let shared = Arc::new(Store::default());
    Kit::new(move || match flaw {
        Flaw::Closed => Err(io::Error::other("planted")),
        Flaw::SharedStore => Ok(Flawed::on(flaw, Arc::clone(&shared))),
        _ => Ok(Flawed::on(flaw, Arc::default())),
    })
    .reopen(|sink: Flawed| {
        if sink.is(Flaw::LosesTheLastAtReopening) {
            sink.store.lines.lock().unwrap().pop();
        }
        let store = Arc::clone(&sink.store);
        if sink.is(Flaw::ForgetsItsHeadAtReopening) {
            // What it held is out of sight.
            return Ok(Flawed::on(sink.flaw, Arc::default()));
        }
        Ok::<_, io::Error>(Flawed::on(sink.flaw, store))
    })
    .crash(|sink: Flawed| {
        let mut lines = sink.store.lines.lock().unwrap();
        let synced = sink.store.synced.load(Ordering::SeqCst);
        match sink.flaw {
            Flaw::LosesSyncedInCrash => lines.truncate(synced - 1),
            Flaw::LosesTheMiddleInCrash if lines.len() > synced + 1 => drop(lines.remove(synced)),
            _ => lines.truncate(synced + 1),
        }
        drop(lines);
        Ok::<_, io::Error>(Flawed::on(sink.flaw, Arc::clone(&sink.store)))
    })
    .rival(|sink| Ok::<_, io::Error>(Flawed::on(sink.flaw, Arc::clone(&sink.store))))
    .patience(Duration::from_secs(20))
}

#[test]
fn every_flaw_breaks_its_rule() {
    let flaws = [
        (Flaw::Closed, Rule::Opens),
        (Flaw::BeginsElsewhere, Rule::BeginsEmpty),
        (Flaw::SharedStore, Rule::HeadFollowsAppend),
        (Flaw::HeadLags, Rule::HeadFollowsAppend),
        (Flaw::TrimsText, Rule::KeepsBytes),
        (Flaw::ReplacesCharacters, Rule::KeepsBytes),
        (Flaw::IgnoresMax, Rule::ReadsRanges),
        (Flaw::ReadsTheLastAgain, Rule::ReadsNothingBehindTheEnd),
        (Flaw::AppendsAnywhere, Rule::RefusesElsewhere),
        (Flaw::ComparesNumbersAlone, Rule::RefusesElsewhere),
        (Flaw::NamesTheWrongHead, Rule::ConflictNamesTheHead),
        (Flaw::AnswersUnknown, Rule::ConflictNamesTheHead),
        (Flaw::RefusesRepeated, Rule::StoresOnce),
        (Flaw::StoresTwice, Rule::StoresOnce),
        (Flaw::ShortLines, Rule::TakesBigBatches),
        (Flaw::SmallBatches, Rule::TakesBigBatches),
        (Flaw::SyncsOnce, Rule::SyncsWhatIsStored),
        (Flaw::SyncsAnything, Rule::SyncsNothingElse),
        (Flaw::BusyBesideAppend, Rule::WorksBesideAppend),
        (Flaw::HeadPanicsBesideAppend, Rule::WorksBesideAppend),
        (Flaw::LosesTheLastAtReopening, Rule::SurvivesReopening),
        (Flaw::ForgetsItsHeadAtReopening, Rule::SurvivesReopening),
        (Flaw::LosesSyncedInCrash, Rule::SurvivesCrash),
        (Flaw::LosesTheMiddleInCrash, Rule::SurvivesCrash),
        (Flaw::TrustsItsOwnHead, Rule::KeepsRivalsApart),
        (Flaw::HeadIsWhatWasSynced, Rule::SettlesDoubt),
        (Flaw::OneThreadAlone, Rule::ServesAJournal),
    ];
    check_flaws(flaws, |flaw| kit(flaw).check());
}

#[test]
fn sink_that_hangs() {
    let kit = kit(Flaw::HangsBesideAppend).patience(Duration::from_secs(4));
    let broken = kit.check().unwrap_err();
    assert_eq!(broken.rule, Rule::WorksBesideAppend);
    assert_eq!(broken.found, "none");
}

#[test]
fn sink_without_a_flaw() {
    kit(Flaw::None).check().unwrap();
}

#[test]
fn texts_of_findings() {
    let check = |flaw, expected: &str| check_text(kit(flaw).check(), expected);
    check(
        Flaw::AppendsAnywhere,
        "the sink breaks a rule: a batch is stored only where the chain ends; \
         appending to an empty chain what follows other records, \
         expected a conflict, found success",
    );
    check(
        Flaw::IgnoresMax,
        "the sink breaks a rule: a range begins where it was asked for and is no longer; \
         reading 0 records from record 0 on, \
         expected 0 records at most, one at least, found 11 records",
    );
    check(
        Flaw::Closed,
        "the sink breaks a rule: the store opens; \
         opening a new store, expected a sink, found the error `planted`",
    );
    check(
        Flaw::ShortLines,
        "the sink breaks a rule: a big batch is stored as a whole; \
         appending 1 records of 1048576 bytes, \
         expected success, found the error `no room is left for the log`",
    );
}

#[test]
fn longest_line() {
    let mut chain = Chain::new();
    chain.records(9);
    for _ in 0..2 {
        assert_eq!(chain.longest().bytes().len(), MAX_LINE);
    }
}

#[test]
fn memory() -> Result<(), Broken> {
    check(|| Ok::<_, io::Error>(MemorySink::new()))
}

#[test]
fn files() -> Result<(), Broken> {
    for options in [
        FileSinkOptions::new(),
        FileSinkOptions::new().segment_bytes(1000),
        FileSinkOptions::new().zero_ahead(0),
    ] {
        let parent = Arc::new(tempfile::tempdir().unwrap());
        let (count, made, again) = (AtomicUsize::new(0), options.clone(), options.clone());
        let kept = Arc::clone(&parent);
        Kit::new(move || {
            let number = count.fetch_add(1, Ordering::SeqCst).to_string();
            made.open(kept.path().join(number))
        })
        .reopen(move |sink: FileSink| {
            let folder = sink.folder().to_owned();
            drop(sink);
            again.open(folder)
        })
        .rival(move |sink| options.open(sink.folder()))
        .check()?;
    }
    Ok(())
}

#[test]
fn faults_on_demand() {
    let sink = FaultSink::new(MemorySink::new());
    let mut chain = Chain::new();
    let batch = chain.records(1);
    let append = || sink.append(batch.start(), &batch);
    let passed = Arc::new(AtomicBool::new(false));
    let pass = Arc::clone(&passed);
    sink.on_append(Fault::Refuse(SinkError::Full));
    sink.on_append(Fault::Claim(batch.end()));
    sink.on_append(Fault::First(Arc::new(move || {
        pass.store(true, Ordering::SeqCst);
    })));
    assert!(matches!(append(), Err(SinkError::Full)));
    assert!(matches!(append(), Err(SinkError::Conflict(head)) if head == batch.end()));
    assert_eq!(sink.inner().head().unwrap(), Head::EMPTY);
    append().unwrap();
    assert!(passed.load(Ordering::SeqCst));

    sink.on_head(Fault::Claim(Head::EMPTY));
    assert_eq!(sink.head().unwrap(), Head::EMPTY);
    assert_eq!(sink.head().unwrap(), batch.end());
    sink.on_sync(Fault::WorkThenFail(SinkError::Full));
    assert!(sink.sync(batch.end()).is_err());
    sink.on_read(Fault::Refuse(trouble()));
    assert!(sink.read(0, 1).is_err());
    sink.on_sync(Fault::Panic);
    sink.calm();
    sink.sync(batch.end()).unwrap();
    let texts = [
        Fault::Panic,
        Fault::Slow(Duration::ZERO),
        Fault::First(Arc::new(|| ())),
    ];
    assert_eq!(format!("{texts:?}"), "[Panic, Slow(0ns), First]");
}
