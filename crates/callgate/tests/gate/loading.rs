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

/// What is supposed of callers in examples reaches conditions and cuts.
#[test]
fn examples_suppose_how_callers_were_verified() {
    const POLICY: &str = r#"
format = 1
name = "desk"

[roles]
support = { scopes = ["write"] }
staff = { scopes = ["write"], crosses = ["acme"] }

[actors.bot]
scopes = ["write"]
[actors.sub]
scopes = ["write"]

[tools.change]
access = "write"
scope = "write"

[[rules]]
id = "fresh"
effect = "permit"
tools = ["change"]
when = { "caller/verified/method" = { equals = "jwt" }, "caller/verified/issuer" = { equals = "idp" }, "caller/verified/age" = { integer = { at_most = 60 } }, "context/task" = { equals = "t-1" } }

[[examples]]
time = "2026-11-20T12:00:00Z"
task = "t-1"
caller.subject = { kind = "user", id = "alice", roles = ["support"], verified = { method = "jwt", issuer = "idp", age = "60s" } }
caller.actors = ["agent:bot", { kind = "agent", id = "sub", delegated = { tools = ["change"], scopes = ["write"] } }]
caller.tenant = "acme"
call = { tool = "change" }
gets = "allow"
"#;
    assert!(callgate::parse_policy(POLICY, "desk.toml").is_ok());
    let changes = [
        (r#"age = "60s""#, r#"age = "61s""#, "no_permit"),
        (r#"issuer = "idp", age"#, "age", "no_permit"),
        (
            r#"method = "jwt", issuer"#,
            r#"method = "saml", issuer"#,
            "no_permit",
        ),
        (r#"task = "t-1""#, r#"task = "t-2""#, "no_permit"),
        (
            r#"tools = ["change"], "#,
            "tools = [], ",
            "tool_not_delegated",
        ),
        (
            r#"scopes = ["write"] } }]"#,
            "scopes = [] } }]",
            "missing_scope",
        ),
        (
            r#"age = "60s" }"#,
            r#"age = "60s", until = "2026-11-20T12:00:00Z" }"#,
            "caller_expired",
        ),
        (
            r#"age = "60s" } }"#,
            r#"age = "60s" }, limit = { tools = [] } }"#,
            "tool_not_delegated",
        ),
        (
            r#"age = "60s" } }"#,
            r#"age = "60s" }, lets_act = ["agent:x"] }"#,
            "may not act",
        ),
        (
            r#"roles = ["support"], v"#,
            r#"tenants = { globex = ["support"] }, v"#,
            "does not belong",
        ),
        (
            r#"roles = ["support"], v"#,
            "tenants = { acme = [] }, v",
            "missing_scope",
        ),
        (
            r#"roles = ["support"], v"#,
            r#"crossing_roles = ["support"], v"#,
            "foreign_tenant",
        ),
        (
            "caller.tenant",
            "caller.sub_agents_at_most = { tools = [] }\ncaller.tenant",
            "tool_not_",
        ),
    ];
    for (from, to, expected) in changes {
        let (head, example) = POLICY.split_once("[[examples]]").unwrap();
        assert!(example.contains(from), "{from}");
        let text = format!("{head}[[examples]]{}", example.replace(from, to));
        let error = callgate::parse_policy(&text, "desk.toml").unwrap_err();
        assert!(error.to_string().contains(expected), "{to}: {error}");
    }
    let staff = POLICY.replace(
        r#"roles = ["support"], v"#,
        r#"crossing_roles = ["staff"], v"#,
    );
    assert!(callgate::parse_policy(&staff, "desk.toml").is_ok());
}
