//! The life of a permit.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use crate::support::{
    Faulty, Hands, POLICY, Ticking, alice, allowed, builder, change, context, gate, look,
};
use callgate::{Code, JsonRef, NotBegunReason};

type Nothing = Result<(), std::fmt::Error>;

#[test]
fn run_hands_over_what_was_judged() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    assert_eq!(permit.rule(), Some("support"));
    let ran = permit.run(|call| {
        assert_eq!(call.tool(), "change");
        assert_eq!(call.caller().tenant(), Some("acme"));
        let account = call.arguments().get("account").and_then(JsonRef::as_str);
        Ok::<_, std::fmt::Error>(account.unwrap().to_owned())
    });
    assert_eq!(ran.unwrap().released(), r#""a1""#);
    let outcome = sink.records().pop().unwrap();
    assert_eq!(outcome["status"], "ok");
    assert_eq!(outcome["decision_seq"], 1);
    sink.verifies();
}

#[test]
fn error_of_a_tool_is_the_tools_own() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    let ran = permit.run(|_| Err::<(), _>("no such account")).unwrap();
    assert_eq!(ran.output.unwrap_err(), "no such account");
    assert_eq!(sink.story(), ["decision permitted", "outcome error"]);
}

#[test]
fn dropped() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    drop(allowed(gate.authorize(&alice(), look(), &context())));
    assert_eq!(
        sink.story(),
        ["decision permitted"],
        "dropping never waits for a sink"
    );
    gate.flush().unwrap();
    assert_eq!(sink.story(), ["decision permitted", "not_begun dropped"]);
}

#[test]
fn dropped_with_the_last_gate() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let permit = allowed(gate.authorize(&alice(), look(), &context()));
    drop(gate);
    drop(permit);
    assert_eq!(sink.story(), ["decision permitted", "not_begun dropped"]);
}

#[test]
fn held_too_long() {
    let sink = Faulty::new();
    let hands = Arc::new(Hands::default());
    let clock = Ticking(Arc::clone(&hands));
    let gate = builder(POLICY, sink.clone()).clock(clock).build().unwrap();
    let in_time = allowed(gate.authorize(&alice(), look(), &context()));
    hands.forward(Duration::from_secs(60));
    assert!(in_time.run(|_| Nothing::Ok(())).is_ok());

    let late = allowed(gate.authorize(&alice(), look(), &context()));
    let dropped = allowed(gate.authorize(&alice(), look(), &context()));
    hands.forward(Duration::from_millis(60_001));
    let not_begun = late.run(|_| Nothing::Ok(())).unwrap_err();
    assert_eq!(not_begun.reason(), NotBegunReason::Expired);
    assert_eq!(not_begun.code(), None);
    assert_eq!(not_begun.into_call().tool(), "look");
    drop(dropped);
    gate.flush().unwrap();
    assert_eq!(
        sink.story()[4..],
        ["not_begun expired", "not_begun expired"]
    );
}

#[test]
fn panicking_tool_is_abandoned_and_counts_as_run() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let context = context().session("s");
    let permit = allowed(gate.authorize(&alice(), change().id("c1"), &context));
    let run = AssertUnwindSafe(|| permit.run(|_| -> Nothing { panic!("as told") }));
    assert!(catch_unwind(run).is_err());
    let again = gate.authorize(&alice(), change().id("c1"), &context);
    assert_eq!(again.code(), Code::CallAlreadyRun);
    let story = [
        "decision permitted",
        "abandoned",
        "decision call_already_run",
    ];
    assert_eq!(sink.story(), story);
}

#[test]
fn running_without_a_closure() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    let running = permit.begin().unwrap();
    let moved = std::thread::spawn(move || {
        let account = running.authorized().arguments().get("account");
        assert_eq!(account.and_then(JsonRef::as_str), Some("a1"));
        running.finish(Nothing::Ok(()))
    });
    assert!(moved.join().unwrap().recorded.is_ok());
    let left = allowed(gate.authorize(&alice(), look(), &context()));
    drop(left.begin().unwrap());
    gate.flush().unwrap();
    let story = [
        "decision permitted",
        "outcome ok",
        "decision permitted",
        "abandoned",
    ];
    assert_eq!(sink.story(), story);
}

#[track_caller]
fn replaced(policy: &str, expected: Option<Code>, story: &[&str]) {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    gate.set_policy(callgate::parse_policy(policy, "new.toml").unwrap())
        .unwrap();
    let mut ran = false;
    let result = permit.run(|_| {
        ran = true;
        Nothing::Ok(())
    });
    assert_eq!(ran, expected.is_none());
    assert_eq!(
        result.err().and_then(|not_begun| not_begun.code()),
        expected
    );
    gate.flush().unwrap();
    assert_eq!(sink.story().split_off(2), story);
    let again = sink.records().into_iter().nth(3).unwrap();
    assert_eq!(again.get("rejudges").unwrap(), 1);
    sink.verifies();
}

#[test]
fn replaced_policy_judges_again() {
    let same = format!("{POLICY}\n# a comment changes the digest\n");
    replaced(&same, None, &["decision permitted", "outcome ok"]);

    let forbid = format!("{POLICY}\n[[rules]]\nid = \"stop\"\neffect = \"forbid\"\n");
    let story = ["decision forbidden", "not_begun stricter"];
    replaced(&forbid, Some(Code::Forbidden), &story);

    let ask = format!("{POLICY}\n[[rules]]\nid = \"stop\"\neffect = \"ask\"\n");
    replaced(
        &ask,
        Some(Code::Asked),
        &["decision asked", "not_begun stricter"],
    );

    let gone = POLICY.replace("tools.change", "tools.other");
    let story = ["decision unknown_tool", "not_begun stricter"];
    replaced(&gone, Some(Code::UnknownTool), &story);
}

#[test]
fn replaced_policy_with_a_further_obligation() {
    let sink = Faulty::new();
    let gate = builder(POLICY, sink.clone())
        .handles("mask")
        .build()
        .unwrap();
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    let policy = POLICY.replace(
        "roles = [\"support\"]\n",
        "roles = [\"support\"]\nobligations = [\"mask\"]\n",
    );
    gate.set_policy(callgate::parse_policy(&policy, "new.toml").unwrap())
        .unwrap();
    let not_begun = permit.begin().unwrap_err();
    assert_eq!(not_begun.reason(), NotBegunReason::Stricter);
    assert_eq!(
        not_begun.message(),
        "the policy now demands more of the host"
    );
    let anew = allowed(gate.authorize(&alice(), not_begun.into_call(), &context()));
    assert_eq!(anew.obligations(), ["mask".into()]);
}

#[test]
fn kept_in_clear_where_the_policy_says_so() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    permit
        .run(|_| Ok::<_, std::fmt::Error>("secret result"))
        .unwrap()
        .recorded
        .unwrap();
    let permit = allowed(gate.authorize(&alice(), look(), &context()));
    permit
        .run(|_| Ok::<_, std::fmt::Error>("secret result"))
        .unwrap()
        .recorded
        .unwrap();
    let records = sink.records();
    assert_eq!(records[1]["arguments"]["text"]["account"], "a1");
    assert_eq!(records[2]["result"]["text"], "\"secret result\"");
    assert!(records[3]["arguments"]["digest"].is_string());
    assert!(!records[4].to_string().contains("secret"));
}
