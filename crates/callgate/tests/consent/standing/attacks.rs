//! Getting a call through by a standing approval that is not for it.

use callgate::approval::standing::StandingBounds;
use callgate::{Caller, Context, Decision, Principal, ToolCall};

use super::support::{Ahead, HOUR, SMALL, small};
use crate::support::{alice, allowed, context, pending, principal, refund, run};

#[track_caller]
fn asked(call: ToolCall, caller: &Caller, context: &Context) {
    let ahead = Ahead::new();
    let id = ahead.given().approval.id;
    let decision = ahead.gate().authorize(caller, call, context);
    assert_eq!(decision.kind().as_str(), "ask", "{decision:?}");
    assert_eq!(ahead.used(id), 0);
}

#[test]
fn arguments_outside_its_condition() {
    for arguments in [
        r#"{"amount": 101}"#,
        r#"{"amount": 101, "note": "amount at most 100"}"#,
    ] {
        asked(refund(arguments), &alice(), &context());
    }
}

#[test]
fn fact_that_is_unknown_does_not_hold() {
    let ahead = Ahead::new();
    let bounds = StandingBounds::new(3, HOUR);
    let vip = r#"{"context/customer": {"equals": "vip"}}"#;
    ahead.give(&bounds.matching(vip)).unwrap();
    let not_blocked = r#"{"not": {"context/customer": {"equals": "blocked"}}}"#;
    ahead.give(&bounds.matching(not_blocked)).unwrap();
    pending(ahead.call(90));
    pending(ahead.call_in(90, &context().fact("customer", 5)));
    run(allowed(
        ahead.call_in(90, &context().fact("customer", "vip")),
    ))
    .unwrap();
}

#[test]
fn another_subject() {
    let bot = || Principal::asserted("agent:bot".parse().unwrap());
    let owned = || bot().owned_by("user:carol".parse().unwrap());
    let dave = Caller::of(principal("user:dave", &["support"]))
        .acting(owned())
        .in_tenant("acme")
        .unwrap();
    asked(small(90), &dave, &context());
}

#[test]
fn another_chain() {
    let subject = || Caller::of(principal("user:alice", &["support"]));
    let bot = |id: &str| Principal::asserted(id.parse().unwrap());
    let carols = |id: &str| bot(id).owned_by("user:carol".parse().unwrap());
    let without = Caller::of(principal("user:alice", &["support"]));
    asked(small(90), &without.in_tenant("acme").unwrap(), &context());
    for caller in [
        subject().acting(carols("agent:other")),
        subject()
            .acting(carols("agent:bot"))
            .acting(carols("agent:more")),
        // The same agent, behind which nobody stands now, or somebody else: bob himself, say.
        subject().acting(bot("agent:bot")),
        subject().acting(bot("agent:bot").owned_by("user:bob".parse().unwrap())),
    ] {
        asked(small(90), &caller.in_tenant("acme").unwrap(), &context());
    }
}

#[test]
fn another_environment() {
    let context = Context::new().session("s1").task("t1").environment("test");
    asked(small(90), &alice(), &context);
    asked(
        small(90),
        &alice(),
        &Context::new().session("s1").task("t1"),
    );
}

#[test]
fn another_tool() {
    let tool = "[tools.refund2]\naccess = \"write\"\nscope = \"none\"\narguments = { \"/amount\" = { integer = {} } }\n[[rules]]\nid = \"refunds\"";
    let policy = super::support::policy()
        .replacen("[[rules]]\nid = \"refunds\"", tool, 1)
        .replace("tools = [\"refund\"]", "tools = [\"refund\", \"refund2\"]");
    let ahead = Ahead::with(&policy);
    ahead.given();
    let call = ToolCall::from_text("refund2", r#"{"amount": 90}"#);
    let decision = ahead.gate().authorize(&alice(), call, &context());
    pending(decision);
}

#[test]
fn forbid_is_never_overruled() {
    let forbid = "\n[[rules]]\nid = \"never\"\neffect = \"forbid\"\nwhen = { \"arguments/amount\" = { equals = 91 } }\n";
    let ahead = Ahead::with(&format!("{}{forbid}", super::support::policy()));
    ahead
        .give(&StandingBounds::new(3, HOUR).matching(SMALL))
        .unwrap();
    let Decision::Deny(denial) = ahead.call(91) else {
        panic!("not denied")
    };
    assert_eq!(denial.code().as_str(), "forbidden");
    run(allowed(ahead.call(90))).unwrap();
}

#[test]
fn edited_row_that_is_not_complete_carries_nothing() {
    let ahead = Ahead::new();
    let given = ahead.given();
    let mut step = given.approval.recorded();
    // As the gate recorded it, and without anybody's yes.
    step.next.revision = 3;
    step.next.answers.clear();
    callgate::approval::standing::StandingApprovalStore::take(&*ahead.store.memory, &step).unwrap();
    pending(ahead.call(90));
}
