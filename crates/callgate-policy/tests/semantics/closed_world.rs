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
