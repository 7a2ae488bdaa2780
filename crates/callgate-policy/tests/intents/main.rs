//! Policies for intents that authors have, against inputs of which it is known whether they are
//! within the intent.
//!
//! Beside `INTENT.toml`, whose tool `check` (of SQL: `check_DIALECT`) is permitted exactly where
//! the intent holds, `cases/*.jsonl` has one input a line with the answer expected. `arguments`
//! of these intents are the input itself; of others it is the argument `value`.

#![expect(
    clippy::unwrap_used,
    clippy::indexing_slicing,
    reason = "a case that cannot be read fails the test"
)]

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use callgate_policy::{Policy, Question};
use callgate_types::{Arguments, Caller, Context, Principal, PrincipalId};
use serde_json::Value;

/// Intents about whole arguments.
const WHOLE: &[&str] = &[
    "EMAIL-LIST",
    "JSON-ARGS",
    "JSON-FILES",
    "JSON-PTR",
    "NUM-AMOUNT",
    "NUM-INT",
];

#[track_caller]
fn check(cases: &str) {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/intents");
    let lines = fs::read_to_string(folder.join("cases").join(cases)).unwrap();
    let mut policies = BTreeMap::new();
    let mut wrong = Vec::new();
    for line in lines.lines() {
        let case: Value = serde_json::from_str(line).unwrap();
        let intent = case["intent"].as_str().unwrap();
        let policy = policies.entry(intent.to_owned()).or_insert_with(|| {
            let text = fs::read_to_string(folder.join(format!("{intent}.toml"))).unwrap();
            Policy::parse(&text, intent).unwrap()
        });
        let got = if permits(policy, intent, &case) {
            "allow"
        } else {
            "deny"
        };
        if case["expect"] != got {
            wrong.push(format!("{got}: {line}"));
        }
    }
    assert!(!policies.is_empty());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn permits(policy: &Policy, intent: &str, case: &Value) -> bool {
    let input = case["input"].as_str().unwrap();
    let text = if WHOLE.contains(&intent) {
        input.to_owned()
    } else {
        serde_json::json!({ "value": input }).to_string()
    };
    let Ok(arguments) = Arguments::parse(text) else {
        return false;
    };
    let name = match case["domain"].as_str() {
        Some("sql") => format!("check_{}", case["dialect"].as_str().unwrap()),
        _ => "check".to_owned(),
    };
    let mut context = Context::new();
    for (name, fact) in case["context"].as_object().into_iter().flatten() {
        context = context.fact(name.as_str(), fact.clone());
    }
    let subject = Principal::asserted(PrincipalId::user("anybody").unwrap());
    let caller = Caller::of(subject.member_of("acme", ["anybody"]));
    let caller = caller.in_tenant("acme").unwrap();
    let tool = policy.tool(&name).unwrap();
    let Ok(bound) = tool.bind_for(&arguments, &caller, &context) else {
        return false;
    };
    let judgement = policy.judge(&Question::new(tool, &caller, &context, &bound, &[]));
    judgement.first_permit().is_some() && judgement.first_forbid().is_none()
}

#[test]
fn paths() {
    check("path.jsonl");
}

#[test]
#[cfg(feature = "url")]
fn urls() {
    check("url.jsonl");
}

#[test]
fn emails() {
    check("email.jsonl");
}

#[test]
fn identifiers() {
    check("identifier.jsonl");
}

#[test]
fn numbers() {
    check("number.jsonl");
}

#[test]
fn json() {
    check("json.jsonl");
}

#[test]
fn shell() {
    check("shell.jsonl");
    check("shell-more.jsonl");
    check("shell-deny.jsonl");
}

#[test]
#[cfg(feature = "sql")]
fn sql() {
    check("sql.jsonl");
}
