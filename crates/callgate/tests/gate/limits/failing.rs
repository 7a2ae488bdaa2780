//! Stores and logs that fail, and policies that are replaced.

use std::sync::Arc;
use std::time::Duration;

use callgate::{Code, DecisionKind};

use super::support::{Desk, Does, Nothing, TWO, run};
use crate::support::{Mood, POLICY, alice, allowed, context, look, refused};

#[test]
fn what_is_not_recorded_gives_back() {
    let desk = Desk::new(TWO);
    for mood in [Mood::UnknownLost, Mood::UnknownStored] {
        desk.sink.set(mood);
        assert_eq!(desk.ask().kind(), DecisionKind::Deny);
        desk.sink.set(Mood::Well);
        assert_eq!(desk.room(), 2, "{mood:?}");
    }
    // The record comes too late.
    let hands = Arc::clone(&desk.hands);
    *desk.sink.slowness.lock().unwrap() = Box::new(move || hands.forward(Duration::from_secs(6)));
    desk.sink.set(Mood::Slow);
    assert_eq!(desk.ask().code(), Code::AuditTimeout);
    desk.sink.set(Mood::Well);
    assert_eq!(desk.room(), 2);
}

#[test]
fn a_store_that_fails_denies() {
    for does in [Does::Nothing, Does::Panics, Does::Slow] {
        let desk = Desk::new(TWO);
        desk.store.set(does);
        let denied = desk.ask();
        refused(&denied, "limits_unavailable");
        let callgate::Decision::Deny(denial) = denied else {
            panic!("expected a denial")
        };
        assert_eq!(
            denial.message(),
            "nobody knows how much of the limits is used"
        );
        assert!(denial.for_model().ends_with("It may be tried again later."));
        assert_eq!(desk.sink.story(), ["decision limits_unavailable"]);
        // What no limit is about needs no store.
        run(allowed(desk.gate.authorize(&alice(), look(), &context())));
        desk.store.set(Does::Well);
        assert_eq!(desk.room(), 2, "{does:?}");
    }
}

#[test]
fn a_store_that_fails_at_begin_begins_nothing() {
    for does in [Does::Nothing, Does::Panics, Does::Slow] {
        let desk = Desk::new(TWO);
        let permit = desk.permit();
        desk.store.set(does);
        let not_begun = permit.begin().unwrap_err();
        assert_eq!(not_begun.code(), Some(Code::LimitsUnavailable), "{does:?}");
        desk.store.set(Does::Well);
        desk.gate.flush().unwrap();
        assert_eq!(
            desk.sink.story(),
            ["decision permitted", "not_begun stricter"]
        );
        // One that was counted all the same stays so; nothing is let through for it.
        let expected = if does == Does::Slow { 1 } else { 2 };
        assert_eq!(desk.room(), expected, "{does:?}");
    }
}

#[test]
fn an_answer_that_is_lost_is_asked_for_again() {
    let desk = Desk::new(TWO);
    desk.store.set(Does::LosesOneAnswer);
    let permit = desk.permit();
    assert_eq!(desk.store.asked(), ["reserve", "reserve"]);
    let permits = [permit, desk.permit()];
    refused(&desk.ask(), "limit_exceeded");
    drop(permits);
    assert_eq!(desk.room(), 2);
}

#[test]
fn dropping_never_waits() {
    let desk = Desk::new(TWO);
    let permit = desk.permit();
    desk.store.asked();
    drop(permit);
    assert_eq!(desk.store.asked(), [""; 0]);
    let permit = desk.permit();
    assert_eq!(desk.store.asked(), ["give_back", "reserve"]);
    drop(permit);
    desk.gate.flush().unwrap();
    assert_eq!(desk.store.asked(), ["give_back"]);

    // A store that does not wait is told at once.
    let desk = Desk::with(&format!("{POLICY}{TWO}"), false, false);
    drop(desk.permit());
    assert_eq!(desk.store.asked(), ["reserve", "give_back"]);
}

#[test]
fn what_cannot_be_given_back_is_tried_again() {
    let desk = Desk::new(TWO);
    drop([desk.permit(), desk.permit()]);
    desk.store.set(Does::Nothing);
    desk.gate.flush().unwrap();
    desk.store.set(Does::Well);
    assert_eq!(desk.room(), 2);
}

#[test]
fn judged_again_nothing_is_reserved_twice() {
    let desk = Desk::new(TWO);
    let policy =
        |more: &str| callgate::parse_policy(&format!("{POLICY}{more}"), "desk.toml").unwrap();
    // The same limit: its reservation is kept.
    let permits = [desk.permit(), desk.permit()];
    desk.gate
        .set_policy(policy(&format!("{TWO}# a comment\n")))
        .unwrap();
    desk.store.asked();
    for permit in permits {
        run(permit);
    }
    assert_eq!(desk.store.asked(), ["count", "count"]);

    // A wider one: two are used, and this is the third.
    desk.gate
        .set_policy(policy(&TWO.replace("count = 2", "count = 3")))
        .unwrap();
    let permit = desk.permit();
    // A tighter one: what was reserved makes room first, and does not come back.
    desk.gate.set_policy(policy(TWO)).unwrap();
    let not_begun = permit.begin().unwrap_err();
    assert_eq!(not_begun.code(), Some(Code::LimitExceeded));
    desk.gate.flush().unwrap();
    let story = desk.sink.story();
    assert_eq!(
        story[story.len() - 3..],
        [
            "decision limit_exceeded",
            "limit_reached",
            "not_begun stricter"
        ]
    );

    // One more limit is reserved when the call begins.
    desk.gate.set_policy(policy("")).unwrap();
    let permits = [desk.permit(), desk.permit(), desk.permit()];
    let other = TWO.replace("\"two\"", "\"other\"");
    desk.gate.set_policy(policy(&other)).unwrap();
    let begun = permits.map(|permit| permit.run(|_| Nothing::Ok(())).is_ok());
    assert_eq!(begun, [true, true, false]);
}
