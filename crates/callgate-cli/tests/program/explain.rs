//! `callgate explain`.

use serde_json::Value;

use crate::run::{ALICE, callgate, folder};

fn call(tool: &str, arguments: &str) -> String {
    format!("{{{ALICE},\"tool\":\"{tool}\",\"arguments\":{arguments}}}\n")
}

#[track_caller]
fn check(call: &str, expected: &str) {
    let folder = folder();
    let ran = callgate(folder.path(), &["explain", "policy.toml"], call.as_bytes());
    assert_eq!((ran.code, ran.out.trim_end()), (0, expected), "{}", ran.err);
}

#[test]
fn asked() {
    check(
        &call("change", r#"{"amount": 30}"#),
        "ask    asked              large                 rule `large` asks: needs confirmation by the subject
  call         ok
  caller       ok
  tool         ok, policy.toml:12
  arguments    ok
  resources    1 named, 0 known
  scope        write
  tier         bounded-write, of the tool bounded-write
  rules        2 of 2 about this tool match
    yes      ask     large                 policy.toml:33  matches
      yes      tools
      yes      arguments/amount (number) decimal  <- decided
    yes      permit  support               policy.toml:22  matches
      yes      roles
  friction     confirm
  obligations  mask
  nearest      for `large` (policy.toml:33) to not match:
               arguments/amount (number) decimal: yes, would have to be no",
    );
}

#[test]
fn nobody() {
    check(
        "{\"tool\":\"change\",\"arguments\":{\"amount\":1}}",
        "deny   missing_scope      -                     the unknown caller lacks scope `write`
  call         ok
  caller       ok
  tool         ok, policy.toml:12
  arguments    ok
  resources    1 named, 0 known
  scope        write, and the caller is unknown",
    );
}

#[test]
fn arguments_of_another_tool() {
    check(
        &call("look", r#"{"secret": "hunter2"}"#),
        "deny   invalid_arguments  -                     argument `/secret` is not declared
  call         ok
  caller       ok
  tool         ok, policy.toml:8
  arguments    not those of the tool",
    );
}

#[test]
fn json_is_that_of_eval_with_a_trace() {
    let folder = folder();
    let lines = [
        call("change", r#"{"amount": 30, "note": "hunter2"}"#),
        call("change", r#"{"amount": 3}"#),
        call("change", r#"{"amount": "3"}"#),
        call("look", "{}"),
        call("nope", "{}"),
        "no call\n".to_owned(),
    ]
    .concat();
    let run = |command: &str| {
        let arguments = [command, "policy.toml", "--format", "json"];
        callgate(folder.path(), &arguments, lines.as_bytes())
    };
    let (evaluated, explained) = (run("eval"), run("explain"));
    assert_eq!(explained.code, 0, "{}", explained.err);
    assert!(!explained.out.contains("hunter2"), "{}", explained.out);
    let traces: Vec<Value> = explained.json();
    assert_eq!(traces.len(), 6);
    for (mut trace, answer) in traces.into_iter().zip(evaluated.json()) {
        let steps = trace.as_object_mut().unwrap().remove("trace").unwrap();
        assert_eq!(steps[0]["step"], "call");
        assert_eq!(trace, answer);
    }
    let first = &explained.json()[0]["trace"];
    let rule = first[7]["rules"][0].clone();
    assert_eq!(first[7]["step"], "rules");
    assert_eq!(rule["id"], "large");
    assert_eq!(rule["matched"], true);
    assert_eq!(rule["condition"]["place"], "arguments/amount");
    assert_eq!(rule["condition"]["found"], "number");
    assert_eq!(rule["condition"]["decided"], true);
}
