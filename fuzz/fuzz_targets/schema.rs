//! Reading a schema and judging by it never panics nor takes long; `not` turns an answer round, and
//! how a value is written makes no difference.

#![no_main]

use std::sync::LazyLock;
use std::time::{Duration, Instant};

use callgate_policy::Policy;
use callgate_policy::document::Matcher;
use callgate_policy::document::schema::Schema;
use callgate_types::Json;
use libfuzzer_sys::fuzz_target;

const CASES: &str = include_str!("../../crates/callgate-policy/tests/schema/cases.jsonl");

struct Known {
    /// As text, and as it is read.
    schemas: Vec<(String, Schema)>,
    values: Vec<String>,
}

static KNOWN: LazyLock<Known> = LazyLock::new(|| {
    let mut known = Known {
        schemas: Vec::new(),
        values: Vec::new(),
    };
    for line in CASES.lines() {
        let case = Json::parse(line).expect("a case is JSON");
        let part = |key| case.root().get(key).expect("a case is whole");
        let text = part("schema").raw();
        let schema = schema(text).expect("a schema of the tests loads");
        known.schemas.push((text.to_owned(), schema));
        for values in [part("yes"), part("no")] {
            let values = values.items().map(|value| value.raw().to_owned());
            known.values.extend(values);
        }
    }
    known
});

fuzz_target!(|bytes: &[u8]| {
    let Some((&[kind, which, other, from, much], put)) = bytes.split_first_chunk() else {
        return;
    };
    let (text, known) = &KNOWN.schemas[usize::from(which) % KNOWN.schemas.len()];
    let index = usize::from(other) | (usize::from(kind & 0x7f) << 8);
    let value = &KNOWN.values[index % KNOWN.values.len()];
    if kind & 0x80 == 0 {
        // A value that nobody thought of, or a change to one, for a schema of the tests.
        if let Some(value) = changed(value, from, much, put) {
            judge(known, &value);
        }
        if let Ok(value) = str::from_utf8(put) {
            judge(known, value);
        }
    } else if let Some(text) = changed(text, from, much, put)
        && let Some(schema) = schema(&text)
    {
        judge(&schema, value);
        if let Some(not) = self::schema(&format!(r#"{{"not": {{"allOf": [{text}]}}}}"#)) {
            opposite(&schema, &not, value);
        }
    }
});

/// The text, from where, how much is replaced, and by what.
fn changed(text: &str, from: u8, much: u8, put: &[u8]) -> Option<String> {
    let known = text.as_bytes();
    let from = usize::from(from) * known.len().div_ceil(256) % (known.len() + 1);
    let behind = (from + usize::from(much % 16)).min(known.len());
    String::from_utf8([&known[..from], put, &known[behind..]].concat()).ok()
}

fn judge(schema: &Schema, value: &str) {
    let Ok(json) = Json::parse(value) else {
        return;
    };
    let began = Instant::now();
    let answer = schema.admits(json.root());
    assert!(began.elapsed() < Duration::from_secs(5), "{value}");
    let canonical = Json::parse(json.canonical()).expect("a canonical form is JSON");
    let again = schema.admits(canonical.root());
    // In another order, other work may come first.
    assert!(
        answer.is_none() || again.is_none() || answer == again,
        "{value} of {}",
        schema.text()
    );
}

fn opposite(schema: &Schema, not: &Schema, value: &str) {
    let json = Json::parse(value).expect("a value of the tests is JSON");
    if let (Some(one), Some(other)) = (schema.admits(json.root()), not.admits(json.root())) {
        assert_ne!(one, other, "{value} of {}", schema.text());
    }
}

/// The schema, where a policy with it loads.
fn schema(text: &str) -> Option<Schema> {
    let policy = format!(
        r#"{{"format": 1, "name": "p",
            "tools": {{"t": {{"access": "read", "arguments": {{"/v": {{"schema": {text}}}}}}}}},
            "rules": [{{"id": "r", "effect": "permit"}}]}}"#
    );
    let policy = Policy::parse_json(&policy, "p").ok()?;
    let tool = policy.document().tools.get("t")?;
    match &tool.arguments.first()?.matcher {
        Matcher::Schema(schema) => Some(schema.clone()),
        // The text may close the table and go on.
        _ => None,
    }
}
