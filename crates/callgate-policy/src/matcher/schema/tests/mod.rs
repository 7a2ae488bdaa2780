//! What a schema says of values.
//!
//! The cases stand in `tests/schema/cases.jsonl`, one schema a line, with values that it takes and
//! values that it does not.

mod bounds;

use callgate_types::Json;

use super::Schema;
use crate::Policy;
use crate::document::Matcher;

const CASES: &str = include_str!("../../../../tests/schema/cases.jsonl");

/// The schema as a policy in JSON has it.
fn schema(text: &str) -> Schema {
    let policy = format!(
        r#"{{"format": 1, "name": "p",
            "tools": {{"t": {{"access": "read", "arguments": {{"/v": {{"schema": {text}}}}}}}}},
            "rules": [{{"id": "r", "effect": "permit"}}]}}"#
    );
    let policy = Policy::parse_json(&policy, "p").unwrap_or_else(|found| panic!("{found}\n{text}"));
    match &policy.document().tools["t"].arguments[0].matcher {
        Matcher::Schema(schema) => schema.clone(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn check(text: &str, value: &str, expected: Option<bool>) {
    let value = Json::parse(value).unwrap();
    assert_eq!(
        schema(text).admits(value.root()),
        expected,
        "{} of {text}",
        value.text()
    );
}

#[test]
fn cases() {
    let mut count = 0;
    for line in CASES.lines() {
        let case = Json::parse(line).unwrap_or_else(|refused| panic!("{refused}: {line}"));
        let part = |key| {
            case.root()
                .get(key)
                .unwrap_or_else(|| panic!("{key}: {line}"))
        };
        let schema = schema(part("schema").raw());
        for (key, expected) in [("yes", true), ("no", false)] {
            for value in part(key).items() {
                let value = value.raw();
                // As a text of its own, and where it stands.
                let alone = Json::parse(value).unwrap();
                assert_eq!(
                    schema.admits(alone.root()),
                    Some(expected),
                    "{value} of {line}"
                );
                count += 1;
            }
        }
    }
    assert!(count >= 300, "{count} cases are too few");
}

#[test]
fn how_it_is_written() {
    assert_eq!(
        schema(r#"{"type": "object", "properties": {"a": {"maximum": "0.5", "enum": [1]}}}"#)
            .text(),
        r#"{"properties":{"a":{"enum":[1],"maximum":"0.5"}},"type":"object"}"#
    );
    let shown = format!("{:?}", schema(r#"{"const": "\n"}"#));
    assert_eq!(shown, r#"Schema("{\"const\":\"\\n\"}")"#);
}
