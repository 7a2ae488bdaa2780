//! `callgate test`.

use serde_json::json;

use crate::run::{POLICY, callgate, folder};

const TESTS: &str = r#"
[[examples]]
call = { tool = "look" }
gets = "allow"
rule = "look"

[[examples]]
call = { tool = "change", arguments = { amount = 1 } }
gets = "allow"
"#;

#[test]
fn own_examples_and_further_files() {
    let folder = folder();
    std::fs::write(folder.path().join("more.toml"), TESTS).unwrap();
    let own = format!("{POLICY}\n[[examples]]\ncall = {{ tool = \"look\" }}\ngets = \"deny\"\n");
    std::fs::write(folder.path().join("policy.toml"), own).unwrap();
    let arguments = ["test", "policy.toml", "more.toml", "--format", "json"];
    let ran = callgate(folder.path(), &arguments, b"");
    assert_eq!(ran.code, 1, "{}", ran.err);
    let line = POLICY.lines().count() + 2;
    let expected = [
        json!({"test": format!("policy.toml:{line}"), "expected": "deny", "got": "allow", "rule": "look", "ok": false}),
        json!({"test": "more.toml:2", "expected": "allow", "got": "allow", "rule": "look", "ok": true}),
        json!({"test": "more.toml:7", "expected": "allow", "got": "deny", "rule": null, "ok": false}),
    ];
    assert_eq!(ran.json(), expected);
    let ran = callgate(folder.path(), &arguments[..3], b"");
    assert!(ran.out.starts_with("1 passed, 2 failed\n"), "{}", ran.out);
}

#[test]
fn all_pass() {
    let folder = folder();
    let tests = TESTS
        .replace("gets = \"allow\"\n\n", "gets = \"allow\"\n")
        .replace(
            "amount = 1 } }\ngets = \"allow\"",
            "amount = 1 } }\ngets = \"deny\"\ncode = \"missing_scope\"",
        );
    std::fs::write(folder.path().join("more.toml"), tests).unwrap();
    let ran = callgate(folder.path(), &["test", "policy.toml", "more.toml"], b"");
    assert_eq!(ran.code, 0, "{}", ran.out);
}

#[test]
fn typo_in_a_test() {
    let folder = folder();
    std::fs::write(
        folder.path().join("more.toml"),
        TESTS.replace("\"look\"", "\"lok\""),
    )
    .unwrap();
    let ran = callgate(folder.path(), &["test", "policy.toml", "more.toml"], b"");
    assert_eq!(ran.code, 1);
    assert!(
        ran.out.contains("more.toml:3:") && ran.out.contains("`look`"),
        "{}",
        ran.out
    );
    let ran = callgate(folder.path(), &["test", "policy.toml", "nope.toml"], b"");
    assert_eq!(ran.code, 2);
}
