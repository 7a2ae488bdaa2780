//! `callgate eval`.

use serde_json::{Value, json};

use crate::run::{ALICE, callgate, folder};

fn lines() -> Vec<(String, Value)> {
    let by_alice = |rest: &str| format!("{{{ALICE},{rest}}}");
    let answer = |decision: &str, code: &str, rule: Value, tier: Value| json!({"decision": decision, "code": code, "rule": rule, "tier": tier});
    let bad = |code: &str| answer("deny", code, Value::Null, Value::Null);
    vec![
        (
            by_alice(r#""tool":"change","arguments":{"amount":20.00}"#),
            answer(
                "allow",
                "permitted",
                json!("support"),
                json!("bounded-write"),
            ),
        ),
        (
            by_alice(r#""tool":"change","arguments":{"amount":20.01}"#),
            answer("ask", "asked", json!("large"), json!("bounded-write")),
        ),
        (
            by_alice(r#""tool":"change","arguments":{"amount":50.000000000000000000000000001}"#),
            bad("invalid_arguments"),
        ),
        (
            by_alice(r#""tool":"change","arguments_text":"{\"amount\":1,\"amount\":2}""#),
            bad("invalid_arguments"),
        ),
        (
            by_alice(r#""tool":"change","arguments_text":"{\"amount\":1""#),
            bad("invalid_arguments"),
        ),
        (
            by_alice(r#""tool":"change","arguments":{"amount":1,"amount":2}"#),
            bad("invalid_call"),
        ),
        (
            r#"{"tool":"look"}"#.into(),
            answer("allow", "permitted", json!("look"), json!("read-only")),
        ),
        (
            r#"{"tool":"change","arguments":{"amount":1}}"#.into(),
            bad("missing_scope"),
        ),
        (r#"{"tool":"nope"}"#.into(), bad("unknown_tool")),
        (
            r#"{"tool":"look","caller":{"subject":"user:a","actors":["user:a"]}}"#.into(),
            bad("invalid_caller"),
        ),
        (
            r#"{"tool":"look","colour":"red"}"#.into(),
            bad("invalid_call"),
        ),
        (r#"{"arguments":{}}"#.into(), bad("invalid_call")),
        ("nonsense".into(), bad("invalid_call")),
        ("[]".into(), bad("invalid_call")),
        ("\u{0}".into(), bad("invalid_call")),
    ]
}

#[track_caller]
fn check(arguments: &[&str]) {
    let folder = folder();
    let lines = lines();
    let mut input = Vec::new();
    for (line, _) in &lines {
        input.extend_from_slice(line.as_bytes());
        input.push(b'\n');
    }
    input.extend_from_slice(b"\xff\xfe\n");
    let ran = callgate(folder.path(), arguments, &input);
    assert_eq!(ran.code, 0, "{}", ran.err);
    let answers = ran.json();
    assert_eq!(answers.len(), lines.len() + 1);
    for ((line, expected), answer) in lines.iter().zip(&answers) {
        for (key, value) in expected.as_object().unwrap() {
            assert_eq!(&answer[key], value, "{line}: {key}");
        }
        let keys: Vec<&String> = answer.as_object().unwrap().keys().collect();
        let all = ["code", "decision", "message", "obligations", "rule", "tier"];
        assert_eq!(keys, all);
    }
    assert_eq!(answers[0]["obligations"], json!(["mask"]));
    assert_eq!(answers.last().unwrap()["code"], "invalid_call");

    if arguments.contains(&"--audit") {
        let ran = callgate(folder.path(), &["verify", "log", "--format", "json"], b"");
        assert_eq!(ran.code, 0, "{}", ran.out);
        // The policy, every decision, and a `not_begun` for each that was allowed.
        let records = u64::try_from(1 + answers.len() + 2).unwrap();
        assert_eq!(ran.json()[0]["records"], records);
    }
}

#[test]
fn decisions() {
    check(&["eval", "policy.toml", "--format", "json"]);
    check(&["eval", "policy.toml", "-", "--format", "json"]);
}

#[test]
fn decisions_with_a_log() {
    check(&[
        "eval",
        "policy.toml",
        "-",
        "--audit",
        "log",
        "--format",
        "json",
    ]);
}

#[test]
fn text() {
    let folder = folder();
    let input = format!("{{{ALICE},\"tool\":\"change\",\"arguments\":{{\"amount\":1}}}}\n\n");
    let ran = callgate(folder.path(), &["eval", "policy.toml"], input.as_bytes());
    let expected = "allow  permitted          support               support may change up to 50\n";
    assert_eq!(ran.out, expected);
}

#[test]
fn unusable() {
    let folder = folder();
    std::fs::write(folder.path().join("file"), "").unwrap();
    for arguments in [
        &["eval", "nope.toml"][..],
        &["eval", "policy.toml", "nope.jsonl"],
        &["eval", "policy.toml", "-", "--audit", "file"],
    ] {
        let ran = callgate(folder.path(), arguments, b"");
        assert_eq!(
            (ran.code, ran.out.as_str()),
            (2, ""),
            "{arguments:?} {}",
            ran.err
        );
    }
}
