//! Calls beyond a limit that asks.

use callgate::{Code, Decision};

use crate::support::{Desk, POLICY, alice, allowed, bob, context, denied, pending, refund, run};

const LIMIT: &str = r#"
[[limits]]
id = "credits"
tools = ["refund"]
sum = { of = "arguments/amount", at_most = "100" }
on_exceed = "ask"
approval = { all_of = [{ from = ["role:lead"] }] }
"#;

fn desk(further: &str) -> Desk {
    let policy = format!(
        "{}{LIMIT}{further}",
        POLICY.replace("above = 50", "above = 500")
    );
    Desk::with(&policy, callgate::GateBuilder::limits_in_memory)
}

fn refunds(desk: &Desk, amount: u32) -> Decision {
    let call = refund(&format!("{{\"amount\": {amount}}}"));
    desk.gate.authorize(&alice(), call, &context())
}

/// How much the log says is used, in canonical form.
fn used(desk: &Desk) -> String {
    desk.gate.flush().unwrap();
    let records = desk.records();
    let reached = records.iter().rfind(|one| one["kind"] == "limit_reached");
    reached.unwrap()["used"].as_str().unwrap().to_owned()
}

#[test]
fn what_is_agreed_to_is_counted_beyond_the_limit() {
    let desk = desk("");
    run(allowed(refunds(&desk, 80))).unwrap();
    let asked = pending(refunds(&desk, 70));
    assert_eq!(asked.code(), Code::LimitFriction);
    assert_eq!(used(&desk), "8e1");
    let parked = asked.park().unwrap();
    desk.answer(parked.approval(), &bob()).unwrap();
    let permit = allowed(desk.resume(&parked));
    assert_eq!(permit.code(), Code::Approved);
    // Reserved while the permit is held: nothing that fits before fits now.
    assert_eq!(refunds(&desk, 20).code(), Code::LimitFriction);
    assert_eq!(used(&desk), "15e1");
    run(permit).unwrap();
    assert_eq!(refunds(&desk, 1).code(), Code::LimitFriction);
    assert_eq!(used(&desk), "15e1");
    // It was good for one call.
    denied(desk.resume(&parked), "approval_used");
}

#[test]
fn what_is_agreed_to_and_not_begun_is_given_back() {
    let desk = desk("");
    run(allowed(refunds(&desk, 80))).unwrap();
    let parked = pending(refunds(&desk, 70)).park().unwrap();
    desk.answer(parked.approval(), &bob()).unwrap();
    drop(allowed(desk.resume(&parked)));
    run(allowed(refunds(&desk, 20))).unwrap();
    assert_eq!(refunds(&desk, 1).code(), Code::LimitFriction);
    assert_eq!(used(&desk), "1e2");
}

#[test]
fn nobody_agrees_beyond_a_limit_that_forbids() {
    let forbids = "[[limits]]\nid = \"never\"\ntools = [\"refund\"]\ncount = 2\n";
    let desk = desk(forbids);
    run(allowed(refunds(&desk, 80))).unwrap();
    let parked = pending(refunds(&desk, 70)).park().unwrap();
    desk.answer(parked.approval(), &bob()).unwrap();
    run(allowed(refunds(&desk, 5))).unwrap();
    denied(desk.resume(&parked), "limit_exceeded");
    assert_eq!(desk.state(parked.approval()), "approved");
}
