//! Calls that come with a capability token.

use std::sync::Arc;

use callgate::capability::{Bound, Capability, Grant, Restrictions, Roots, SecretKey};
use callgate::{Caller, Decision, MemorySink, Principal, ToolCall};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::support::{builder, context};

const POLICY: &str = r#"
format = 1
name = "desk"
roles.support.scopes = ["write"]

[tools.change]
access = "write"
scope = "write"
resources = [{ kind = "account", id = "/account" }, { kind = "ticket", id = "/ticket" }]
[tools.change.arguments]
"/account" = { text = { max_chars = 20 } }
"/ticket" = { text = { max_chars = 20 }, optional = true }
"/amount" = { integer = { at_least = 1 }, optional = true }

[[rules]]
id = "support"
effect = "permit"
roles = ["support"]
"#;

fn key(number: u8) -> SecretKey {
    let seed = std::array::from_fn(|at| u8::try_from(at).unwrap().wrapping_mul(7) ^ number);
    SecretKey::from_seed(seed).unwrap()
}

fn reach() -> Restrictions {
    let end = Utc::now().checked_add_signed(TimeDelta::hours(1)).unwrap();
    Restrictions::new().tool("change").before(end)
}

fn grant(restrictions: Restrictions) -> Arc<Grant> {
    let capability = Capability::new(
        "user:alice".parse().unwrap(),
        "acme",
        "task-7",
        restrictions,
    );
    let token = capability.issue(1, &key(1), &key(2)).unwrap();
    let roots = Roots::new().trust(1, key(1).public());
    Arc::new(token.verify(&roots, Utc::now()).unwrap())
}

fn caller(subject: &str) -> Caller {
    let subject = Principal::asserted(subject.parse().unwrap());
    let caller = Caller::of(subject.member_of("acme", ["support"]));
    caller.in_tenant("acme").unwrap()
}

/// Puts a call to a gate and to the grant; `expected` is the code, and of a refused caller the
/// error that the record has.
#[track_caller]
fn check(grant: &Arc<Grant>, who: &Caller, arguments: &str, task: &str, expected: [&str; 2]) {
    let sink = Arc::new(MemorySink::new());
    let gate = builder(POLICY, sink.clone()).build().unwrap();
    let call = ToolCall::from_text("change", arguments);
    let context = context().task(task);
    let decision = gate.authorize_granted(who, grant, &[], call, &context);
    let code = match &decision {
        Decision::Allow(_) => "permitted",
        Decision::Deny(denial) => denial.code().as_str(),
        Decision::Ask(_) => "asked",
    };
    let record = last_decision(&sink);
    let error = record.get("caller_error").and_then(Value::as_str);
    let error = error.unwrap_or_default();
    let error = error.trim_start_matches("credential refused: ");
    assert_eq!(record.get("code").and_then(Value::as_str), Some(code));
    assert_eq!([code, error], expected);
}

fn last_decision(sink: &MemorySink) -> Value {
    let lines = String::from_utf8(sink.contents()).unwrap();
    let mut records = lines
        .lines()
        .map(|line| serde_json::from_str::<Value>(line).unwrap());
    let is_decision = |record: &Value| record.get("kind").is_some_and(|kind| kind == "decision");
    records.rfind(is_decision).unwrap()
}

#[test]
fn bounds_of_a_token() {
    let reach = reach()
        .resource("account", "a1")
        .resources_of("ticket")
        .argument("change", "/account", Bound::equals("a1"));
    let (grant, alice) = (grant(reach), caller("user:alice"));
    let a1 = r#"{"account": "a1", "ticket": "t1"}"#;
    check(&grant, &alice, a1, "task-7", ["permitted", ""]);
    let refused = |error| ["invalid_caller", error];
    check(&grant, &alice, a1, "task-8", refused("outside_task"));
    let a2 = r#"{"account": "a2"}"#;
    check(
        &grant,
        &alice,
        a2,
        "task-7",
        refused("resource_not_granted"),
    );
    check(
        &grant,
        &caller("user:bob"),
        a1,
        "task-7",
        refused("other_subject"),
    );
    check(
        &grant,
        &Caller::unknown(),
        a1,
        "task-7",
        refused("other_subject"),
    );
    // What the policy refuses keeps its own code.
    check(&grant, &alice, "[", "task-7", ["invalid_arguments", ""]);
    let more = r#"{"account": "a1", "ticket": "t1", "more": 1}"#;
    check(&grant, &alice, more, "task-7", ["invalid_arguments", ""]);
}

#[test]
fn resource_of_which_no_argument_gives_the_id() {
    let reach = reach().resource("account", "a1").resource("ticket", "t1");
    let (grant, alice) = (grant(reach), caller("user:alice"));
    let with = r#"{"account": "a1", "ticket": "t1"}"#;
    check(&grant, &alice, with, "task-7", ["permitted", ""]);
    let without = r#"{"account": "a1"}"#;
    let refused = ["invalid_caller", "resource_not_granted"];
    check(&grant, &alice, without, "task-7", refused);
}

#[test]
fn a_grant_is_no_permit() {
    let bob = Principal::asserted("user:alice".parse().unwrap());
    let nobody = bob.member_of("acme", ["visitor"]);
    let nobody = Caller::of(nobody).in_tenant("acme").unwrap();
    let a1 = r#"{"account": "a1"}"#;
    check(
        &grant(reach()),
        &nobody,
        a1,
        "task-7",
        ["missing_scope", ""],
    );
}

#[test]
fn delegations_of_a_token() {
    let grant = grant(reach());
    let delegation = grant.delegation();
    assert!(delegation.confers_tool("change") && !delegation.confers_tool("look"));
    assert_eq!(delegation.expires(), Some(grant.expires_at()));
    let agent = Principal::asserted("agent:bot".parse().unwrap());
    let alice = Principal::asserted("user:alice".parse().unwrap()).member_of("acme", ["support"]);
    let caller = Caller::of(alice).acting_with(agent, delegation);
    let caller = caller.in_tenant("acme").unwrap();
    assert_eq!(caller.expires(), Some(grant.expires_at()));
    assert!(grant.expires_at() > DateTime::<Utc>::MIN_UTC);
}
