//! Which arguments a tool accepts.

use callgate_policy::Policy;
use callgate_types::Arguments;

use crate::{HEAD, binds};

#[test]
fn closed_world() {
    binds("bare", r#"{"x": 1}"#, "argument `/x` is not declared");
    binds("act", r#"{"o": {"x": "", "y~/": 1}}"#, "argument `/o/y~0~1` is not declared");
    binds("act", r#"{"o": {}}"#, "account ?");
    binds("act", r#"{"o": null}"#, "argument `/o` is not an object: found null");
    binds("act", r#"{"o": [1]}"#, "argument `/o` is not an object: found array");
    binds(
        "act",
        r#"{"t": null}"#,
        "argument `/t` is not acceptable: `text` does not hold of this null",
    );
    binds(
        "act",
        r#"{"n": "1"}"#,
        "argument `/n` is not acceptable: `decimal` does not hold of this text",
    );
    binds("strict", "{}", "argument `/to/account` is missing");
    binds("strict", r#"{"to": {"deep": {"n": 1}}}"#, "argument `/to/account` is missing");
    binds(
        "strict",
        r#"{"to": {"account": "acc_x"}}"#,
        "argument `/to/account` is not acceptable: `matches` does not hold of this text",
    );
    binds(
        "strict",
        r#"{"to": {"account": "acc_1", "deep": {"n": 0}}}"#,
        "argument `/to/deep/n` is not acceptable: `integer` does not hold of this number",
    );
    binds(
        "strict",
        r#"{"to": {"account": "acc_1"}, "mine": "globex"}"#,
        "argument `/mine` is not acceptable: `equals` does not hold of this text",
    );
    binds("strict", r#"{"to": {"account": "acc_1"}, "mine": "acme"}"#, "account acc_1, team ?");
}

#[test]
fn open_objects() {
    let ro = r#""config": {"a/b": {"mode": "ro"}}"#;
    binds("loose", &format!("{{{ro}}}"), "");
    let around = r#"{"x": null, "config": {"y": [], "a/b": {"mode": "ro", "z": 1}}}"#;
    binds("loose", around, "");
    binds("loose", "{}", "argument `/config/a~1b/mode` is missing");
    binds("loose", r#"{"config": 1}"#, "argument `/config` is not an object: found number");
    binds(
        "loose",
        r#"{"config": {"a~1b": {"mode": "ro"}}}"#,
        "argument `/config/a~1b/mode` is missing",
    );
    binds("partly", "{}", "");
    binds("partly", r#"{"in": {"x": 1, "deep": {"y": 1, "id": "a"}}}"#, "");
    binds("partly", r#"{"in": {}, "x": 1}"#, "argument `/x` is not declared");
    binds("partly", r#"{"in": []}"#, "argument `/in` is not an object: found array");
    binds(
        "partly",
        r#"{"in": {"deep": {"id": 1}}}"#,
        "argument `/in/deep/id` is not acceptable: `text` does not hold of this number",
    );
}

#[test]
fn closed_tables_in_arrays() {
    binds("partly", r#"{"steps": [{"op": "read"}, {"at": {"n": 1}, "op": "list"}]}"#, "");
    for item in [
        "{}",
        r#"{"op": "write"}"#,
        r#"{"op": "read", "x": 1}"#,
        r#"{"op": "read", "at": {"m": 1}}"#,
        r#"{"op": "read", "at": 1}"#,
        r#"{"op": "read", "at": {"n": "1"}}"#,
        r#"{"op": null}"#,
        "[]",
        "null",
        r#""read""#,
    ] {
        let arguments = format!(r#"{{"steps": [{{"op": "read"}}, {item}]}}"#);
        binds(
            "partly",
            &arguments,
            "argument `/steps` is not acceptable: `array` does not hold of this array",
        );
    }
}

#[test]
fn without_a_caller_arguments_compared_with_one_are_refused() {
    let rule = "[[rules]]\nid = 'p'\neffect = 'permit'\n";
    let policy = Policy::parse(&format!("{HEAD}{rule}"), "semantics.toml").unwrap();
    let arguments = Arguments::parse(r#"{"to": {"account": "acc_1"}, "mine": "acme"}"#).unwrap();
    let refused = policy.tool("strict").unwrap().bind(&arguments).unwrap_err();
    assert_eq!(
        refused.to_string(),
        "argument `/mine` is not acceptable: `equals` does not hold of this text"
    );
}
