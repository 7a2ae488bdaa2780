//! A gate that only observes.

use crate::support::{
    Faulty, Mood, POLICY, alice, allowed, builder, change, context, look, refused,
};
use callgate::{Caller, Code, Context, DecisionKind, Digest, Gate, ToolCall};
use std::sync::Arc;

fn observing(sink: &Arc<Faulty>, policy: &str) -> Gate {
    builder(policy, sink.clone())
        .dangerous_observe_only()
        .build()
        .unwrap()
}

#[track_caller]
fn let_through(
    further: &str,
    caller: &Caller,
    context: &Context,
    decision: DecisionKind,
    code: Code,
) {
    let sink = Faulty::new();
    let gate = observing(&sink, &format!("{POLICY}{further}"));
    let permit = allowed(gate.authorize(caller, change(), context));
    assert_eq!((permit.would_have(), permit.code()), (decision, code));
    permit
        .run(|_| Ok::<_, std::fmt::Error>(()))
        .unwrap()
        .recorded
        .unwrap();
    let records = sink.records();
    let [_, record, outcome] = &records[..] else {
        panic!("expected three records, got {records:?}");
    };
    assert_eq!(record["decision"], decision.as_str());
    assert_eq!(record["observed"], decision != DecisionKind::Allow);
    assert_eq!(record["durability"], "durable");
    assert_eq!(outcome["status"], "ok");
    sink.verifies();
}

#[test]
fn answers_of_the_policy() {
    use DecisionKind::{Allow, Ask, Deny};
    let (alice, here) = (alice(), context());
    let ask = "[[rules]]\nid = \"a\"\neffect = \"ask\"\n";
    let tier = "[friction.bounded-write]\nconfirm = true\n";
    let_through("", &alice, &here, Allow, Code::Permitted);
    let_through("", &alice, &Context::new(), Deny, Code::Forbidden);
    let_through("", &Caller::unknown(), &here, Deny, Code::MissingScope);
    let_through(ask, &alice, &here, Ask, Code::Asked);
    let_through(tier, &alice, &here, Ask, Code::TierFriction);
}

#[test]
fn limits() {
    let limit = "[[limits]]\nid = \"one\"\ntools = [\"change\"]\ncount = 1\n";
    for (further, decision, code) in [
        ("", DecisionKind::Deny, Code::LimitExceeded),
        (
            "on_exceed = \"ask\"\n",
            DecisionKind::Ask,
            Code::LimitFriction,
        ),
    ] {
        let sink = Faulty::new();
        let gate = builder(&format!("{POLICY}{limit}{further}"), sink.clone())
            .dangerous_observe_only()
            .limits_in_memory()
            .build()
            .unwrap();
        let run = || {
            let permit = allowed(gate.authorize(&alice(), change(), &context()));
            let answer = (permit.would_have(), permit.code());
            let ran = permit.run(|_| Ok::<_, std::fmt::Error>(())).unwrap();
            ran.recorded.unwrap();
            answer
        };
        assert_eq!(run(), (DecisionKind::Allow, Code::Permitted));
        // What is let through beyond the limit is told, and not counted.
        for _ in 0..3 {
            assert_eq!(run(), (decision, code));
        }
        gate.flush().unwrap();
        let records = sink.records();
        let reached = records.iter().filter(|one| one["kind"] == "limit_reached");
        let used: Vec<&str> = reached.map(|one| one["used"].as_str().unwrap()).collect();
        assert_eq!(used, ["1", "1", "1"]);
        let mut observed = records.iter().filter(|one| one["observed"] == true);
        assert!(observed.all(|one| one["code"] == code.as_str()));
        sink.verifies();
    }
}

#[test]
fn no_permit() {
    let sink = Faulty::new();
    let gate = observing(
        &sink,
        &POLICY.replace("effect = \"permit\"", "effect = \"ask\""),
    );
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    assert_eq!(permit.code(), Code::NoPermit);
}

#[test]
fn what_stays_denied() {
    let sink = Faulty::new();
    let gate = observing(
        &sink,
        &POLICY.replace(
            "access = \"read\"",
            "access = \"read\"\nobligations = [\"mask\"]\n\
             [tools.pinned]\naccess = \"read\"\n\
             definition = \"0000000000000000000000000000000000000000000000000000000000000000\"",
        ),
    );
    let denied = |call, code| {
        let here = context().session("s");
        refused(&gate.authorize(&alice(), call, &here), code);
    };
    denied(ToolCall::from_text("change", "{"), "invalid_arguments");
    denied(ToolCall::from_text("change", "{}"), "invalid_arguments");
    denied(ToolCall::from_text("nope", "{}"), "unknown_tool");
    denied(ToolCall::from_text("pinned", "{}"), "tool_changed");
    let other = Digest::of(b"another definition");
    let call = ToolCall::from_text("pinned", "{}").definition(other);
    denied(call, "tool_changed");
    denied(ToolCall::from_text("", "{}"), "invalid_call");
    denied(look(), "unhandled_obligation");
    let here = context().session("s");
    let held = allowed(gate.authorize(&alice(), change().id("c1"), &here));
    denied(change().id("c1"), "call_in_progress");
    drop(held);
    sink.set(Mood::UnknownLost);
    denied(change(), "audit_unknown");
    assert!(
        sink.records()
            .iter()
            .all(|record| record["observed"] != true)
    );
}
