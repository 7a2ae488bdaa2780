//! What tools say that they did.

use crate::support::{Faulty, alice, allowed, change, context, gate};
use callgate::Authorized;
use serde_json::{Value, json};

/// The outcome of a call whose tool does this.
#[track_caller]
fn outcome(tool: impl FnOnce(&Authorized<'_>)) -> Value {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    let ran = permit.run(|call| {
        tool(call);
        Ok::<_, std::fmt::Error>(())
    });
    ran.unwrap().recorded.unwrap();
    sink.verifies();
    sink.records().last().unwrap().clone()
}

#[track_caller]
fn check(tool: impl FnOnce(&Authorized<'_>), expected: &Value, omitted: &Value) {
    let outcome = outcome(tool);
    let of = |key: &str| outcome.get(key).unwrap_or(&Value::Null);
    assert_eq!(of("kind"), "outcome");
    assert_eq!((of("effects"), of("effects_omitted")), (expected, omitted));
}

#[test]
fn nothing_is_said() {
    check(|_| (), &Value::Null, &Value::Null);
    let outcome = outcome(|_| ());
    assert!(outcome.get("effects").is_none());
}

#[test]
fn the_tool_says_that_it_did_nothing() {
    let tool = |call: &Authorized<'_>| {
        call.no_effect();
    };
    check(tool, &json!([]), &Value::Null);
}

#[test]
fn effects_in_their_order() {
    let tool = |call: &Authorized<'_>| {
        call.effect("voided invoice 17");
        call.effect("told alice");
        call.no_effect();
    };
    let expected = json!(["voided invoice 17", "told alice"]);
    check(tool, &expected, &Value::Null);
}

#[test]
fn no_more_than_fit() {
    let tool = |call: &Authorized<'_>| {
        for number in 0..300 {
            call.effect(number.to_string());
        }
    };
    let expected: Vec<String> = (0..256_u32).map(|number| number.to_string()).collect();
    check(tool, &json!(expected), &json!(44));
}

#[test]
fn long_ones_are_cut_and_bounded() {
    let tool = |call: &Authorized<'_>| {
        call.effect("x".repeat(64 << 10));
        call.effect("one byte too many");
    };
    let outcome = outcome(tool);
    assert_eq!(outcome["effects"][0]["bytes"], 64 << 10);
    assert_eq!(outcome["effects"][0]["cut"], "x".repeat(256));
    assert_eq!(outcome["effects"][1], Value::Null);
    assert_eq!(outcome["effects_omitted"], 1);
}

#[test]
fn effects_of_a_call_that_runs_elsewhere() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    let permit = allowed(gate.authorize(&alice(), change(), &context()));
    let running = permit.begin().unwrap();
    std::thread::scope(|scope| {
        scope.spawn(|| running.authorized().effect("voided invoice 17"));
    });
    let failed = running.finish(Err::<(), _>(std::fmt::Error));
    failed.recorded.unwrap();
    let outcome = sink.records().last().unwrap().clone();
    assert_eq!(outcome["status"], "error");
    assert_eq!(outcome["effects"], json!(["voided invoice 17"]));
}
