//! Rules that are in force for some time only.

use std::sync::Arc;
use std::time::Duration;

use callgate::{Code, Context, DecisionKind, Resource, Snapshot, ToolCall};

use crate::support::{
    Faulty, Hands, POLICY, Ticking, alice, allowed, builder, context, look, refused,
};

const FREEZE: &str = r#"
[[rules]]
id = "freeze"
effect = "forbid"
tools = ["look"]
from = "1970-01-01T00:10:00Z"
"#;

#[test]
fn clock_of_the_gate_where_the_host_states_no_time() {
    let sink = Faulty::new();
    let hands = Arc::new(Hands::default());
    let policy = format!("{POLICY}{FREEZE}");
    let gate = builder(&policy, sink.clone())
        .clock(Ticking(Arc::clone(&hands)))
        .build()
        .unwrap();
    let stated = |time: &str| context().time(time.parse().unwrap());
    drop(allowed(gate.authorize(&alice(), look(), &context())));
    refused(
        &gate.authorize(&alice(), look(), &stated("1970-01-01T00:10:00Z")),
        "forbidden",
    );
    hands.forward(Duration::from_secs(600));
    refused(&gate.authorize(&alice(), look(), &context()), "forbidden");
    drop(allowed(gate.authorize(
        &alice(),
        look(),
        &stated("1970-01-01T00:09:59Z"),
    )));
    sink.verifies();
}

#[test]
fn policy_that_changed_since_is_judged_by_the_time_of_then_and_now() {
    let sink = Faulty::new();
    let hands = Arc::new(Hands::default());
    let gate = builder(POLICY, sink.clone())
        .clock(Ticking(Arc::clone(&hands)))
        .build()
        .unwrap();
    let before = allowed(gate.authorize(&alice(), look(), &context()));
    let after = allowed(gate.authorize(&alice(), look(), &context()));
    let policy = FREEZE.replace("00:10:00", "00:00:30");
    let policy = callgate::parse_policy(&format!("{POLICY}{policy}"), "desk.toml").unwrap();
    gate.set_policy(policy).unwrap();
    assert!(before.run(|_| Ok::<_, std::fmt::Error>(())).is_ok());
    hands.forward(Duration::from_secs(30));
    let refused = after.run(|_| Ok::<_, std::fmt::Error>(())).unwrap_err();
    assert_eq!(refused.code().map(Code::as_str), Some("forbidden"));
}

#[test]
fn without_a_clock_the_time_is_unknown_and_restricts() {
    let policy = format!("{POLICY}{FREEZE}");
    let snapshot = callgate::parse_policy(&policy, "desk.toml").unwrap();
    let (alice, look) = (alice(), look());
    let unknown = Context::new();
    let judged = snapshot.judge(&alice, &look, &unknown);
    assert_eq!(
        (judged.decision(), judged.rule()),
        (DecisionKind::Deny, Some("freeze"))
    );
}

/// Nothing permits the call; the message says so, and goes on as `expected`.
#[track_caller]
fn check_no_permit(snapshot: &Snapshot, arguments: &str, now: Option<&str>, expected: &str) {
    let call = ToolCall::from_text("look", arguments);
    let mut context = Context::new();
    for (id, tenant) in [("a", "acme"), ("b", "globex")] {
        context = context.resource(Resource::new("account", id).tenant(tenant));
    }
    if let Some(now) = now {
        context = context.time(now.parse().unwrap());
    }
    let alice = alice();
    let judged = snapshot.judge(&alice, &call, &context);
    assert_eq!(judged.code(), Code::NoPermit);
    let message = judged.message();
    let about = message.strip_prefix("no rule permits this call");
    assert_eq!(about, Some(expected), "{message}");
}

/// A permit that matches in all but its time is named in what people read, and in the record.
#[test]
fn permits_that_match_at_another_time() {
    let rules = |permits: &str| {
        let head = r#"
format = 1
name = "times"
[tools.look]
access = "read"
scope = "none"
resources = [{ kind = "account", each = "/of", id = "" }]
[tools.look.arguments]
"/of" = { array = {}, optional = true }
[tools.other]
access = "read"
"#;
        callgate::parse_policy(&format!("{head}{permits}"), "times.toml").unwrap()
    };
    let permit = |id: &str, more: &str| {
        format!("[[rules]]\nid = \"{id}\"\neffect = \"permit\"\ntools = [\"look\"]\n{more}\n")
    };
    let noon = Some("2026-11-20T12:00:00Z");
    let until = "until = \"2026-11-20T12:00:00Z\"";
    let expired = rules(&permit("b", until));
    check_no_permit(
        &expired,
        "{}",
        noon,
        ": rule `b` expired at `2026-11-20T12:00:00Z`",
    );
    let unknown = ": rule `b` is in force for some time only, and the time is not known";
    check_no_permit(&expired, "{}", None, unknown);
    let from = "from = \"2026-11-20T13:00:01+01:00\"";
    let several = rules(&[permit("b", until), permit("a", from)].concat());
    check_no_permit(
        &several,
        "{}",
        noon,
        ": rule `a` is not in force before `2026-11-20T12:00:01Z`",
    );
    let night = "times = [{ from = \"22:00\", until = \"06:00\", offset = \"UTC\" }]";
    check_no_permit(
        &rules(&permit("a", night)),
        "{}",
        noon,
        ": rule `a` is in force at other hours",
    );
    // It would not match at any time, is about another tool, or only observes.
    for more in [
        "principals = [\"user:bob\"]",
        "when = { \"caller/tenant\" = { equals = \"globex\" } }",
        "observe = true",
    ] {
        check_no_permit(
            &rules(&permit("a", &format!("{until}\n{more}"))),
            "{}",
            noon,
            "",
        );
    }
    check_no_permit(
        &rules(&permit("a", until).replace("look", "other")),
        "{}",
        noon,
        "",
    );
    // As every permit, it has to match for each resource.
    let own = "when = { \"resource/tenant\" = { equals = { fact = \"caller/tenant\" } } }";
    let own = rules(&permit("a", &format!("{until}\n{own}")));
    let expired = ": rule `a` expired at `2026-11-20T12:00:00Z`";
    check_no_permit(&own, r#"{"of": ["a"]}"#, noon, expired);
    check_no_permit(&own, r#"{"of": ["a", "b"]}"#, noon, "");
    check_no_permit(&own, r#"{"of": []}"#, noon, "");
}

#[test]
fn examples_state_their_time() {
    let example = |time: &str, gets: &str| {
        format!(
            "{POLICY}{FREEZE}\n[[examples]]\ncaller = {{ subject = \"user:alice\", roles = [\"support\"], \
             tenant = \"acme\" }}\n{time}\ncall = {{ tool = \"look\" }}\ngets = \"{gets}\"\n"
        )
    };
    let loads = |time: &str, gets: &str| callgate::parse_policy(&example(time, gets), "p").is_ok();
    assert!(loads("time = \"1970-01-01T00:09:59Z\"", "allow"));
    assert!(loads("time = \"1970-01-01T00:10:00Z\"", "deny"));
    assert!(loads("", "deny"));
}
