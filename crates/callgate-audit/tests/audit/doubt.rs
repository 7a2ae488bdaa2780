//! Sinks that fail: what is told, what stands in the log, and what comes next.

use std::sync::Arc;

use callgate_audit::testkit::Fault;
use callgate_audit::{
    AppendError, AuditSink as _, Durability, Head, Journal, JournalState, SinkError,
};
use callgate_types::Digest;

use crate::rig::{
    Sink, accepted, durable, numbered, open, open_in_memory, poisoned, sink, story, text, unknown,
};

fn word(result: &Result<callgate_audit::Stored, AppendError>) -> String {
    match result {
        Ok(stored) => format!("stored {}", stored.seq),
        Err(AppendError::TimedOut) => "timed out".to_owned(),
        Err(AppendError::Unknown(_)) => "unknown".to_owned(),
        Err(AppendError::Closed(_)) => "closed".to_owned(),
        Err(AppendError::Refused(_)) => "refused".to_owned(),
        Err(other) => other.to_string(),
    }
}

fn state_word(state: &JournalState) -> &'static str {
    match state {
        JournalState::Open => "open",
        JournalState::InDoubt => "in doubt",
        JournalState::Closed(_) => "closed",
        _ => "new",
    }
}

/// Appends an allow while the sink does `first`, then record 2 while it answers `heads`.
#[track_caller]
fn check(first: Fault, heads: Vec<Fault>, told: [&str; 3], log: &[&str]) {
    check_of(open, first.clone(), heads.clone(), told, log);
    check_of(open_in_memory, first, heads, told, log);
}

#[track_caller]
fn check_of(
    open: fn(&Arc<Sink>) -> Journal,
    first: Fault,
    heads: Vec<Fault>,
    told: [&str; 3],
    log: &[&str],
) {
    let sink = sink();
    let journal = open(&sink);
    sink.on_append(first);
    for fault in heads {
        sink.on_head(fault);
    }

    let one = journal.append(&numbered(1), accepted().opens());
    assert_eq!([&*word(&one), state_word(&journal.state())], told[..2]);
    let two = journal.append(&numbered(2), accepted());
    assert_eq!(word(&two), told[2]);
    drop(journal.flush(crate::rig::LONG));
    drop(journal);
    assert_eq!(story(&text(&sink)), log);
}

#[test]
fn unknown_and_stored() {
    let first = Fault::WorkThenFail(unknown());
    let told = ["unknown", "in doubt", "stored 1"];
    check(first, vec![], told, &["gap 1", "gap 2", "not_begun 0 late"]);
}

#[test]
fn unknown_and_absent() {
    let told = ["unknown", "in doubt", "stored 0"];
    check(Fault::Refuse(unknown()), vec![], told, &["gap 2"]);
}

#[test]
fn panic_after_the_work() {
    let told = ["unknown", "in doubt", "stored 1"];
    let log = ["gap 1", "gap 2", "not_begun 0 late"];
    check(Fault::WorkThenPanic, vec![], told, &log);
}

#[test]
fn panic_before_the_work() {
    check(
        Fault::Panic,
        vec![],
        ["unknown", "in doubt", "stored 0"],
        &["gap 2"],
    );
}

#[test]
fn unknown_and_no_answer_for_a_while() {
    let heads = vec![Fault::Refuse(unknown())];
    let told = ["unknown", "in doubt", "unknown"];
    let log = ["gap 1", "not_begun 0 late"];
    check(Fault::WorkThenFail(unknown()), heads, told, &log);
}

#[test]
fn unknown_and_a_panic_for_an_answer() {
    let told = ["unknown", "in doubt", "unknown"];
    check(Fault::Refuse(unknown()), vec![Fault::Panic], told, &[]);
}

#[test]
fn unknown_and_another_head() {
    let heads = vec![Fault::Claim(Head::new(1, Digest::of(b"another")))];
    check(
        Fault::Refuse(unknown()),
        heads,
        ["unknown", "in doubt", "closed"],
        &[],
    );
}

#[test]
fn unknown_and_poisoned_meanwhile() {
    let heads = vec![Fault::Refuse(poisoned())];
    check(
        Fault::Refuse(unknown()),
        heads,
        ["unknown", "in doubt", "closed"],
        &[],
    );
}

#[test]
fn full() {
    check(
        Fault::Refuse(SinkError::Full),
        vec![],
        ["closed", "closed", "closed"],
        &[],
    );
}

#[test]
fn poisoned_before_the_work() {
    check(
        Fault::Refuse(poisoned()),
        vec![],
        ["closed", "closed", "closed"],
        &[],
    );
}

#[test]
fn poisoned_after_the_work() {
    let first = Fault::WorkThenFail(poisoned());
    check(first, vec![], ["closed", "closed", "closed"], &["gap 1"]);
}

#[test]
fn conflict_with_another_head() {
    let claim = Fault::Claim(Head::new(7, Digest::of(b"another")));
    check(claim, vec![], ["closed", "closed", "closed"], &[]);
}

#[test]
fn conflict_with_our_own_head() {
    let claim = Fault::Claim(Head::EMPTY);
    check(claim, vec![], ["refused", "open", "stored 0"], &["gap 2"]);
}

#[test]
fn conflict_with_the_end_of_the_batch() {
    // The sink stored the batch, lost its answer, and tried again by itself.
    let (sink, other) = (sink(), sink());
    let end = {
        let journal = open(&other);
        journal.append(&numbered(1), accepted()).unwrap();
        other.head().unwrap()
    };
    let journal = open(&sink);
    sink.on_append(Fault::WorkThenFail(SinkError::Conflict(end)));
    assert_eq!(word(&journal.append(&numbered(1), accepted())), "stored 0");
    assert_eq!(word(&journal.append(&numbered(2), accepted())), "stored 1");
    assert_eq!(story(&text(&sink)), ["gap 1", "gap 2"]);
}

/// Appends an allow that must be durable while the sink's sync does `first`, then record 2.
#[track_caller]
fn check_sync(first: Fault, told: [&str; 3], log: &[&str]) {
    let sink = sink();
    let journal = open(&sink);
    sink.on_sync(first);
    let one = journal.append(&numbered(1), durable().opens());
    assert_eq!([&*word(&one), state_word(&journal.state())], told[..2]);
    let two = journal.append(&numbered(2), durable());
    assert_eq!(word(&two), told[2]);
    drop(journal);
    assert_eq!(story(&text(&sink)), log);
}

#[test]
fn sync_poisoned() {
    check_sync(
        Fault::Refuse(poisoned()),
        ["closed", "closed", "closed"],
        &["gap 1"],
    );
}

#[test]
fn sync_full() {
    check_sync(
        Fault::Refuse(SinkError::Full),
        ["closed", "closed", "closed"],
        &["gap 1"],
    );
}

#[test]
fn sync_unknown() {
    let log = ["gap 1", "not_begun 0 late", "gap 2"];
    check_sync(
        Fault::Refuse(unknown()),
        ["unknown", "in doubt", "stored 2"],
        &log,
    );
}

#[test]
fn sync_panics() {
    let log = ["gap 1", "not_begun 0 late", "gap 2"];
    check_sync(Fault::Panic, ["unknown", "in doubt", "stored 2"], &log);
}

#[test]
fn sync_conflict_with_another_head() {
    let claim = Fault::Claim(Head::new(9, Digest::of(b"another")));
    check_sync(claim, ["closed", "closed", "closed"], &["gap 1"]);
}

#[test]
fn settle_finds_out() {
    let sink = sink();
    let journal = open(&sink);
    sink.on_append(Fault::Refuse(unknown()));
    sink.on_head(Fault::Refuse(unknown()));
    assert_eq!(word(&journal.append(&numbered(1), accepted())), "unknown");
    assert!(matches!(journal.settle(), Err(AppendError::Unknown(_))));
    assert_eq!(state_word(&journal.state()), "in doubt");
    journal.settle().unwrap();
    assert_eq!(state_word(&journal.state()), "open");
    assert_eq!(story(&text(&sink)), [""; 0]);
}

/// A record that must not be lost, while the sink does `first`.
#[track_caller]
fn check_kept(first: Fault, log: &[&str]) {
    let sink = sink();
    let journal = open(&sink);
    sink.on_append(first);
    journal
        .append(&numbered(1), accepted().keeps())
        .unwrap_err();
    journal.append(&numbered(2), accepted()).unwrap();
    journal.flush(crate::rig::LONG).unwrap();
    assert_eq!(story(&text(&sink)), log);
}

#[test]
fn kept_record_stands_there_once() {
    check_kept(Fault::WorkThenFail(unknown()), &["gap 1", "gap 2"]);
    check_kept(Fault::Refuse(unknown()), &["gap 1", "gap 2"]);
    check_kept(
        Fault::Refuse(SinkError::Conflict(Head::EMPTY)),
        &["gap 1", "gap 2"],
    );
}

#[test]
fn queued_record_survives_a_batch_that_was_not_stored() {
    let sink = sink();
    let journal = open(&sink);
    journal.queue(&numbered(1));
    sink.on_append(Fault::Refuse(unknown()));
    journal.append(&numbered(2), accepted()).unwrap_err();
    journal.append(&numbered(3), accepted()).unwrap();
    assert_eq!(story(&text(&sink)), ["gap 1", "gap 3"]);
}

#[test]
fn head_unknown_at_the_start() {
    let sink = sink();
    sink.on_head(Fault::Panic);
    let opened = Journal::open(Arc::clone(&sink) as Arc<_>);
    assert!(matches!(opened, Err(SinkError::Unknown(_))));
}

/// What is in memory is as safe as it will ever be: nobody is asked to sync it.
#[test]
fn in_memory_nothing_is_synced() {
    let sink = sink();
    let journal = open_in_memory(&sink);
    sink.on_sync(Fault::Refuse(poisoned()));
    for number in 0..3 {
        let stored = journal.append(&numbered(number), durable()).unwrap();
        assert_eq!(stored.seq, number);
        assert_eq!(stored.durability, Durability::Durable);
    }
    // A record that waits goes the way of all others.
    sink.calm();
    journal.queue(&numbered(3));
    let stored = journal.append(&numbered(4), durable()).unwrap();
    assert_eq!((stored.seq, stored.durability), (4, Durability::Durable));
    assert_eq!(
        story(&text(&sink)),
        ["gap 0", "gap 1", "gap 2", "gap 3", "gap 4"]
    );
}
