//! No record, no allow; and a tool that succeeded is never reported as failed.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use crate::support::{
    Faulty, Hands, Mood, POLICY, Ticking, alice, allowed, builder, change, context, gate, look,
    refused,
};
use callgate::{BuildError, Decision};

type Nothing = Result<(), std::fmt::Error>;

#[track_caller]
fn check(mood: Mood, code: &str, then: Option<&str>, story: &[&str]) {
    let sink = Faulty::new();
    let gate = gate(&sink);
    sink.set(mood);
    refused(&gate.authorize(&alice(), change(), &context()), code);
    sink.set(Mood::Well);
    let next = gate.authorize(&alice(), change(), &context());
    if let Some(code) = then {
        refused(&next, code);
    } else {
        let ran = allowed(next).run(|_| Nothing::Ok(())).unwrap();
        assert!(ran.recorded.is_ok());
    }
    drop(gate);
    assert_eq!(sink.story(), story, "{mood:?}");
    sink.verifies();
}

#[test]
fn before_the_run() {
    let ran = ["decision permitted", "outcome ok"];
    check(Mood::Full, "audit_failed", Some("audit_failed"), &[]);
    check(Mood::Poisoned, "audit_failed", Some("audit_failed"), &[]);
    check(Mood::UnknownLost, "audit_unknown", None, &ran);
    check(Mood::Panics, "audit_unknown", None, &ran);
    let stored = ["decision permitted", "not_begun late", ran[0], ran[1]];
    check(Mood::UnknownStored, "audit_unknown", None, &stored);
}

#[test]
fn failed_sync_denies_what_writes() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    *sink.sync.lock().unwrap() = Mood::Poisoned;
    let read = gate.authorize(&alice(), look(), &context());
    assert!(
        matches!(read, Decision::Allow(_)),
        "reads do not wait for the device"
    );
    refused(
        &gate.authorize(&alice(), change(), &context()),
        "audit_failed",
    );
    refused(
        &gate.authorize(&alice(), look(), &context()),
        "audit_failed",
    );
}

#[test]
fn unanswered_head_denies_everything() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    sink.set(Mood::UnknownLost);
    refused(
        &gate.authorize(&alice(), look(), &context()),
        "audit_unknown",
    );
    sink.set(Mood::Well);
    *sink.head.lock().unwrap() = Mood::UnknownLost;
    for _ in 0..3 {
        refused(
            &gate.authorize(&alice(), look(), &context()),
            "audit_unknown",
        );
    }
    *sink.head.lock().unwrap() = Mood::Well;
    drop(allowed(gate.authorize(&alice(), look(), &context())));
    gate.flush().unwrap();
    assert_eq!(sink.story(), ["decision permitted", "not_begun dropped"]);
    sink.verifies();
}

#[test]
fn after_the_run() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    sink.set(Mood::UnknownLost);
    let ran = permit.run(|_| Ok::<_, std::fmt::Error>("done")).unwrap();
    assert_eq!(*ran.output.as_ref().unwrap().value(), "done");
    assert_eq!(ran.released(), r#""done""#);
    assert!(ran.recorded.is_err(), "the outcome is not in the log");

    let denied = gate.authorize(&alice(), change(), &context());
    refused(&denied, "outcome_unrecorded");
    sink.set(Mood::Well);
    drop(allowed(gate.authorize(&alice(), change(), &context())));
    gate.flush().unwrap();
    let story = [
        "decision permitted",
        "outcome ok",
        "decision permitted",
        "not_begun dropped",
    ];
    assert_eq!(sink.story(), story);
    sink.verifies();
}

#[test]
fn unrecorded_outcome_stops_permits_that_were_given_out() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let first = allowed(gate.authorize(&alice(), change(), &context()));
    let second = allowed(gate.authorize(&alice(), change(), &context()));
    sink.set(Mood::UnknownLost);
    assert!(first.run(|_| Nothing::Ok(())).unwrap().recorded.is_err());
    let ran = AtomicBool::new(false);
    let not_begun = second
        .run(|_| {
            ran.store(true, Ordering::SeqCst);
            Nothing::Ok(())
        })
        .unwrap_err();
    assert_eq!(not_begun.code().unwrap().as_str(), "outcome_unrecorded");
    assert!(!ran.load(Ordering::SeqCst));
}

#[test]
fn leader_that_comes_back_late_is_denied() {
    let sink = Faulty::new();
    let hands = Arc::new(Hands::default());
    let gate = builder(POLICY, sink.clone())
        .clock(Ticking(Arc::clone(&hands)))
        .deadline(Duration::from_secs(5))
        .build()
        .unwrap();
    *sink.slowness.lock().unwrap() = Box::new(move || hands.forward(Duration::from_secs(6)));
    sink.set(Mood::Slow);
    refused(
        &gate.authorize(&alice(), change(), &context()),
        "audit_timeout",
    );
    sink.set(Mood::Well);
    gate.flush().unwrap();
    assert_eq!(sink.story(), ["decision permitted", "not_begun late"]);
    sink.verifies();
}

#[test]
fn denials_are_recorded_and_stay_denials_without_a_record() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let elsewhere = callgate::Context::new();
    let Decision::Deny(denial) = gate.authorize(&alice(), change(), &elsewhere) else {
        panic!("nothing is known of the account");
    };
    assert_eq!(denial.record(), Some(1));
    sink.set(Mood::UnknownLost);
    let Decision::Deny(denial) = gate.authorize(&alice(), change(), &elsewhere) else {
        panic!("nothing is known of the account");
    };
    assert_eq!(denial.code().as_str(), "forbidden");
    assert_eq!(denial.record(), None);
}

#[test]
fn gate_needs_a_sink_that_takes_records() {
    for (head, append) in [(Mood::Poisoned, Mood::Well), (Mood::Well, Mood::Full)] {
        let sink = Faulty::new();
        *sink.head.lock().unwrap() = head;
        sink.set(append);
        let error = builder(POLICY, sink).build().unwrap_err();
        assert!(matches!(error, BuildError::Sink(_) | BuildError::Record(_)));
    }
}
