//! What a task covers, and when it is over.

use std::time::Duration;

use callgate::audit::TaskEnd;
use callgate::standing::{Task, TaskBuilder};
use callgate::{
    BeginTaskError, Caller, Context, Gate, GateBuilder, Principal, Resource, RestrictError,
    ToolCall,
};
use chrono::{TimeDelta, Utc};
use serde_json::Value;

use super::rig::{Fickle, Rig, at, for_task, id, officer, task};
use crate::support::{Faulty, POLICY, alice, allowed, builder, change, context, look, refused};

#[test]
fn calls_within_and_outside_a_task() {
    let rig = Rig::new();
    let check = |task: TaskBuilder, name: &str, call: ToolCall, expected: &str| {
        let decision = rig
            .gate
            .authorize(&alice(), call.clone(), &context().task(name));
        refused(&decision, "unknown_task");
        rig.begin(task);
        assert_eq!(rig.code(&alice(), call, &context().task(name)), expected);
    };
    let named = |name: &str| Task::builder(name, at(900));
    check(named("1"), "1", change(), "permitted");
    check(named("2").tools(["ch*ge"]), "2", change(), "permitted");
    check(named("3").tools(["look"]), "3", change(), "outside_task");
    check(
        named("4").tools([] as [&str; 0]),
        "4",
        look(),
        "outside_task",
    );
    check(
        named("5").resource("account", "a*"),
        "5",
        change(),
        "permitted",
    );
    check(
        named("6").resource("account", "b*"),
        "6",
        change(),
        "outside_task",
    );
    check(
        named("7").resources_of("account"),
        "7",
        change(),
        "permitted",
    );
    check(named("8").no_resources(), "8", change(), "outside_task");
    check(named("9").no_resources(), "9", look(), "permitted");
    check(named("10").scopes(["write"]), "10", change(), "permitted");
    check(
        named("11").scopes(["read"]),
        "11",
        change(),
        "missing_scope",
    );
    let told = "the task does not confer scope `write`";
    assert_eq!(rig.last()["message"], told);
    rig.sink.verifies();
}

#[test]
fn what_is_told_of_tasks() {
    let rig = Rig::new();
    rig.begin(task().tools(["change"]).resource("account", "b*"));
    let told = |call: ToolCall, context: &Context| {
        let decision = rig.gate.authorize(&alice(), call, context);
        let callgate::Decision::Deny(denial) = decision else {
            panic!("expected a denial, got {decision:?}");
        };
        denial.message().to_owned()
    };
    let outside = "account `a1` is outside task `t-7`";
    assert_eq!(told(change(), &for_task()), outside);
    assert_eq!(
        told(look(), &for_task()),
        "tool `look` is outside task `t-7`"
    );
    let context = Context::new().task("t-8");
    assert_eq!(told(look(), &context), "no task `t-8` was begun");
}

#[test]
fn a_call_without_a_task() {
    let rig = Rig::new();
    assert_eq!(rig.code(&alice(), look(), &context()), "permitted");
    let strict = Rig::with(GateBuilder::require_task);
    assert_eq!(strict.code(&alice(), look(), &context()), "task_required");
    strict.begin(task());
    assert_eq!(strict.code(&alice(), look(), &for_task()), "permitted");

    let policy = callgate::parse_policy(POLICY, "desk.toml").unwrap();
    let bare = Gate::builder().policy(policy).audit_shared(Faulty::new());
    let told = bare.require_task().build().unwrap_err().to_string();
    assert_eq!(told, "a gate that requires tasks needs a standing store");
}

#[test]
fn a_task_is_of_one_subject_in_one_tenant() {
    let rig = Rig::new();
    rig.begin(task());
    let bob = Principal::asserted(id("user:bob")).member_of("acme", ["support"]);
    let bob = Caller::of(bob).in_tenant("acme").unwrap();
    assert_eq!(rig.code(&bob, look(), &for_task()), "outside_task");
    let elsewhere = Principal::asserted(id("user:alice")).member_of("globex", ["support"]);
    let elsewhere = Caller::of(elsewhere).in_tenant("globex").unwrap();
    assert_eq!(rig.code(&elsewhere, look(), &for_task()), "unknown_task");
    // The same id is another task there, and its end is no end here.
    rig.gate.begin_task(&elsewhere, task()).unwrap();
    let by = Principal::asserted(id("user:officer")).member_of("globex", ["security"]);
    let end = |tenant, by| {
        rig.gate
            .end_task(Some(tenant), "t-7", TaskEnd::Done, by, "done")
    };
    let told = end("acme", &by).unwrap_err();
    assert!(matches!(told, RestrictError::OtherTenant), "{told}");
    end("globex", &by).unwrap();
    assert_eq!(rig.code(&elsewhere, look(), &for_task()), "task_ended");
    assert_eq!(rig.code(&alice(), look(), &for_task()), "permitted");
}

#[test]
fn a_task_that_is_over() {
    let rig = Rig::new();
    rig.begin(task());
    let permit = allowed(rig.gate.authorize(&alice(), change(), &for_task()));
    rig.hands.forward(Duration::from_secs(30));
    std::thread::sleep(Duration::from_millis(600));
    drop(permit);
    rig.hands.forward(Duration::from_secs(870));
    std::thread::sleep(Duration::from_millis(600));
    assert_eq!(rig.code(&alice(), look(), &for_task()), "task_expired");
    let by = officer();
    let end = |id: &str, why| rig.gate.end_task(Some("acme"), id, TaskEnd::Done, &by, why);
    let told = end("t-8", "typo").unwrap_err();
    assert!(matches!(told, RestrictError::UnknownTask), "{told}");
    let told = rig.gate.begin_task(&alice(), task()).unwrap_err();
    assert!(matches!(told, BeginTaskError::Over), "{told}");
    let again = Task::builder("t-7", at(10_000));
    let told = rig.gate.begin_task(&alice(), again).unwrap_err();
    assert!(matches!(told, BeginTaskError::Taken), "{told}");
}

#[test]
fn records_of_a_task() {
    let rig = Rig::new();
    let task = task()
        .purpose("answer ticket 17")
        .tools(["change"])
        .resource("account", "a*")
        .scopes(["write"]);
    rig.begin(task);
    let begun = rig.last();
    assert_eq!(begun["kind"], "task_begun");
    assert_eq!(begun["task"], "t-7");
    assert_eq!(begun["tools"], serde_json::json!(["change"]));
    assert_eq!(begun["scopes"], serde_json::json!(["write"]));
    let covered = serde_json::json!([{ "kind": "account", "id": "a*" }]);
    assert_eq!(begun["resources"], covered);
    assert_eq!(begun["subject"]["id"], "user:alice");
    assert!(begun["purpose"]["digest"].is_string(), "{begun}");
    let _first = allowed(rig.gate.authorize(&alice(), change(), &for_task()));
    let _second = allowed(rig.gate.authorize(&alice(), change(), &for_task()));
    let third = allowed(rig.gate.authorize(&alice(), change(), &for_task()));
    let _running = third.begin().unwrap();
    rig.gate
        .end_task(Some("acme"), "t-7", TaskEnd::Done, &officer(), "done")
        .unwrap();
    let ended = rig.last();
    assert_eq!(ended["kind"], "task_ended");
    assert_eq!(
        (&ended["tenant"], &ended["end"]),
        (&"acme".into(), &"done".into())
    );
    assert_eq!(
        (&ended["permits"], &ended["tokens"]),
        (&2.into(), &Value::Null)
    );
    assert_eq!(ended["by"]["id"], "user:officer");
    rig.sink.verifies();
}

#[test]
fn resources_whose_id_is_unknown() {
    let policy = POLICY.replace(
        "\"/account\" = { text",
        "\"/account\" = { optional = true, text",
    );
    let sink = Faulty::new();
    let gate = builder(&policy, sink)
        .standing(Fickle::new())
        .build()
        .unwrap();
    let until = Utc::now().checked_add_signed(TimeDelta::hours(1)).unwrap();
    let code = |task: &str| {
        let call = ToolCall::from_text("change", "{}");
        let context = Context::new()
            .task(task)
            .resource(Resource::new("account", "a1"));
        gate.authorize(&alice(), call, &context).code().as_str()
    };
    gate.begin_task(
        &alice(),
        Task::builder("some", until).resource("account", "*"),
    )
    .unwrap();
    assert_eq!(code("some"), "outside_task");
    gate.begin_task(
        &alice(),
        Task::builder("all", until).resources_of("account"),
    )
    .unwrap();
    // The task covers it; the policy does not.
    assert_eq!(code("all"), "forbidden");
}
