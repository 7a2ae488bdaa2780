//! One log in several places: mirrors that fail, are behind, or are another log.

use std::sync::Arc;
use std::thread;
use std::time::{Duration, Instant};

use callgate_audit::testkit::{self, Fault, FaultSink};
use callgate_audit::{
    AppendError, AuditSink, Batch, FanOut, Head, Journal, JournalState, MemorySink, MirrorState,
    SinkError,
};
use proptest::prelude::*;

use crate::rig::{LONG, accepted, durable, numbered, poisoned, story, unknown};

type Place = Arc<FaultSink<Kept>>;

/// What the test looks into afterwards.
struct Kept(Arc<MemorySink>);

impl AuditSink for Kept {
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
}

/// A place for a log, and what is in it.
fn place() -> (Place, Arc<MemorySink>) {
    let memory = Arc::new(MemorySink::new());
    (Arc::new(FaultSink::new(Kept(Arc::clone(&memory)))), memory)
}

fn text(memory: &MemorySink) -> String {
    String::from_utf8(memory.contents()).unwrap()
}

fn open(sink: &Arc<FanOut>) -> Journal {
    Journal::open(Arc::clone(sink) as Arc<dyn AuditSink>).unwrap()
}

fn word(state: &MirrorState) -> String {
    match state {
        MirrorState::New => "new".to_owned(),
        MirrorState::Current(head) => format!("current {}", head.records),
        MirrorState::Behind(head) => format!("behind {}", head.records),
        MirrorState::Down(_) => "down".to_owned(),
        MirrorState::Forked(head) => format!("forked {}", head.records),
        _ => "other".to_owned(),
    }
}

fn words(sink: &FanOut) -> Vec<String> {
    sink.mirrors().iter().map(word).collect()
}

/// Records behind `after`.
fn batch(after: Head, numbers: std::ops::Range<u64>) -> Batch<'static> {
    let (mut lines, mut body, mut end) = (Vec::new(), Vec::new(), after);
    for number in numbers {
        numbered(number).encode(0, &mut body);
        end = end.link(&body, &mut lines);
    }
    Batch::parse(lines).unwrap()
}

/// A log of `count` records.
fn filled(count: u64) -> (Place, Arc<MemorySink>) {
    let (place, memory) = place();
    memory
        .append(Head::EMPTY, &batch(Head::EMPTY, 0..count))
        .unwrap();
    (place, memory)
}

#[test]
fn conforms() {
    let fan_out = || {
        let (primary, mirror) = (place().0, place().0);
        Ok::<_, SinkError>(FanOut::new(primary).required(mirror).optional(place().0))
    };
    testkit::check(fan_out).unwrap();
}

#[test]
fn all_have_the_same() {
    let [(one, first), (two, second), (three, third)] = [place(), place(), place()];
    let sink = Arc::new(FanOut::new(one).required(two).optional(three));
    assert_eq!(words(&sink), ["new", "new"]);
    let journal = open(&sink);
    for number in 0..5 {
        journal.append(&numbered(number), durable()).unwrap();
    }
    assert_eq!(words(&sink), ["current 5", "current 5"]);
    assert_eq!(story(&text(&first)).len(), 5);
    assert_eq!(text(&first), text(&second));
    assert_eq!(text(&first), text(&third));
    assert_eq!(sink.read(0, 9).unwrap().records(), 5);
}

/// A required mirror does `fault` with the second record, which is an allow.
#[track_caller]
fn check_required(fault: Fault, told: &[&str]) {
    let [(one, first), (two, second)] = [place(), place()];
    let sink = Arc::new(FanOut::new(one).required(Arc::clone(&two) as Arc<_>));
    let journal = open(&sink);
    journal.append(&numbered(0), durable()).unwrap();
    two.on_append(fault);
    let failed = journal.append(&numbered(1), durable().opens());
    assert!(matches!(failed, Err(AppendError::Unknown(_))), "{failed:?}");
    assert_eq!(words(&sink), ["down"]);
    journal.append(&numbered(2), durable()).unwrap();
    journal.flush(LONG).unwrap();
    assert_eq!(story(&text(&first)), told);
    assert_eq!(text(&first), text(&second));
    assert_eq!(words(&sink), ["current 4"]);
}

#[test]
fn required_mirror_that_fails_for_a_while() {
    let told = ["gap 0", "gap 1", "gap 2", "not_begun 1 late"];
    check_required(Fault::Refuse(unknown()), &told);
    check_required(Fault::WorkThenFail(unknown()), &told);
    check_required(Fault::Panic, &told);
    check_required(Fault::WorkThenPanic, &told);
}

#[test]
fn required_mirror_that_stays_down() {
    let [(one, _), (two, _)] = [place(), place()];
    let sink = Arc::new(FanOut::new(one).required(Arc::clone(&two) as Arc<_>));
    let journal = open(&sink);
    two.on_append(Fault::Refuse(unknown()));
    for _ in 0..4 {
        two.on_head(Fault::Refuse(unknown()));
    }
    for _ in 0..4 {
        let told = journal.append(&numbered(1), durable());
        assert!(matches!(told, Err(AppendError::Unknown(_))), "{told:?}");
    }
    assert!(matches!(journal.state(), JournalState::InDoubt));
}

#[test]
fn required_mirror_that_is_broken() {
    for error in [poisoned(), SinkError::Full] {
        let [(one, _), (two, _)] = [place(), place()];
        let sink = Arc::new(FanOut::new(one).required(Arc::clone(&two) as Arc<_>));
        let journal = open(&sink);
        two.on_append(Fault::Refuse(error));
        let told = journal.append(&numbered(1), durable());
        let Err(AppendError::Closed(SinkError::Poisoned(cause))) = told else {
            panic!("expected a closed journal, found {told:?}");
        };
        assert_eq!(cause.to_string(), "a mirror of the log failed");
    }
}

#[test]
fn required_mirror_that_cannot_sync() {
    let [(one, _), (two, _)] = [place(), place()];
    let sink = Arc::new(FanOut::new(one).required(Arc::clone(&two) as Arc<_>));
    let journal = open(&sink);
    two.on_sync(Fault::Refuse(poisoned()));
    let told = journal.append(&numbered(1), durable());
    assert!(matches!(told, Err(AppendError::Closed(_))), "{told:?}");
}

#[test]
fn optional_mirror_that_fails() {
    for fault in [
        Fault::Refuse(unknown()),
        Fault::Refuse(poisoned()),
        Fault::Panic,
        Fault::WorkThenFail(unknown()),
    ] {
        let [(one, first), (two, second)] = [place(), place()];
        let sink = Arc::new(FanOut::new(one).optional(Arc::clone(&two) as Arc<_>));
        let journal = open(&sink);
        two.on_append(fault);
        journal.append(&numbered(0), durable()).unwrap();
        assert_eq!(words(&sink), ["down"]);
        // It is left alone for half a second, and then catches up by itself.
        let since = Instant::now();
        let mut number = 1;
        while words(&sink) == ["down"] && since.elapsed() < Duration::from_secs(20) {
            thread::sleep(Duration::from_millis(20));
            journal.append(&numbered(number), durable()).unwrap();
            number += 1;
        }
        assert!(since.elapsed() > Duration::from_millis(300));
        assert_eq!(words(&sink), [format!("current {number}")]);
        assert_eq!(text(&first), text(&second));
    }
}

#[test]
fn optional_mirror_that_cannot_sync() {
    let [(one, _), (two, _)] = [place(), place()];
    let sink = Arc::new(FanOut::new(one).optional(Arc::clone(&two) as Arc<_>));
    let journal = open(&sink);
    two.on_sync(Fault::Panic);
    journal.append(&numbered(0), durable()).unwrap();
    assert_eq!(words(&sink), ["down"]);
    sink.catch_up().unwrap();
    assert_eq!(words(&sink), ["current 1"]);
}

#[test]
fn mirrors_that_are_behind() {
    let [(one, first), (two, second)] = [filled(5000), filled(17)];
    let [(three, third), (four, fourth)] = [place(), filled(17)];
    let sink = FanOut::new(one)
        .required(two)
        .optional(three)
        .optional(four);
    let sink = Arc::new(sink);
    let journal = open(&sink);
    assert_eq!(words(&sink), ["current 5000", "new", "new"]);
    // What is optional gets a step with each record.
    journal.append(&numbered(0), durable()).unwrap();
    assert_eq!(words(&sink), ["current 5001", "behind 1024", "behind 1041"]);
    sink.catch_up().unwrap();
    assert_eq!(words(&sink), ["current 5001"; 3]);
    for mirror in [second, third, fourth] {
        assert_eq!(text(&first), text(&mirror));
    }
}

#[test]
fn mirrors_that_are_another_log() {
    // It has another record in the last place; it is longer; it is another one from the start.
    let (_, other) = place();
    let common = batch(Head::EMPTY, 0..4);
    other.append(Head::EMPTY, &common).unwrap();
    other
        .append(common.end(), &batch(common.end(), 70..71))
        .unwrap();
    let (_, different) = place();
    different
        .append(Head::EMPTY, &batch(Head::EMPTY, 90..92))
        .unwrap();
    for (mirror, forked) in [(other, 5), (filled(9).1, 9), (different, 2)] {
        let before = text(&mirror);
        // Optional: it says so, and the log goes on.
        let (one, _) = filled(5);
        let sink = Arc::new(FanOut::new(one).optional(Arc::clone(&mirror) as Arc<_>));
        let journal = open(&sink);
        for number in 0..3 {
            journal.append(&numbered(number), durable()).unwrap();
            assert_eq!(words(&sink), [format!("forked {forked}")]);
        }
        sink.catch_up().unwrap();
        assert_eq!(text(&mirror), before);
        // Required: the log does not open.
        let (one, _) = filled(5);
        let sink = FanOut::new(one).required(Arc::clone(&mirror) as Arc<_>);
        let told = Journal::open(Arc::new(sink));
        let Err(SinkError::Poisoned(cause)) = told else {
            panic!("expected a poisoned sink, found {told:?}");
        };
        let ends = format!("a mirror of the log ends at {forked}:");
        assert!(cause.to_string().starts_with(&ends), "{cause}");
        assert_eq!(text(&mirror), before);
    }
}

#[test]
fn mirror_that_forks_on_the_way() {
    let [(one, _), (two, second)] = [place(), place()];
    let sink = Arc::new(FanOut::new(one).required(two));
    let journal = open(&sink);
    journal.append(&numbered(0), durable()).unwrap();
    let head = second.head().unwrap();
    // Somebody else writes it.
    second.append(head, &batch(head, 70..71)).unwrap();
    let told = journal.append(&numbered(1), durable());
    assert!(
        matches!(told, Err(AppendError::Closed(SinkError::Poisoned(_)))),
        "{told:?}"
    );
    assert_eq!(words(&sink), ["forked 2"]);
}

#[test]
fn catching_up_beside_appends() {
    let [(one, first), (two, second)] = [filled(20_000), place()];
    let sink = Arc::new(FanOut::new(one).optional(two));
    let journal = open(&sink);
    thread::scope(|scope| {
        let caught = scope.spawn(|| sink.catch_up());
        for number in 0..200 {
            journal.append(&numbered(number), durable()).unwrap();
        }
        caught.join().unwrap().unwrap();
    });
    sink.catch_up().unwrap();
    assert_eq!(text(&first), text(&second));
}

fn fault() -> impl Strategy<Value = Option<Fault>> {
    prop_oneof![
        3 => Just(None),
        1 => Just(Some(Fault::Refuse(unknown()))),
        1 => Just(Some(Fault::WorkThenFail(unknown()))),
        1 => Just(Some(Fault::Panic)),
        1 => Just(Some(Fault::WorkThenPanic)),
    ]
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_is_acknowledged_is_in_every_required_place(
        steps in prop::collection::vec([fault(), fault(), fault()], 1..16)
    ) {
        let [(one, first), (two, second), (three, third)] = [place(), place(), place()];
        let places = [Arc::clone(&one), Arc::clone(&two), Arc::clone(&three)];
        let sink = Arc::new(FanOut::new(one).required(two).optional(three));
        let journal = open(&sink);
        let mut acknowledged = Vec::new();
        for (number, faults) in (0_u64..).zip(steps) {
            for (place, fault) in places.iter().zip(faults) {
                place.calm();
                if let Some(fault) = fault {
                    place.on_append(fault);
                }
            }
            if journal.append(&numbered(number), accepted()).is_ok() {
                acknowledged.push(format!("gap {number}"));
            }
            let (all, some, few) = (text(&first), text(&second), text(&third));
            prop_assert!(all.starts_with(&some) && all.starts_with(&few));
            let there = story(&some);
            prop_assert!(acknowledged.iter().all(|record| there.contains(record)));
        }
        for place in &places {
            place.calm();
        }
        journal.flush(LONG).unwrap();
        sink.catch_up().unwrap();
        prop_assert_eq!(text(&first), text(&second));
        prop_assert_eq!(text(&first), text(&third));
    }
}
