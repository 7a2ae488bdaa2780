//! `callgate explain`.

use serde_json::Value;

use crate::run::{ALICE, POLICY, callgate, folder};

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

#[test]
fn not_in_force() {
    let more = r#"
[tools.night]
access = "read"
scope = "none"

[[rules]]
id = "early"
effect = "permit"
tools = ["night"]
from = "2030-01-01T00:00:00Z"

[[rules]]
id = "hours"
effect = "permit"
tools = ["night"]
times = [{ from = "22:00", until = "06:00", offset = "UTC" }]
when = { "context/environment" = { equals = "prod" } }

[[rules]]
id = "late"
effect = "permit"
tools = ["night"]
until = "2020-01-01T00:00:00+01:00"
environments = ["test"]
"#;
    let folder = folder();
    let file = folder.path().join("policy.toml");
    std::fs::write(file, format!("{POLICY}{more}")).unwrap();
    let explain = |call: &str| {
        let ran = callgate(folder.path(), &["explain", "policy.toml"], call.as_bytes());
        assert_eq!(ran.code, 0, "{}", ran.err);
        ran.out
    };
    let bob = r#""caller":{"subject":"user:bob","tenant":"acme"}"#;
    let call = |more: &str| explain(&format!("{{{bob},\"tool\":\"night\"{more}}}"));
    let noon = r#","time":"2026-11-20T12:00:00Z""#;
    let out = call(&format!("{noon},\"environment\":\"stage\""));
    for expected in [
        "no rule permits this call: rule `early` is not in force before `2030-01-01T00:00:00Z`",
        "no       in_force (not yet)\n",
        "no       in_force (at other hours)\n",
        "no       in_force (expired)\n",
        "in_force (not yet): no, would have to be yes\n",
    ] {
        assert!(out.contains(expected), "{expected}\n{out}");
    }
    let out = call("");
    let expected = "rule `early` is in force for some time only, and the time is not known\n";
    assert!(out.contains(expected), "{out}");
    let out = call(r#","time":"2031-01-01T12:00:00Z""#);
    assert!(out.starts_with("allow"), "{out}");
}
