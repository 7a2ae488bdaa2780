//! What is asked, and what an answer does.

use std::time::Duration;

use callgate::approval::Allowance;
use callgate::{ApprovalAnswer, Context, Decision, Gate, MemorySink, Principal};

use crate::support::{
    Desk, POLICY, alice, allowed, bob, caller, context, denied, large, pending, refund, run,
};

#[test]
fn asked_answered_resumed_and_run() {
    let desk = Desk::new();
    let parked = desk.ask(large());
    assert_eq!(
        desk.answer(parked.approval(), &bob()).unwrap().as_str(),
        "approved"
    );
    let permit = allowed(desk.resume(&parked));
    assert_eq!(permit.code().as_str(), "approved");
    run(permit).unwrap();
    assert_eq!(desk.state(parked.approval()), "consumed");
    assert_eq!(
        desk.story(),
        [
            "decision asked",
            "approval_asked",
            "approval_answered approved",
            "decision approved",
            "approval_consumed",
            "outcome ok",
        ]
    );
    let records = desk.records();
    let id = parked.approval().to_string();
    for record in &records[2..6] {
        let named = record["approval"]
            .as_str()
            .or(record["approvals"][0].as_str());
        assert_eq!(named, Some(&*id), "{record}");
    }
    assert_eq!(records[2]["decision_seq"], 1);
    assert_eq!(records[2]["basis"].as_array().unwrap().len(), 5);
    assert_eq!(records[3]["approver"]["id"], "user:bob");
    assert_eq!(records[3]["preview"], records[2]["preview"]);
    assert_eq!(records[3]["settled"], true);
    assert_eq!(records[5]["decision_seq"], 4);
}

#[test]
fn plain_authorize_never_consumes() {
    let desk = Desk::new();
    let parked = desk.approved();
    let again = pending(desk.gate.authorize(&alice(), large(), &context()));
    assert_eq!(again.approval(), Some(parked.approval()));
    assert_eq!(desk.state(parked.approval()), "approved");
}

#[test]
fn retrying_earns_nothing() {
    let desk = Desk::new();
    let parked = desk.ask(large());
    for _ in 0..100 {
        assert_eq!(desk.ask(large()).approval(), parked.approval());
    }
    let asked = desk
        .story()
        .iter()
        .filter(|told| *told == "approval_asked")
        .count();
    assert_eq!(asked, 1);
    denied_after_refusal(&desk, &parked);
}

fn denied_after_refusal(desk: &Desk, parked: &callgate::Parked) {
    desk.gate
        .answer(parked.approval(), &bob(), ApprovalAnswer::refuse())
        .unwrap();
    for _ in 0..3 {
        denied(
            desk.gate.authorize(&alice(), large(), &context()),
            "approval_refused",
        );
    }
    denied(desk.resume(parked), "approval_refused");
    // Another call is another question, and a refusal does not last for ever.
    desk.ask(refund(r#"{"amount": 81}"#));
    desk.hands.forward(Duration::from_secs(900));
    assert_ne!(desk.ask(large()).approval(), parked.approval());
}

#[test]
fn one_refusal_ends_it() {
    let desk = Desk::new();
    let parked = desk.ask(large());
    let no = ApprovalAnswer::refuse().because("too much");
    desk.gate.answer(parked.approval(), &bob(), no).unwrap();
    let eve = caller("user:eve", &["lead"]);
    let error = desk.answer(parked.approval(), &eve).unwrap_err();
    assert_eq!(error.to_string(), "the approval is refused");
    let Decision::Deny(denial) = desk.resume(&parked) else {
        panic!("not denied")
    };
    assert!(
        denial.for_model().contains("a person refused this call"),
        "{}",
        denial.for_model()
    );
}

#[test]
fn expiry_is_a_refusal_that_the_agent_sees() {
    let desk = Desk::new();
    let parked = desk.approved();
    desk.hands.forward(Duration::from_secs(900));
    let Decision::Deny(denial) = desk.resume(&parked) else {
        panic!("not denied")
    };
    assert_eq!(denial.code().as_str(), "approval_expired");
    assert!(
        denial
            .for_model()
            .contains("nobody agreed to this call in time")
    );
    assert_eq!(desk.state(parked.approval()), "expired");
    assert!(
        desk.story()
            .contains(&"approval_answered expired".to_owned())
    );
    // A new question may be asked then.
    assert_ne!(desk.ask(large()).approval(), parked.approval());
}

#[test]
fn taken_back_by_whoever_asked() {
    let desk = Desk::new();
    let parked = desk.ask(large());
    let error = desk.gate.cancel(parked.approval(), &bob()).unwrap_err();
    assert_eq!(error.to_string(), "there is no such approval");
    desk.gate.cancel(parked.approval(), &alice()).unwrap();
    denied(desk.resume(&parked), "approval_cancelled");
    assert!(desk.answer(parked.approval(), &bob()).is_err());
    assert!(
        desk.story()
            .contains(&"approval_answered cancelled".to_owned())
    );
}

#[test]
fn seen_by_those_whom_it_concerns() {
    let desk = Desk::new();
    let parked = desk.ask(large());
    let sees = |who| desk.gate.approvals(&who, None).unwrap().len();
    assert_eq!(sees(bob()), 1);
    assert_eq!(sees(caller("user:alice", &[])), 1);
    assert_eq!(sees(caller("user:mallory", &["support"])), 0);
    let mallory = caller("user:mallory", &["support"]);
    let error = desk.gate.approval(parked.approval(), &mallory).unwrap_err();
    assert_eq!(error.to_string(), "there is no such approval");
    let error = desk
        .gate
        .answer(parked.approval(), &mallory, ApprovalAnswer::refuse());
    assert_eq!(error.unwrap_err().to_string(), "there is no such approval");
}

#[test]
fn shown_with_secrets_masked() {
    let desk = Desk::new();
    let call = refund(r#"{"amount": 80, "pin": "1234", "note": "pay\u202eyap"}"#);
    let parked = pending(desk.gate.authorize(&alice(), call, &context()))
        .park()
        .unwrap();
    let asked = desk.gate.approval(parked.approval(), &bob()).unwrap();
    assert_eq!(
        &*asked.question.preview,
        "tool: refund\nfor: user:alice\nby: agent:bot\ntenant: acme\nenvironment: prod\n\
         session: s1\ntask: t1\n/amount = 80\n/note = \"pay\\u{202e}yap\"\n/pin = [masked]\n"
    );
    // What is masked is bound all the same.
    let other = refund(r#"{"amount": 80, "pin": "9999", "note": "pay\u202eyap"}"#);
    desk.answer(parked.approval(), &bob()).unwrap();
    let swapped = desk
        .gate
        .resume(parked.approval(), &alice(), other, &context());
    denied(swapped, "approval_mismatch");
}

#[test]
fn too_large_to_be_read_is_denied() {
    let desk = Desk::new();
    let note = "x".repeat(70_000);
    let call = refund(&format!(r#"{{"amount": 80, "note": "{note}"}}"#));
    denied(
        desk.gate.authorize(&alice(), call, &context()),
        "preview_too_large",
    );
}

#[test]
fn nobody_knows_the_person_behind_the_subject() {
    let desk = Desk::new();
    let of = |service: Principal| {
        let caller = callgate::Caller::of(service).in_tenant("acme").unwrap();
        desk.gate.authorize(&caller, large(), &context())
    };
    let service = principal_of("service:nightly");
    denied(of(service.clone()), "person_unknown");
    pending(of(service.owned_by("user:erin".parse().unwrap())));
}

fn principal_of(id: &str) -> Principal {
    Principal::asserted(id.parse().unwrap()).member_of("acme", ["support"])
}

#[test]
fn too_many_asks_are_denied() {
    let allowance = Allowance::new(3, Duration::from_secs(600));
    let desk = Desk::with(POLICY, |builder| builder.asks_at_most(Some(allowance)));
    let ask = |amount: u32| {
        let call = refund(&format!(r#"{{"amount": {amount}}}"#));
        desk.gate.authorize(&alice(), call, &context())
    };
    for amount in [60, 61, 62] {
        pending(ask(amount));
    }
    denied(ask(63), "too_many_asks");
    // What is open already is no new ask, and others are not in the way.
    pending(ask(60));
    let dave = caller("user:dave", &["support"]);
    pending(desk.gate.authorize(&dave, large(), &context()));
    desk.hands.forward(Duration::from_secs(601));
    pending(ask(64));
}

#[test]
fn without_a_store_nobody_is_asked() {
    let policy = callgate::parse_policy(POLICY, "desk.toml").unwrap();
    let gate = Gate::builder()
        .policy(policy)
        .audit(MemorySink::new())
        .build()
        .unwrap();
    let pending = pending(gate.authorize(&alice(), large(), &Context::new()));
    assert!(!pending.is_resumable());
    assert_eq!((pending.approval(), pending.park()), (None, None));
    let id = "00112233445566778899aabbccddeeff".parse().unwrap();
    let decision = gate.resume(id, &alice(), large(), &Context::new());
    denied(decision, "approvals_unavailable");
    let error = gate
        .answer(id, &bob(), ApprovalAnswer::refuse())
        .unwrap_err();
    assert_eq!(
        error.to_string(),
        "this gate asks nobody: it has no store of approvals"
    );
}

#[test]
fn resumed_where_nothing_is_asked_any_more() {
    let desk = Desk::new();
    let parked = desk.ask(large());
    let now = desk.under(&POLICY.replace("above = 50", "above = 500"));
    run(allowed(now.resume(&parked))).unwrap();
    let never = desk.under(
        &POLICY
            .replace(r#"effect = "ask""#, r#"effect = "forbid""#)
            .replace("approval =", "# approval ="),
    );
    denied(never.resume(&parked), "forbidden");
}

#[test]
fn forgotten_when_dead() {
    let desk = Desk::new();
    desk.ask(large());
    assert_eq!(desk.gate.forget_approvals(Duration::ZERO).unwrap(), 0);
    desk.hands.forward(Duration::from_secs(901));
    assert_eq!(
        desk.gate.forget_approvals(Duration::from_secs(60)).unwrap(),
        0
    );
    assert_eq!(desk.gate.forget_approvals(Duration::ZERO).unwrap(), 1);
}

#[test]
fn escalation_lets_others_answer_later() {
    let ladder = r#"{ from = ["role:lead"], escalate = [{ after = "10m", from = ["user:fay"] }] }"#;
    let policy = POLICY.replace(r#"{ from = ["role:lead"] }"#, ladder);
    let desk = Desk::with(&policy, |builder| builder);
    let parked = desk.ask(large());
    let fay = caller("user:fay", &[]);
    let error = desk.answer(parked.approval(), &fay).unwrap_err();
    assert_eq!(error.to_string(), "there is no such approval");
    desk.hands.forward(Duration::from_secs(600));
    assert_eq!(
        desk.answer(parked.approval(), &fay).unwrap().as_str(),
        "approved"
    );
    let friction = &desk.records()[2]["friction"]["approvals"][0];
    assert_eq!(friction["escalate"][0]["after_ms"], 600_000);
    assert_eq!(friction["escalate"][0]["from"][0]["principal"], "user:fay");
}

#[test]
fn step_up_asks_for_a_fresh_proof() {
    let policy = POLICY.replace(
        r#"expires_in = "15m""#,
        r#"step_up = { max_age = "5m", methods = ["saml"] }, expires_in = "15m""#,
    );
    let desk = Desk::with(&policy, |builder| builder);
    let parked = desk.ask(large());
    let error = desk.answer(parked.approval(), &bob()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the approver must prove anew who they are"
    );
    let saml = callgate::AssertedBy::saml("idp.example").at(desk.hands.now());
    let bob = crate::support::principal("user:bob", &["lead"]).by(saml);
    let bob = callgate::Caller::of(bob).in_tenant("acme").unwrap();
    assert_eq!(
        desk.answer(parked.approval(), &bob).unwrap().as_str(),
        "approved"
    );
    let step_up = &desk.records()[2]["friction"]["step_up"];
    assert_eq!(step_up["max_age_ms"], 300_000);
    assert_eq!(step_up["methods"][0], "saml");
    let answered = &desk.records()[3]["approver"];
    assert_eq!(
        (&answered["verified"], &answered["issuer"]),
        (&"saml".into(), &"idp.example".into())
    );
}

/// However fresh a proof is: where a verified credential is demanded, the word of the host does not do.
#[test]
fn step_up_takes_no_word_of_the_host() {
    let policy = POLICY.replace(
        r#"expires_in = "15m""#,
        r#"step_up = { methods = ["jwt", "jwt_svid"] }, expires_in = "15m""#,
    );
    let desk = Desk::with(&policy, |builder| builder);
    let parked = desk.ask(large());
    let now = desk.hands.now();
    let words = [
        callgate::AssertedBy::host(),
        callgate::AssertedBy::verifier("jwt"),
        callgate::AssertedBy::saml("jwt_svid"),
        callgate::AssertedBy::mutual_tls("idp.example"),
    ];
    for word in words {
        let bob = crate::support::principal("user:bob", &["lead"]).by(word.at(now));
        let bob = callgate::Caller::of(bob).in_tenant("acme").unwrap();
        let error = desk.answer(parked.approval(), &bob).unwrap_err();
        assert_eq!(
            error.to_string(),
            "the approver must prove anew who they are"
        );
    }
    assert_eq!(desk.state(parked.approval()), "asked");
    // A no needs no proof.
    let no = ApprovalAnswer::refuse();
    desk.gate.answer(parked.approval(), &bob(), no).unwrap();
}
