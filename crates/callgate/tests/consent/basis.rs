//! What an approval rests on.

use callgate::{Digest, ToolCall};

use crate::support::{Desk, POLICY, alice, allowed, bob, context, denied, large, pending, run};

/// Approved under the policy, resumed under a changed one.
#[track_caller]
fn changed(from: &str, to: &str, asks_again: bool) {
    assert!(POLICY.contains(from), "{from}");
    let policy = POLICY.replacen(from, to, 1);
    let desk = Desk::new();
    let parked = desk.approved();
    let now = desk.under(&policy);
    if !asks_again {
        run(allowed(now.resume(&parked))).unwrap();
        return;
    }
    let again = pending(now.resume(&parked));
    assert_ne!(again.approval(), Some(parked.approval()));
    assert_eq!(now.state(parked.approval()), "superseded");
    denied(now.resume(&parked), "approval_superseded");
    let story = now.story();
    assert!(
        story.contains(&"approval_answered superseded".to_owned()),
        "{story:?}"
    );
    let records = now.records();
    let asked = records
        .iter()
        .rfind(|record| record["kind"] == "approval_asked")
        .unwrap();
    assert_eq!(asked["supersedes"], parked.approval().to_string());
    // The new question can be answered.
    let again = again.park().unwrap();
    now.answer(again.approval(), &bob()).unwrap();
    run(allowed(now.resume(&again))).unwrap();
}

#[test]
fn changed_rule_that_matched() {
    changed("above = 50", "above = 60", true);
    changed("id = \"large\"", "id = \"large\"\nreason = \"new\"", true);
    changed(
        "roles = [\"support\"]",
        "roles = [\"support\", \"lead\"]",
        true,
    );
}

#[test]
fn further_rule_that_matches() {
    let rule = "[[rules]]\nid = \"also\"\neffect = \"ask\"\ntools = [\"refund\"]\n[[rules]]\nid = \"large\"";
    let policy = POLICY.replace("[[rules]]\nid = \"large\"", rule);
    let desk = Desk::new();
    let parked = desk.approved();
    let again = pending(desk.under(&policy).resume(&parked));
    assert_ne!(again.approval(), Some(parked.approval()));
}

#[test]
fn changed_demand() {
    changed("role:lead", "scope:refund:approve", true);
    let later = r#"["role:lead"], escalate = [{ after = "1m", from = ["user:x"] }]"#;
    changed(r#"["role:lead"]"#, later, true);
    changed(r#"expires_in = "15m""#, r#"expires_in = "14m""#, true);
}

#[test]
fn changed_tool_entry() {
    changed("at_most = 1000", "at_most = 999", true);
    changed(
        "scope = \"none\"",
        "scope = \"none\"\ntier = \"bounded-write\"\nobligations = []",
        false,
    );
}

#[test]
fn changed_tier() {
    let raise = "[friction.privileged]\n[[raise]]\nid = \"now\"\nto = \"privileged\"\ntools = [\"refund\"]\n[[rules]]\nid = \"refunds\"";
    changed("[[rules]]\nid = \"refunds\"", raise, true);
}

#[test]
fn changed_comment_changes_nothing() {
    changed("[tools.refund]", "# a comment\n\n\n[tools.refund]", false);
    changed("effect = \"ask\"", "effect = \"ask\" # large ones", false);
    changed("name = \"desk\"", "name = \"help desk\"", false);
    let other = "[[rules]]\nid = \"other\"\neffect = \"forbid\"\nenvironments = [\"test\"]\n[[rules]]\nid = \"large\"";
    changed("[[rules]]\nid = \"large\"", other, false);
}

#[test]
fn changed_tool_definition() {
    let desk = Desk::new();
    let call = |definition: &[u8]| large().definition(Digest::of(definition));
    let asked = pending(desk.gate.authorize(&alice(), call(b"one"), &context()));
    let parked = asked.park().unwrap();
    desk.answer(parked.approval(), &bob()).unwrap();
    let resume = |call: ToolCall| {
        desk.gate
            .resume(parked.approval(), &alice(), call, &context())
    };
    denied(resume(call(b"two")), "approval_mismatch");
    denied(resume(large()), "approval_mismatch");
    run(allowed(resume(parked.call()))).unwrap();
}

#[test]
fn policy_replaced_between_resume_and_begin() {
    let desk = Desk::new();
    let parked = desk.approved();
    let permit = allowed(desk.resume(&parked));
    let commented = format!("# the same\n{POLICY}");
    desk.gate
        .set_policy(callgate::parse_policy(&commented, "p").unwrap())
        .unwrap();
    run(permit).unwrap();

    let parked = desk.ask(large());
    desk.answer(parked.approval(), &bob()).unwrap();
    let permit = allowed(desk.resume(&parked));
    let stricter = POLICY.replace("above = 50", "above = 40");
    desk.gate
        .set_policy(callgate::parse_policy(&stricter, "p").unwrap())
        .unwrap();
    let not_begun = run(permit).unwrap_err();
    assert_eq!(not_begun.code().unwrap().as_str(), "asked");
    assert_eq!(desk.state(parked.approval()), "approved");
}
