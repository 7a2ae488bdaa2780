//! What an approval is not good for.

use std::time::Duration;

use callgate::{ApprovalAnswer, Caller, Context, Digest, Parked, Principal};

use crate::support::{
    Desk, alice, allowed, bob, caller, context, denied, large, pending, principal, refund, run,
};

/// Resumes an approval of [`large`] with something else.
#[track_caller]
fn resumed(who: &Caller, arguments: &str, context: &Context, code: &str) {
    let desk = Desk::new();
    let parked = desk.approved();
    let decision = desk
        .gate
        .resume(parked.approval(), who, refund(arguments), context);
    denied(decision, code);
    assert_eq!(desk.state(parked.approval()), "approved");
    // It is still good for what it was given for.
    run(allowed(desk.resume(&parked))).unwrap();
}

#[test]
fn edited_arguments() {
    let edited = [
        r#"{"amount": 800, "note": "late parcel"}"#,
        r#"{"amount": 80, "note": "late parcel "}"#,
        r#"{"amount": 80, "note": "Late parcel"}"#,
        r#"{"amount": 80, "note": null}"#,
        r#"{"amount": 80}"#,
        r#"{"amount": 80, "note": "late parcel", "pin": "1"}"#,
        "{\"amount\": 80, \"note\": \"late parcel\u{200b}\"}",
    ];
    for arguments in edited {
        resumed(&alice(), arguments, &context(), "approval_mismatch");
    }
    resumed(
        &alice(),
        r#"{"amount": "80", "note": "late parcel"}"#,
        &context(),
        "invalid_arguments",
    );
    resumed(
        &alice(),
        r#"{"amount": 80, "amount": 80}"#,
        &context(),
        "invalid_arguments",
    );
}

#[test]
fn absent_is_not_null() {
    let desk = Desk::new();
    let parked = desk.ask(refund(r#"{"amount": 80, "note": null}"#));
    desk.answer(parked.approval(), &bob()).unwrap();
    let without = desk.gate.resume(
        parked.approval(),
        &alice(),
        refund(r#"{"amount": 80}"#),
        &context(),
    );
    denied(without, "approval_mismatch");
}

#[test]
fn swapped_key_order_is_the_same_call() {
    let desk = Desk::new();
    let parked = desk.approved();
    let call = refund("{\"note\" :\"late\\u0020parcel\",\n \"amount\":80}");
    let permit = allowed(
        desk.gate
            .resume(parked.approval(), &alice(), call, &context()),
    );
    run(permit).unwrap();
}

#[test]
fn another_tenant() {
    let in_globex = |id: &str, role: &str| {
        let who = Principal::asserted(id.parse().unwrap()).member_of("globex", [role]);
        Caller::of(who).in_tenant("globex").unwrap()
    };
    let same = r#"{"amount": 80, "note": "late parcel"}"#;
    resumed(
        &in_globex("user:alice", "support"),
        same,
        &context(),
        "approval_unknown",
    );
    let desk = Desk::new();
    let parked = desk.ask(large());
    let error = desk
        .answer(parked.approval(), &in_globex("user:bob", "lead"))
        .unwrap_err();
    assert_eq!(error.to_string(), "there is no such approval");
}

#[test]
fn another_session_task_or_environment() {
    let same = r#"{"amount": 80, "note": "late parcel"}"#;
    for context in [
        context().session("s2"),
        context().task("t2"),
        context().environment("staging"),
        Context::new().session("s1").task("t1"),
        Context::new(),
    ] {
        resumed(&alice(), same, &context, "approval_mismatch");
    }
}

#[test]
fn another_chain() {
    let same = r#"{"amount": 80, "note": "late parcel"}"#;
    let others = [
        caller("user:alice", &["support"]),
        caller("user:dave", &["support"]),
        Caller::of(principal("user:alice", &["support"]))
            .acting(Principal::asserted("agent:bot".parse().unwrap()))
            .in_tenant("acme")
            .unwrap(),
    ];
    for who in &others {
        resumed(who, same, &context(), "approval_mismatch");
    }
}

#[test]
fn replay_after_use() {
    let desk = Desk::new();
    let parked = desk.approved();
    run(allowed(desk.resume(&parked))).unwrap();
    denied(desk.resume(&parked), "approval_used");
    let next = desk.restarted();
    denied(next.resume(&parked), "approval_used");
    // The same call once more is a new question.
    let again = next.ask(large());
    assert_ne!(again.approval(), parked.approval());
}

#[test]
fn approval_of_one_call_used_for_another() {
    let desk = Desk::new();
    let parked = desk.approved();
    let other = desk.ask(refund(r#"{"amount": 90}"#));
    let swapped = desk
        .gate
        .resume(parked.approval(), &alice(), other.call(), &context());
    denied(swapped, "approval_mismatch");
    pending(desk.resume(&other));
}

#[test]
fn answer_after_expiry() {
    let desk = Desk::new();
    let parked = desk.ask(large());
    desk.hands.forward(Duration::from_secs(900));
    let asked = desk.gate.approval(parked.approval(), &bob()).unwrap();
    let yes = ApprovalAnswer::approve(asked.question.preview_digest());
    let error = desk
        .gate
        .answer(parked.approval(), &bob(), yes)
        .unwrap_err();
    assert_eq!(error.to_string(), "the approval has expired");
    denied(desk.resume(&parked), "approval_expired");
}

#[test]
fn forged_pending() {
    let desk = Desk::new();
    let parked = desk.approved();
    let made_up = "00112233445566778899aabbccddeeff".parse().unwrap();
    let decision = desk.gate.resume(made_up, &alice(), large(), &context());
    denied(decision, "approval_unknown");
    let text = serde_json::to_string(&parked).unwrap();
    let edit = |from: &str, to: &str| {
        let edited: Parked = serde_json::from_str(&text.replace(from, to)).unwrap();
        desk.resume(&edited)
    };
    denied(edit("late parcel", "my parcel"), "approval_mismatch");
    denied(edit("\"refund\"", "\"nuke\""), "unknown_tool");
    for bad in [
        text.replace("approval", "state"),
        text.replace('}', r#","approved":true}"#),
        text.replace(&parked.approval().to_string(), "x"),
    ] {
        assert!(serde_json::from_str::<Parked>(&bad).is_err(), "{bad}");
    }
    let kept: Parked = serde_json::from_str(&text).unwrap();
    run(allowed(desk.resume(&kept))).unwrap();
}

#[test]
fn forged_approver() {
    let desk = Desk::new();
    let parked = desk.ask(large());
    let asked = desk.gate.approval(parked.approval(), &bob()).unwrap();
    let yes = ApprovalAnswer::approve(asked.question.preview_digest());
    let says = |who: &Caller| {
        desk.gate
            .answer(parked.approval(), who, yes)
            .unwrap_err()
            .to_string()
    };
    // The role is held elsewhere, or not at all.
    let elsewhere = Principal::asserted("user:bob".parse().unwrap())
        .member_of("globex", ["lead"])
        .member_of("acme", ["support"]);
    let elsewhere = Caller::of(elsewhere).in_tenant("acme").unwrap();
    assert_eq!(says(&elsewhere), "there is no such approval");
    assert_eq!(says(&Caller::unknown()), "there is no such approval");
    let lead = Principal::asserted("agent:bot2".parse().unwrap()).member_of("acme", ["lead"]);
    let lead = Caller::of(lead).in_tenant("acme").unwrap();
    assert_eq!(says(&lead), "an approver is a person");
    let gone = callgate::AssertedBy::host().until("2026-11-20T11:59:59Z".parse().unwrap());
    let gone = Caller::of(principal("user:bob", &["lead"]).by(gone))
        .in_tenant("acme")
        .unwrap();
    assert_eq!(says(&gone), "the approver's credential has ended");
    assert_eq!(desk.state(parked.approval()), "asked");
}

#[test]
fn approver_in_the_chain() {
    let desk = Desk::new();
    let parked = desk.ask(large());
    let own = "nobody approves a call of their own, or of what they own";
    for name in ["user:alice", "user:carol"] {
        let error = desk
            .answer(parked.approval(), &caller(name, &["lead"]))
            .unwrap_err();
        assert_eq!(error.to_string(), own, "{name}");
    }
    // Nor the one who acts, whatever else they hold.
    let dave = principal("user:dave", &["lead"]);
    let chain = Caller::of(principal("user:alice", &["support"])).acting(dave.clone());
    let chain = chain.in_tenant("acme").unwrap();
    let pending = pending(desk.gate.authorize(&chain, large(), &context()));
    let dave = Caller::of(dave).in_tenant("acme").unwrap();
    let error = desk.answer(pending.approval().unwrap(), &dave).unwrap_err();
    assert_eq!(error.to_string(), own);
}

#[test]
fn answer_to_something_else_than_was_asked() {
    let desk = Desk::new();
    let parked = desk.ask(large());
    let yes = ApprovalAnswer::approve(Digest::of(b"refund 8"));
    let error = desk
        .gate
        .answer(parked.approval(), &bob(), yes)
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "the approver was shown something else than what is asked"
    );
}
