//! Texts that are made to hurt.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use super::super::MAX_BYTES;
use super::{read, read_json};
use crate::Diagnostics;
use crate::document::Document;

/// Texts made to end the stack or to take long are refused in time, on the small stack of
/// a test's thread.
#[track_caller]
fn check_bounded(text: &str, expected: &str) {
    check_bounded_as(text, read, expected);
}

#[track_caller]
fn check_bounded_as(
    text: &str,
    read: fn(&str, &str) -> Result<Document, Diagnostics>,
    expected: &str,
) {
    let begin = Instant::now();
    let found = read(text, "p").unwrap_err();
    let taken = begin.elapsed();
    assert!(taken < Duration::from_secs(60), "{taken:?}");
    assert_eq!(found.first().code.as_str(), expected, "{}", found.first());
}

#[test]
fn deep_texts() {
    check_bounded(&format!("a = {}", "[".repeat(100_000)), "too_deep");
    check_bounded(&format!("a = {}", "{a=".repeat(100_000)), "too_deep");
    check_bounded(&format!("{}a = 1", "a.".repeat(100_000)), "too_deep");
    check_bounded(&format!("[{}a]", "a.".repeat(100_000)), "too_deep");
    // Each kind of nesting is within its own bound.
    let key = "a.".repeat(60);
    let inner = format!("{{{key}a = ").repeat(60);
    check_bounded(&format!("{key}a = {inner}"), "too_deep");
}

#[test]
fn texts_of_json() {
    let check = |text: &str, expected| check_bounded_as(text, read_json, expected);
    check(&"[".repeat(100_000), "too_deep");
    check(&"{\"a\":".repeat(100_000), "too_deep");
    check(&" ".repeat(MAX_BYTES + 1), "too_large");
    check(&" ".repeat(MAX_BYTES), "syntax");
    check(&format!("[{}1]", "1,".repeat(1 << 20)), "wrong_type");
}

#[test]
fn deepest_text_that_is_read() {
    let key = "a.".repeat(63);
    let value = format!("{}1{}", "[".repeat(60), "]".repeat(60));
    check_bounded(&format!("[{key}a]\n{key}a = {value}"), "missing_key");
}

#[test]
fn wide_texts() {
    let mut dotted = String::new();
    let mut headers = String::new();
    for i in 0..50_000 {
        writeln!(dotted, "a.b.c.d.e{i}.f = 1").unwrap();
        writeln!(headers, "[a.b.c.d{i}]").unwrap();
    }
    check_bounded(&dotted, "missing_key");
    check_bounded(&headers, "missing_key");
    check_bounded(&"[[a]]\n[[a.b]]\n".repeat(50_000), "missing_key");
    check_bounded(&format!("a = [{}]", "{},".repeat(50_000)), "missing_key");
    check_bounded(&"]\n".repeat(1_000_000), "syntax");
}

#[test]
fn many_faults_with_many_names() {
    let mut text = "format = 1\nname = \"many\"\n".to_owned();
    for i in 0..2_000 {
        writeln!(text, "[tools.tool_number_{i}]\naccess = \"read\"").unwrap();
    }
    for i in 0..2_000 {
        writeln!(text, "[[rules]]\nid = \"r{i}\"\neffect = \"permit\"").unwrap();
        writeln!(text, "tools = [\"tool_nummer_{i}\"]").unwrap();
    }
    check_bounded(&text, "unknown_tool");
}

#[test]
fn long_text() {
    check_bounded(&"#".repeat(MAX_BYTES + 1), "too_large");
    check_bounded(&"#".repeat(MAX_BYTES), "missing_key");
}
