//! Rules that are in force for some time only.

use std::sync::Arc;
use std::time::Duration;

use callgate::{Code, Context, DecisionKind};

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
