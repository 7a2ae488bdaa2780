//! Sinks that fail: what is told, what stands in the log, and what comes next.

use std::sync::Arc;

use callgate_audit::{AppendError, AuditSink as _, Head, JournalState, SinkError};
use callgate_types::Digest;

use crate::rig::{Act, Scripted, accepted, durable, numbered, open, poisoned, story, unknown};

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
fn check(first: Act, heads: Vec<Act>, told: [&str; 3], log: &[&str]) {
    let sink = Scripted::new();
    let journal = open(&sink);
    sink.appends.lock().unwrap().push_back(first);
    sink.heads.lock().unwrap().extend(heads);

    let one = journal.append(&numbered(1), accepted().opens());
    assert_eq!([&*word(&one), state_word(&journal.state())], told[..2]);
    let two = journal.append(&numbered(2), accepted());
    assert_eq!(word(&two), told[2]);
    drop(journal.flush(crate::rig::LONG));
    drop(journal);
    assert_eq!(story(&sink.text()), log);
}

#[test]
fn unknown_and_stored() {
    let first = Act::WorkThenFail(unknown());
    let told = ["unknown", "in doubt", "stored 1"];
    check(first, vec![], told, &["gap 1", "gap 2", "not_begun 0 late"]);
}

#[test]
fn unknown_and_absent() {
    let told = ["unknown", "in doubt", "stored 0"];
    check(Act::Fail(unknown()), vec![], told, &["gap 2"]);
}

#[test]
fn panic_after_the_work() {
    let told = ["unknown", "in doubt", "stored 1"];
    let log = ["gap 1", "gap 2", "not_begun 0 late"];
    check(Act::WorkThenPanic, vec![], told, &log);
}

#[test]
fn panic_before_the_work() {
    check(
        Act::Panic,
        vec![],
        ["unknown", "in doubt", "stored 0"],
        &["gap 2"],
    );
}

#[test]
fn unknown_and_no_answer_for_a_while() {
    let heads = vec![Act::Fail(unknown())];
    let told = ["unknown", "in doubt", "unknown"];
    let log = ["gap 1", "not_begun 0 late"];
    check(Act::WorkThenFail(unknown()), heads, told, &log);
}

#[test]
fn unknown_and_a_panic_for_an_answer() {
    let told = ["unknown", "in doubt", "unknown"];
    check(Act::Fail(unknown()), vec![Act::Panic], told, &[]);
}

#[test]
fn unknown_and_another_head() {
    let heads = vec![Act::Claim(Head::new(1, Digest::of(b"another")))];
    check(
        Act::Fail(unknown()),
        heads,
        ["unknown", "in doubt", "closed"],
        &[],
    );
}

#[test]
fn unknown_and_poisoned_meanwhile() {
    let heads = vec![Act::Fail(poisoned())];
    check(
        Act::Fail(unknown()),
        heads,
        ["unknown", "in doubt", "closed"],
        &[],
    );
}

#[test]
fn full() {
    check(
        Act::Fail(SinkError::Full),
        vec![],
        ["closed", "closed", "closed"],
        &[],
    );
}

#[test]
fn poisoned_before_the_work() {
    check(
        Act::Fail(poisoned()),
        vec![],
        ["closed", "closed", "closed"],
        &[],
    );
}

#[test]
fn poisoned_after_the_work() {
    let first = Act::WorkThenFail(poisoned());
    check(first, vec![], ["closed", "closed", "closed"], &["gap 1"]);
}

#[test]
fn conflict_with_another_head() {
    let claim = Act::Claim(Head::new(7, Digest::of(b"another")));
    check(claim, vec![], ["closed", "closed", "closed"], &[]);
}

#[test]
fn conflict_with_our_own_head() {
    let claim = Act::Claim(Head::EMPTY);
    check(claim, vec![], ["refused", "open", "stored 0"], &["gap 2"]);
}

#[test]
fn conflict_with_the_end_of_the_batch() {
    // The sink stored the batch, lost its answer, and tried again by itself.
    let sink = Scripted::new();
    let other = Scripted::new();
    let end = {
        let journal = open(&other);
        journal.append(&numbered(1), accepted()).unwrap();
        other.head().unwrap()
    };
    let journal = open(&sink);
    let mut appends = sink.appends.lock().unwrap();
    appends.push_back(Act::WorkThenFail(SinkError::Conflict(end)));
    drop(appends);
    assert_eq!(word(&journal.append(&numbered(1), accepted())), "stored 0");
    assert_eq!(word(&journal.append(&numbered(2), accepted())), "stored 1");
    assert_eq!(story(&sink.text()), ["gap 1", "gap 2"]);
}

/// Appends an allow that must be durable while the sink's sync does `first`, then record 2.
#[track_caller]
fn check_sync(first: Act, told: [&str; 3], log: &[&str]) {
    let sink = Scripted::new();
    let journal = open(&sink);
    sink.syncs.lock().unwrap().push_back(first);
    let one = journal.append(&numbered(1), durable().opens());
    assert_eq!([&*word(&one), state_word(&journal.state())], told[..2]);
    let two = journal.append(&numbered(2), durable());
    assert_eq!(word(&two), told[2]);
    drop(journal);
    assert_eq!(story(&sink.text()), log);
}

#[test]
fn sync_poisoned() {
    check_sync(
        Act::Fail(poisoned()),
        ["closed", "closed", "closed"],
        &["gap 1"],
    );
}

#[test]
fn sync_full() {
    check_sync(
        Act::Fail(SinkError::Full),
        ["closed", "closed", "closed"],
        &["gap 1"],
    );
}

#[test]
fn sync_unknown() {
    let log = ["gap 1", "not_begun 0 late", "gap 2"];
    check_sync(
        Act::Fail(unknown()),
        ["unknown", "in doubt", "stored 2"],
        &log,
    );
}

#[test]
fn sync_panics() {
    let log = ["gap 1", "not_begun 0 late", "gap 2"];
    check_sync(Act::Panic, ["unknown", "in doubt", "stored 2"], &log);
}

#[test]
fn sync_conflict_with_another_head() {
    let claim = Act::Claim(Head::new(9, Digest::of(b"another")));
    check_sync(claim, ["closed", "closed", "closed"], &["gap 1"]);
}

#[test]
fn settle_finds_out() {
    let sink = Scripted::new();
    let journal = open(&sink);
    sink.appends.lock().unwrap().push_back(Act::Fail(unknown()));
    sink.heads.lock().unwrap().push_back(Act::Fail(unknown()));
    assert_eq!(word(&journal.append(&numbered(1), accepted())), "unknown");
    assert!(matches!(journal.settle(), Err(AppendError::Unknown(_))));
    assert_eq!(state_word(&journal.state()), "in doubt");
    journal.settle().unwrap();
    assert_eq!(state_word(&journal.state()), "open");
    assert_eq!(story(&sink.text()), [""; 0]);
}

/// A record that must not be lost, while the sink does `first`.
#[track_caller]
fn check_kept(first: Act, log: &[&str]) {
    let sink = Scripted::new();
    let journal = open(&sink);
    sink.appends.lock().unwrap().push_back(first);
    journal
        .append(&numbered(1), accepted().keeps())
        .unwrap_err();
    journal.append(&numbered(2), accepted()).unwrap();
    journal.flush(crate::rig::LONG).unwrap();
    assert_eq!(story(&sink.text()), log);
}

#[test]
fn kept_record_stands_there_once() {
    check_kept(Act::WorkThenFail(unknown()), &["gap 1", "gap 2"]);
    check_kept(Act::Fail(unknown()), &["gap 1", "gap 2"]);
    check_kept(
        Act::Fail(SinkError::Conflict(Head::EMPTY)),
        &["gap 1", "gap 2"],
    );
}

#[test]
fn queued_record_survives_a_batch_that_was_not_stored() {
    let sink = Scripted::new();
    let journal = open(&sink);
    journal.queue(&numbered(1));
    sink.appends.lock().unwrap().push_back(Act::Fail(unknown()));
    journal.append(&numbered(2), accepted()).unwrap_err();
    journal.append(&numbered(3), accepted()).unwrap();
    assert_eq!(story(&sink.text()), ["gap 1", "gap 3"]);
}

#[test]
fn head_unknown_at_the_start() {
    let sink = Scripted::new();
    sink.heads.lock().unwrap().push_back(Act::Panic);
    let opened = callgate_audit::Journal::open(Arc::clone(&sink) as Arc<_>);
    assert!(matches!(opened, Err(SinkError::Unknown(_))));
}
