//! Verifying a log never panics, and a log that is good is one that was written so.

#![no_main]

use std::sync::LazyLock;

use callgate_audit::{Batch, Head, VerifyOptions, verify_reader};
use libfuzzer_sys::fuzz_target;
use serde::de::IgnoredAny;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    check(bytes);
    if let Some(changed) = changed(bytes) {
        let (log, head) = &*VALID;
        check(&changed);
        let report = verify_reader(&*changed, &VerifyOptions::new().head(*head));
        let report = report.expect("bytes in memory can be read");
        // Only a log that begins with all of the records has the head.
        assert_eq!(report.is_good(), is_good_extension(&changed, log));
    }
});

/// The example of the specification, and its head.
static VALID: LazyLock<(Vec<u8>, Head)> = LazyLock::new(|| {
    let vectors = include_str!("../../docs/spec/vectors/audit-log.json");
    let vectors: Value = serde_json::from_str(vectors).expect("the vectors are JSON");
    let case = &vectors["cases"][1];
    let log = case["files"][0]["text"].as_str().expect("a log");
    let head = case["head"].as_str().expect("a head");
    (log.into(), head.parse().expect("a head"))
});

/// Verifies arbitrary bytes, and looks at what was found good with other means.
fn check(bytes: &[u8]) {
    let report = verify_reader(bytes, &VerifyOptions::new()).expect("bytes in memory can be read");
    let lines = bytes.split_inclusive(|byte| *byte == b'\n');
    let records = usize::try_from(report.records).expect("no more than there are bytes");
    let good: Vec<&[u8]> = lines.take(records).collect();
    assert_eq!(good.len(), records);
    for (seq, line) in good.iter().enumerate() {
        // Numbers may be beyond what a `Value` holds.
        serde_json::from_slice::<IgnoredAny>(line).expect("a record is JSON");
        let line = str::from_utf8(line).expect("a record is text");
        assert!(line.starts_with("{\"v\":1,\"kind\":\""));
        assert!(line.contains(&format!(",\"seq\":{seq},\"prev\":\"")));
    }
    if records > 0 {
        let batch = Batch::parse(good.concat()).expect("records follow each other");
        assert_eq!((batch.start(), batch.end()), (Head::EMPTY, report.head));
    } else {
        assert_eq!(report.head, Head::EMPTY);
    }
    if let Some(fault) = &report.first_fault {
        assert!(fault.record <= report.records && fault.offset <= bytes.len() as u64);
        assert!(!report.is_good());
    }
    let _parsed = Batch::parse(bytes);
}

/// Takes the bytes for a change to the valid log: from where, how much is replaced, and by what.
/// So even a run that no coverage guides goes deep.
fn changed(bytes: &[u8]) -> Option<Vec<u8>> {
    let (&[from_high, from_low, length, ref by @ ..], log) = (bytes, &VALID.0) else {
        return None;
    };
    let from = usize::from(u16::from_be_bytes([from_high, from_low])) % (log.len() + 1);
    let end = (from + usize::from(length)).min(log.len());
    Some([&log[..from], by, &log[end..]].concat())
}

/// Whether `bytes` are `log`, and then padding or more records.
fn is_good_extension(bytes: &[u8], log: &[u8]) -> bool {
    bytes.starts_with(log)
        && verify_reader(bytes, &VerifyOptions::new()).is_ok_and(|report| report.is_good())
}
