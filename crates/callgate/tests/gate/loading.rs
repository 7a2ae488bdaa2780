//! Policies that do not load.

use crate::support::{Faulty, POLICY, alice, allowed, context, gate, look};

#[track_caller]
fn check(policy: &str, expected: &str) {
    let error = callgate::parse_policy(policy, "desk.toml").unwrap_err();
    assert_eq!(error.to_string(), expected);
}

const EXAMPLE: &str = r#"
[[examples]]
caller = { subject = "user:alice", roles = ["support"], tenant = "acme" }
resources = [{ kind = "account", id = "a1", tenant = "TENANT" }]
call = { tool = "change", arguments = { account = "a1" } }
gets = "allow"
"#;

#[test]
fn examples_are_checked() {
    let right = format!("{POLICY}{}", EXAMPLE.replace("TENANT", "acme"));
    assert!(callgate::parse_policy(&right, "desk.toml").is_ok());
    let line = POLICY.lines().count() + 2;
    let wrong = format!("{POLICY}{}", EXAMPLE.replace("TENANT", "globex"));
    check(
        &wrong,
        &format!(
            "desk.toml:{line}:1: example gets `deny` with code `forbidden` by rule \
             `own-tenant-only`, expected `allow`: forbidden by rule `own-tenant-only`"
        ),
    );
    let rule = format!("{right}rule = \"own-tenant-only\"\n");
    check(
        &rule,
        &format!(
            "desk.toml:{line}:1: example gets `allow` with code `permitted` by rule `support`, \
             expected `allow` by rule `own-tenant-only`: permitted by rule `support`"
        ),
    );
}

#[test]
fn file_that_is_not_there() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("policy.toml");
    let error = callgate::load_policy(&path).unwrap_err().to_string();
    assert!(error.starts_with(&path.display().to_string()), "{error}");
    std::fs::write(&path, b"format = 1 # \xff").unwrap();
    let error = callgate::load_policy(&path).unwrap_err().to_string();
    assert!(error.contains("UTF-8"), "{error}");
    std::fs::write(&path, POLICY).unwrap();
    assert_eq!(callgate::load_policy(&path).unwrap().name(), "desk");
}

#[test]
fn typo_names_its_place_and_the_nearest_word() {
    let typo = POLICY.replace("effect = \"forbid\"", "efect = \"forbid\"");
    let error = callgate::parse_policy(&typo, "desk.toml")
        .unwrap_err()
        .to_string();
    assert!(error.starts_with("desk.toml:"), "{error}");
    assert!(
        error.contains("`efect`") && error.contains("`effect`"),
        "{error}"
    );
}

#[test]
fn replaced_policy_that_does_not_load_leaves_the_old_one() {
    let sink = Faulty::new();
    let gate = gate(&sink);
    assert!(callgate::parse_policy("format = 1", "new.toml").is_err());
    drop(allowed(gate.authorize(&alice(), look(), &context())));
}
