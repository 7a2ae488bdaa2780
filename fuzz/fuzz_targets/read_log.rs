//! Reading a log never panics, says something of every line, and agrees with a JSON parser.

#![no_main]

use callgate_audit::read::{Filter, LogReader, ReadItem, RecordView, Sieve, ValueView};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    // A line that is a record, with the bytes inside: so even a run that no coverage guides goes
    // deep.
    if let Ok(text) = str::from_utf8(bytes) {
        let zeros = "0".repeat(64);
        let line = format!(
            r#"{{"v":1,"kind":"decision","time":"2026-11-20T12:00:00.000000Z","durable":0,{text},"seq":0,"prev":"{zeros}"}}"#
        );
        check(line.as_bytes());
        check(format!("{line}\n{line}\n").as_bytes());
    }
});

/// Reads all that there is, as a log and as a line.
fn check(bytes: &[u8]) {
    let mut filter = Filter::new();
    filter.principal = Some("user:alice".into());
    let mut sieve = Sieve::new(filter);
    let mut log = LogReader::stream(bytes);
    let mut lines = 0;
    while let Some(item) = log.next_item().expect("bytes in memory can be read") {
        lines += 1;
        if let ReadItem::Record(record) = item {
            let _passed = sieve.lets_pass(&record);
            look(&record);
        }
    }
    let ends = bytes.iter().filter(|byte| **byte == b'\n').count();
    assert_eq!(lines, ends);
    if let Ok(record) = RecordView::parse(bytes) {
        look(&record);
    }
}

/// Looks at every member, with the reader and with a parser.
fn look(record: &RecordView<'_>) {
    let _typed = (
        record.time(),
        record.decision_seq(),
        record.actors().count(),
    );
    if let Some(decision) = record.decision() {
        let _typed = (decision.arguments(), decision.subject(), decision.runs());
    }
    for (key, _) in record.whole().members() {
        let _typed = (record.name(&key), record.principal(&key), record.kept(&key));
    }
    if let Ok(value) = serde_json::from_str::<Value>(record.line()) {
        same(record.whole(), &value);
    }
}

fn same(view: ValueView<'_>, value: &Value) {
    match value {
        Value::Null => assert!(view.is_null()),
        Value::Bool(value) => assert_eq!(view.as_bool(), Some(*value)),
        // Numbers may be beyond what a `Value` holds.
        Value::Number(number) => {
            if let Some(read) = view.as_u64() {
                assert_eq!(number.as_u64(), Some(read));
            }
        }
        Value::String(text) => assert_eq!(view.as_text().as_deref(), Some(&**text)),
        Value::Array(items) => {
            assert_eq!(view.items().count(), items.len());
            view.items()
                .zip(items)
                .for_each(|(view, item)| same(view, item));
        }
        // Of keys that are repeated inside, the parser keeps the last.
        Value::Object(members) => {
            if view.members().count() == members.len() {
                for (key, view) in view.members() {
                    same(view, &members[&*key]);
                }
            }
        }
    }
}
