//! Calls that come with a capability token.

use std::sync::Arc;
use std::time::{Duration, Instant};

use callgate::approval::MemoryApprovals;
use callgate::audit::TaskEnd;
use callgate::capability::{
    Bound, Capability, Grant, Grants, Restrictions, Roots, SecretKey, TokenFault,
};
use callgate::standing::{MemoryStanding, Revocation, Task};
use callgate::{
    ApprovalAnswer, Caller, Decision, Gate, IssueCapabilityError, MemorySink, NotBegunReason,
    Principal, ToolCall,
};
use chrono::{DateTime, TimeDelta, Utc};
use serde_json::Value;

use crate::support::{Faulty, Mood, allowed, builder, context};

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

fn alice_of(tenant: &str) -> Caller {
    let alice = Principal::asserted("user:alice".parse().unwrap());
    let alice = alice.member_of(tenant, ["support"]);
    Caller::of(alice).in_tenant(tenant).unwrap()
}

#[test]
fn issued_by_the_gate() {
    let sink = Faulty::new();
    let gate = builder(POLICY, sink.clone()).build().unwrap();
    let subject = || "user:alice".parse().unwrap();
    let capability =
        |tenant: &str| Capability::new(subject(), tenant, "t-7", reach().holder(key(9).public()));
    let issue =
        |caller: &Caller| gate.issue_capability(caller, &capability("acme"), 1, &key(1), &key(2));
    let token = issue(&alice_of("acme")).unwrap();
    let records = sink.records();
    let issued = records.last().unwrap();
    assert_eq!(issued["kind"], "token_issued");
    assert_eq!(issued["token"], token.revocation_ids()[0].to_string());
    assert_eq!(issued["subject"]["id"], "user:alice");
    assert_eq!(
        (&issued["tenant"], &issued["task"]),
        (&"acme".into(), &"t-7".into())
    );
    assert_eq!(issued["tools"][0], "change");
    assert_eq!(issued["bounds"], token.digest().to_string());
    assert!(issued["holder_key"].is_string() && issued["expires"].is_string());
    let log = serde_json::to_string(&records).unwrap();
    for piece in token.as_str().as_bytes().chunks_exact(16) {
        assert!(!log.contains(std::str::from_utf8(piece).unwrap()), "{log}");
    }

    let bob = Principal::asserted("user:bob".parse().unwrap()).member_of("acme", ["support"]);
    let bob = Caller::of(bob).in_tenant("acme").unwrap();
    for other in [bob, alice_of("globex"), Caller::unknown()] {
        let told = issue(&other).unwrap_err();
        assert!(
            matches!(told, IssueCapabilityError::OtherAuthority),
            "{told}"
        );
    }
    let error = alice_of_globex_in_acme();
    let told = issue(&Caller::refused(error)).unwrap_err();
    assert!(matches!(told, IssueCapabilityError::Caller), "{told}");
    let nobody = Principal::asserted(subject()).crossing_tenants(["support"]);
    let nobody = Caller::of(nobody).in_tenant("acme").unwrap();
    assert!(matches!(issue(&nobody), Err(IssueCapabilityError::Caller)));
    assert_eq!(sink.records().len(), 2, "nothing else was issued");

    sink.set(Mood::Full);
    assert!(matches!(
        issue(&alice_of("acme")),
        Err(IssueCapabilityError::Record(_))
    ));
}

fn alice_of_globex_in_acme() -> callgate::CallerError {
    let alice = Principal::asserted("user:alice".parse().unwrap()).member_of("globex", ["support"]);
    Caller::of(alice).in_tenant("acme").unwrap_err()
}

#[test]
fn nothing_is_issued_for_what_has_ended() {
    let store = Arc::new(MemoryStanding::new(Utc::now));
    let gate = builder(POLICY, Faulty::new())
        .standing_shared(store)
        .build()
        .unwrap();
    let alice = alice_of("acme");
    let capability = Capability::new("user:alice".parse().unwrap(), "acme", "t-7", reach());
    let issue = || gate.issue_capability(&alice, &capability, 1, &key(1), &key(2));
    assert!(
        matches!(issue(), Err(IssueCapabilityError::Barred(_))),
        "no such task"
    );
    let end = Utc::now().checked_add_signed(TimeDelta::hours(1)).unwrap();
    gate.begin_task(&alice, Task::builder("t-7", end)).unwrap();
    assert!(issue().is_ok());
    let by = alice.subject().unwrap();
    gate.end_task(Some("acme"), "t-7", TaskEnd::Done, by, "done")
        .unwrap();
    assert!(matches!(issue(), Err(IssueCapabilityError::Barred(_))));
}

/// What a token confers is looked at once more when a permit begins: its task, and what was revoked.
#[test]
fn permits_of_a_token_that_was_revoked() {
    let alice = caller("user:alice");
    let officer = Principal::asserted("user:officer".parse().unwrap());
    let officer = officer.member_of("acme", ["security"]);
    let until = Utc::now().checked_add_signed(TimeDelta::hours(1)).unwrap();
    let check = |turn: &dyn Fn(&Gate, &Grant), expected: [&str; 2]| {
        let sink = Arc::new(MemorySink::new());
        let store = MemoryStanding::new(Utc::now);
        let gate = builder(POLICY, sink.clone()).standing(store);
        let gate = gate.build().unwrap();
        gate.begin_task(&alice, Task::builder("task-7", until))
            .unwrap();
        let grant = grant(reach());
        let ask = || {
            let call = ToolCall::from_text("change", r#"{"account": "a1"}"#);
            gate.authorize_granted(&alice, &grant, &[], call, &context().task("task-7"))
        };
        let permit = allowed(ask());
        turn(&gate, &grant);
        let told = permit.begin().unwrap_err();
        assert_eq!(told.reason(), NotBegunReason::Revoked);
        assert_eq!(told.code().unwrap().as_str(), expected[0]);
        assert_eq!(ask().code().as_str(), expected[0]);
        let error = last_decision(&sink)["caller_error"]
            .as_str()
            .map(str::to_owned);
        assert_eq!(error.unwrap_or_default(), expected[1]);
    };
    let revoked = ["invalid_caller", "credential refused: revoked"];
    let revoke = |gate: &Gate, grant: &Grant| {
        let id = grant.revocation_ids()[0].to_string();
        let elsewhere = Revocation::token("globex", &id).unwrap();
        let told = gate.revoke(&elsewhere, &officer, "leaked").unwrap_err();
        assert!(!told.is_in_force());
        let token = Revocation::token("acme", &id).unwrap();
        gate.revoke(&token, &officer, "leaked").unwrap();
    };
    check(&revoke, revoked);
    let end = |gate: &Gate, _: &Grant| {
        gate.end_task(Some("acme"), "task-7", TaskEnd::Done, &officer, "done")
            .unwrap();
    };
    check(&end, ["task_ended", ""]);
}

/// Whoever resolves tokens hears of those that were revoked through any gate of the store.
#[test]
fn tokens_that_another_gate_revoked() {
    let store = MemoryStanding::new(Utc::now);
    let build = || {
        let gate = builder(POLICY, Arc::new(MemorySink::new()));
        gate.standing(store.clone()).build().unwrap()
    };
    let (here, there) = (build(), build());
    let roots = Roots::new().trust(1, key(1).public());
    let grants = Grants::new(roots, there.revoked().unwrap(), 10);
    let capability = Capability::new("user:alice".parse().unwrap(), "acme", "task-7", reach());
    let token = capability.issue(1, &key(1), &key(2)).unwrap();
    let grant = grants.resolve(token.as_str(), Utc::now()).unwrap();
    let officer = Principal::asserted("user:officer".parse().unwrap());
    let officer = officer.member_of("acme", ["security"]);
    let id = grant.revocation_ids()[0].to_string();
    let target = Revocation::token("acme", &id).unwrap();
    here.revoke(&target, &officer, "leaked").unwrap();
    let since = Instant::now();
    while grants.resolve(token.as_str(), Utc::now()).is_ok() {
        assert!(since.elapsed() < Duration::from_secs(1));
    }
    let told = grants.resolve(token.as_str(), Utc::now()).unwrap_err();
    assert_eq!(told, TokenFault::Revoked { block: 0 });
    let bare = builder(POLICY, Arc::new(MemorySink::new()))
        .build()
        .unwrap();
    assert!(bare.revoked().is_none());
}

/// What was asked about with a token is resumed with that token, and with no less.
#[test]
fn asked_with_a_token() {
    const ASKS: &str = r#"
[[rules]]
id = "look"
effect = "ask"
tools = ["change"]
[rules.approval]
all_of = [{ from = ["user:bob"], count = 1 }]
"#;
    let approvals = MemoryApprovals::new(Utc::now);
    let sink = Arc::new(MemorySink::new());
    let gate = builder(&format!("{POLICY}{ASKS}"), sink).approvals(approvals);
    let gate = gate.build().unwrap();
    let (alice, bob) = (caller("user:alice"), caller("user:bob"));
    let context = context().task("task-7");
    let call = || ToolCall::from_text("change", r#"{"account": "a1"}"#);
    let narrow = reach().argument("change", "/account", Bound::equals("a1"));
    let (held, other) = (grant(narrow), grant(reach()));

    let Decision::Ask(pending) = gate.authorize_granted(&alice, &held, &[], call(), &context)
    else {
        panic!("expected to be asked")
    };
    let id = pending.approval().unwrap();
    let shown = gate.approval(id, &bob).unwrap().question.preview_digest();
    let answer = ApprovalAnswer::approve(shown);
    let state = gate.answer(id, &bob, answer).unwrap();
    assert_eq!(state.as_str(), "approved");

    let code = |decision: Decision| match decision {
        Decision::Deny(denial) => denial.code().as_str(),
        other => panic!("expected a denial, got {other:?}"),
    };
    let without = gate.resume(id, &alice, call(), &context);
    assert_eq!(code(without), "approval_mismatch");
    let by_another = gate.resume_granted(id, &alice, &other, &[], call(), &context);
    assert_eq!(code(by_another), "approval_mismatch");
    let elsewhere = ToolCall::from_text("change", r#"{"account": "a2"}"#);
    let elsewhere = gate.resume_granted(id, &alice, &held, &[], elsewhere, &context);
    assert_eq!(code(elsewhere), "invalid_caller");
    let permit = allowed(gate.resume_granted(id, &alice, &held, &[], call(), &context));
    assert!(
        permit
            .run(|_| Ok::<_, String>(()))
            .unwrap()
            .recorded
            .is_ok()
    );
}
