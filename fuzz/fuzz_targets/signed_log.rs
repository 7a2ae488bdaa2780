//! A signed log that is good is the one that was signed, whoever looks at it, and with however many
//! threads.

#![no_main]

use std::num::NonZeroUsize;
use std::sync::LazyLock;

use callgate_audit::{Report, SignedNote, VerifyOptions, verify_reader};
use libfuzzer_sys::fuzz_target;
use serde_json::Value;

fuzz_target!(|bytes: &[u8]| {
    let (log, options) = &*SIGNED;
    let _report = check(bytes, options);
    let Some(changed) = changed(bytes, log) else {
        return;
    };
    let report = check(&changed, options);
    let anchored = options.anchored.first().map_or(0, SignedNote::size);
    if report.is_good() {
        // What is under the note that was kept elsewhere is as it was.
        let lines = |log: &[u8]| -> Vec<Vec<u8>> {
            let lines = log.split_inclusive(|byte| *byte == b'\n');
            lines.take(anchored as usize).map(<[u8]>::to_vec).collect()
        };
        assert_eq!(lines(&changed), lines(log));
    }
});

/// The first signed log of the vectors, its key, and a note about most of it.
static SIGNED: LazyLock<(Vec<u8>, VerifyOptions)> = LazyLock::new(|| {
    let vectors = include_str!("../../docs/spec/vectors/audit-log-signed.json");
    let vectors: Value = serde_json::from_str(vectors).expect("the vectors are JSON");
    let case = &vectors["cases"][2];
    let text = |value: &Value| value.as_str().expect("a text").to_owned();
    let options = VerifyOptions::new()
        .key(text(&case["keys"][0]).parse().expect("a key"))
        .anchored(text(&case["anchored"][0]).parse().expect("a note"));
    (text(&case["files"][0]["text"]).into_bytes(), options)
});

fn check(bytes: &[u8], options: &VerifyOptions) -> Report {
    let read = |options| verify_reader(bytes, options).expect("bytes in memory can be read");
    let serial = read(options);
    let two = options.clone().threads(NonZeroUsize::MIN.saturating_add(1));
    assert_eq!(format!("{serial:?}"), format!("{:?}", read(&two)));
    serial
}

/// Takes the bytes for a change to the log: from where, how much is replaced, and by what.
fn changed(bytes: &[u8], log: &[u8]) -> Option<Vec<u8>> {
    let &[high, low, length, ref by @ ..] = bytes else {
        return None;
    };
    let from = usize::from(u16::from_be_bytes([high, low])) % (log.len() + 1);
    let end = (from + usize::from(length)).min(log.len());
    Some([&log[..from], by, &log[end..]].concat())
}
