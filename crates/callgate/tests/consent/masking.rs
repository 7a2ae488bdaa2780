//! An argument that the catalogue keeps as a digest is shown nowhere.

use callgate::{Parked, ToolCall};

use crate::support::{Desk, alice, allowed, bob, context, denied, refund, run};

const SECRET: &str = "7391-correct-horse";

fn secret() -> ToolCall {
    refund(&format!(r#"{{"amount": 80, "pin": "{SECRET}"}}"#))
}

#[track_caller]
fn hides(what: &str, shown: &str) {
    assert!(!shown.contains(SECRET), "{what}: {shown}");
}

fn asked() -> (Desk, Parked) {
    let desk = Desk::new();
    let parked = desk.ask(secret());
    (desk, parked)
}

#[test]
fn in_what_is_stored_and_shown() {
    let (desk, parked) = asked();
    let asked = desk.gate.approval(parked.approval(), &bob()).unwrap();
    hides("preview", &asked.question.preview);
    hides("store", &serde_json::to_string(&asked).unwrap());
    hides("debug", &format!("{asked:?}"));
    let listed = desk.gate.approvals(&bob(), None).unwrap();
    assert_eq!(listed, [asked]);
}

#[test]
fn in_messages() {
    let (desk, _) = asked();
    let held = desk.gate.authorize(&alice(), secret(), &context());
    hides("debug", &format!("{held:?}"));
    let callgate::Decision::Ask(pending) = held else {
        panic!("not asked")
    };
    hides("message", pending.message());
    hides("for the model", pending.for_model());
    let wrong = format!(r#"{{"amount": 80, "pin": "{SECRET}{SECRET}"}}"#);
    let refused = desk.gate.authorize(&alice(), refund(&wrong), &context());
    let callgate::Decision::Deny(denial) = refused else {
        panic!("not denied")
    };
    hides("message", denial.message());
    hides("for the model", denial.for_model());
}

#[test]
fn in_explanations() {
    let snapshot = callgate::parse_policy(crate::support::POLICY, "desk.toml").unwrap();
    let (alice, call, context) = (alice(), secret(), context());
    let trace = snapshot.explain(&alice, &call, &context);
    hides("trace", &format!("{trace:?}"));
    hides("steps", &serde_json::to_string(trace.steps()).unwrap());
}

#[test]
fn in_the_log() {
    let (desk, parked) = asked();
    desk.answer(parked.approval(), &bob()).unwrap();
    run(allowed(desk.resume(&parked))).unwrap();
    for record in desk.records() {
        hides("record", &record.to_string());
    }
}

#[test]
fn and_it_is_bound_all_the_same() {
    let (desk, parked) = asked();
    desk.answer(parked.approval(), &bob()).unwrap();
    let other = refund(r#"{"amount": 80, "pin": "another"}"#);
    let resumed = desk
        .gate
        .resume(parked.approval(), &alice(), other, &context());
    denied(resumed, "approval_mismatch");
}
