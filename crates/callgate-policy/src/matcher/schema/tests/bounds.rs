//! Work that runs out is unknown, and soon.

use std::time::{Duration, Instant};

use super::{check, schema};
use callgate_types::Json;

#[test]
fn many_items() {
    let items = |count: usize| format!("[{}]", vec!["1"; count].join(","));
    let integers = r#"{"items": {"type": "integer"}}"#;
    check(integers, &items(130_000), Some(true));
    check(integers, &items(140_000), None);
    // What is found before is known.
    check(
        r#"{"maxItems": 10, "items": {"type": "integer"}}"#,
        &items(140_000),
        Some(false),
    );
}

#[test]
fn many_items_that_differ() {
    let items = |count: usize| {
        (0..count)
            .map(|n| n.to_string())
            .collect::<Vec<_>>()
            .join(",")
    };
    let unique = r#"{"uniqueItems": true}"#;
    check(unique, &format!("[{}]", items(10_000)), Some(true));
    check(unique, &format!("[{},9999]", items(10_000)), Some(false));
    check(unique, &format!("[{}]", items(100_000)), None);
}

#[test]
fn alternatives_within_alternatives() {
    // Each schema asks the next one twice: 2^40 ways to say no.
    let defs = (0..40).map(|n| {
        let next = n + 1;
        format!(r##""d{n}": {{"anyOf": [{{"$ref": "#/$defs/d{next}"}}, {{"$ref": "#/$defs/d{next}"}}]}}"##)
    });
    let defs: Vec<String> = defs.collect();
    let text = format!(
        r##"{{"$ref": "#/$defs/d0", "$defs": {{{}, "d40": false}}}}"##,
        defs.join(", ")
    );
    let began = Instant::now();
    check(&text, "1", None);
    // And whatever stands around it.
    check(
        &format!(
            r##"{{"not": {{"$ref": "#/$defs/d0"}}, {}"##,
            text.split_once(',').unwrap().1
        ),
        "1",
        None,
    );
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn deep_values() {
    let list = |levels: usize| format!("{}{}", "[".repeat(levels), "]".repeat(levels));
    let plain = r##"{"$ref": "#/$defs/d", "$defs": {"d": {"type": "array", "items": {"$ref": "#/$defs/d"}}}}"##;
    check(plain, &list(64), Some(true));
    let wrapped = r##"{"$ref": "#/$defs/d", "$defs": {"d": {"allOf": [{"allOf": [{"allOf": [{"type": "array", "items": {"$ref": "#/$defs/d"}}]}]}]}}}"##;
    check(wrapped, &list(40), Some(true));
    check(wrapped, &list(64), None);
}

#[test]
fn long_texts() {
    let text = |bytes: usize| format!("\"{}\"", "a".repeat(bytes));
    check(r#"{"maxLength": 1000000}"#, &text(1_000_000), Some(true));
    let anywhere = r#"{"pattern": "b"}"#;
    check(anywhere, &text(1_000_000), Some(false));
    let several = format!(r#"{{"anyOf": [{}]}}"#, [anywhere; 5].join(","));
    check(&several, &text(1_000_000), None);
    check(&several, &text(1_000), Some(false));
}

#[test]
fn long_numbers() {
    let digits = format!("1{}", "0".repeat(500_000));
    check(r#"{"multipleOf": 7}"#, &digits, Some(false));
    check(r#"{"multipleOf": 8}"#, &digits, Some(true));
    check(r#"{"maximum": 5}"#, &digits, Some(false));
    check(
        r#"{"type": "integer"}"#,
        &format!("{digits}.5"),
        Some(false),
    );
}

#[test]
fn names_of_many_members() {
    let members: Vec<String> = (0..50_000).map(|n| format!("\"k{n}\":{n}")).collect();
    let object = format!("{{{}}}", members.join(","));
    let names: Vec<String> = (0..1000)
        .map(|n| format!("\"k{n}\": {{\"minimum\": 0}}"))
        .collect();
    let text = format!(
        r#"{{"properties": {{{}}}, "required": ["k49999"]}}"#,
        names.join(", ")
    );
    check(&text, &object, Some(true));
    let json = Json::parse(object).unwrap();
    let began = Instant::now();
    let schema = schema(
        r#"{"patternProperties": {"^a": false, "b$": false}, "additionalProperties": {"type": "integer"}}"#,
    );
    assert_eq!(schema.admits(json.root()), Some(true));
    assert!(began.elapsed() < Duration::from_secs(10));
}
