//! A policy means the same in JSON as in TOML.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    clippy::arithmetic_side_effects,
    reason = "a policy that cannot be read fails the test"
)]

use std::path::Path;

use callgate_policy::Policy;
use proptest::prelude::*;
use serde_json::{Map, Value};
use toml::de::{DeTable, DeValue};

const SPEC: &str = include_str!("../../../docs/spec/policy.md");
const SUPPORT_DESK: &str = include_str!("policies/support-desk.toml");

#[track_caller]
fn check(toml: &str, what: &str) {
    let json = as_json(toml);
    let (written, read) = match (Policy::parse(toml, what), Policy::parse_json(&json, what)) {
        (Ok(written), Ok(read)) => (written, read),
        (Err(one), Err(other)) => {
            // A matcher that this build does not have is refused in both forms.
            let is_missing = |message: &str| message.contains("not part of this build");
            assert!(one.iter().all(|one| is_missing(&one.message)), "{one}");
            assert_eq!(one.iter().count(), other.iter().count(), "{other}");
            return;
        }
        (Err(found), Ok(_)) | (Ok(_), Err(found)) => panic!("{found}"),
    };
    assert_eq!(shown(&written), shown(&read), "{what}");
}

#[test]
fn policies_of_the_tests() {
    let mut seen = 0;
    for folder in ["tests/policies", "tests/intents"] {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join(folder);
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.extension().is_some_and(|ending| ending == "toml") {
                let text = std::fs::read_to_string(&path).unwrap();
                check(&text, &path.to_string_lossy());
                seen += 1;
            }
        }
    }
    assert!(seen >= 5, "{seen} policies are too few");
}

#[test]
fn example_of_the_specification() {
    let block = SPEC.split("```toml\n").nth(1).unwrap();
    check(block.split("```").next().unwrap(), "policy.md");
}

#[test]
fn further_examples() {
    let policy = Policy::parse(SUPPORT_DESK, "support-desk.toml").unwrap();
    let text = "[[examples]]\ncall = { tool = \"adjust_billing\", arguments = { amount = 1 } }\n\
                gets = \"deny\"\n";
    let written = policy.read_examples(text, "more").unwrap();
    let read = policy.read_examples_json(&as_json(text), "more").unwrap();
    assert_eq!(
        without_lines(&format!("{written:#?}")),
        without_lines(&format!("{read:#?}"))
    );
}

/// What the text means, whatever lines it stands on.
fn shown(policy: &Policy) -> String {
    without_lines(&format!("{:#?}", policy.document()))
}

fn without_lines(shown: &str) -> String {
    let lines = shown.lines().filter(|line| {
        let number = line.trim_start().strip_prefix("line: ");
        number.is_none()
    });
    lines.collect::<Vec<_>>().join("\n")
}

fn as_json(toml: &str) -> String {
    let table = DeTable::parse(toml).unwrap();
    serde_json::to_string_pretty(&of_table(table.get_ref())).unwrap()
}

fn of_table(table: &DeTable<'_>) -> Value {
    let members = table
        .iter()
        .map(|(key, value)| (key.get_ref().to_string(), of_value(value.get_ref())));
    Value::Object(members.collect::<Map<_, _>>())
}

fn of_value(value: &DeValue<'_>) -> Value {
    match value {
        DeValue::String(text) => Value::from(&**text),
        DeValue::Boolean(value) => Value::from(*value),
        DeValue::Integer(integer) => {
            Value::from(i64::from_str_radix(integer.as_str(), integer.radix()).unwrap())
        }
        DeValue::Array(items) => items.iter().map(|item| of_value(item.get_ref())).collect(),
        DeValue::Table(table) => of_table(table),
        other => panic!("no policy holds a {}", other.type_str()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    /// Cut anywhere, or with a character in place of another, it never panics, and every place is
    /// one of the text.
    #[test]
    fn broken_texts(at in any::<prop::sample::Index>(), piece in prop::sample::select(&["", "\"", "}", "é", "null", "1e5", ","][..])) {
        let json = as_json(SUPPORT_DESK);
        let chars: Vec<char> = json.chars().collect();
        let at = at.index(chars.len());
        let text: String = chars.iter().take(at).copied().chain(piece.chars()).chain(chars.iter().skip(at + 1).copied()).collect();
        for text in [text, chars.iter().take(at).collect()] {
            let Err(found) = Policy::parse_json(&text, "p.json") else { continue };
            let lines = text.split('\n').count();
            for one in found.iter() {
                prop_assert!(one.start <= one.end && one.end.line as usize <= lines, "{one}");
            }
        }
    }
}
