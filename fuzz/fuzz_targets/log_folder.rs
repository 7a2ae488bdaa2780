//! Opening a log that a crash, or anybody, has left never panics. What opens is a good log that begins with
//! the records that were complete, and nothing that was moved aside is lost.

#![no_main]

use std::fs;
use std::path::Path;
use std::sync::{Arc, LazyLock};
use std::time::Duration;

use callgate_audit::{
    Ask, AuditSink, Batch, Durability, FileSink, GapRecord, Head, Journal, Record,
};
use chrono::DateTime;
use libfuzzer_sys::fuzz_target;
use tempfile::TempDir;

const FIRST: &str = "00000000000000000000.jsonl";

fuzz_target!(|bytes: &[u8]| {
    open(bytes);
    if let Some(changed) = changed(bytes) {
        open(&changed);
    }
});

/// Six records, each of which says that those before it are durable, or that none is.
static VALID: LazyLock<[Vec<u8>; 2]> =
    LazyLock::new(|| [Durability::Durable, Durability::Accepted].map(written));

fn written(durability: Durability) -> Vec<u8> {
    let folder = folder();
    let journal = Journal::open(Arc::new(FileSink::open(folder.path()).expect("a log")));
    let journal = journal.expect("a journal");
    for number in 0..6 {
        let record = Record::Gap(GapRecord::new(DateTime::UNIX_EPOCH, number));
        let ask = Ask::new(durability, Duration::from_secs(60));
        journal.append(&record, ask).expect("a record");
    }
    drop(journal);
    fs::read(folder.path().join(FIRST)).expect("a segment")
}

/// A folder in memory where there is such a thing: a disk would take its time for every sync.
fn folder() -> TempDir {
    let memory = Path::new("/dev/shm");
    let folder = if memory.is_dir() {
        tempfile::tempdir_in(memory)
    } else {
        tempfile::tempdir()
    };
    folder.expect("a folder")
}

fn open(bytes: &[u8]) {
    let folder = folder();
    let log = folder.path();
    fs::write(log.join(FIRST), bytes).expect("a file");
    let Ok(sink) = FileSink::open(log) else {
        // Nothing was touched.
        assert_eq!(fs::read(log.join(FIRST)).expect("a file"), bytes);
        return;
    };
    let torn: Vec<Vec<u8>> = sink.torn().iter().map(|tail| read(&tail.path)).collect();
    let head = sink.head().expect("a head");
    drop(sink);

    // What was complete is there, and the rest of it was moved aside, padding left out.
    let complete = complete(bytes);
    let kept = read(&log.join(FIRST));
    assert_eq!(kept[..complete], bytes[..complete]);
    let rest = &bytes[complete..];
    let padding = rest.iter().rev().take_while(|byte| **byte == 0).count();
    assert_eq!(torn.concat(), rest[..rest.len() - padding]);
    // Nothing is there but records, one behind the other.
    if head == Head::EMPTY {
        assert_eq!(kept, b"");
    } else {
        let records = Batch::parse(kept).expect("records");
        assert_eq!((records.start(), records.end()), (Head::EMPTY, head));
    }

    let again = FileSink::open(log).expect("a log that was recovered opens");
    assert!(again.torn().is_empty());
    assert_eq!(again.head().expect("a head"), head);
}

/// How many bytes the records have with which `bytes` begin.
fn complete(bytes: &[u8]) -> usize {
    let (mut end, mut head) = (0, Head::EMPTY);
    for line in bytes.split_inclusive(|byte| *byte == b'\n') {
        match Batch::parse(line) {
            Ok(record) if record.start() == head => head = record.end(),
            _ => break,
        }
        end += line.len();
    }
    end
}

fn read(path: &Path) -> Vec<u8> {
    fs::read(path).expect("a file")
}

/// Takes the bytes for a change to a valid log: which, from where, how much is replaced, by what.
fn changed(bytes: &[u8]) -> Option<Vec<u8>> {
    let &[which, from_high, from_low, length, ref by @ ..] = bytes else {
        return None;
    };
    let log = &VALID[usize::from(which % 2)];
    let from = usize::from(u16::from_be_bytes([from_high, from_low])) % (log.len() + 1);
    let end = (from + usize::from(length)).min(log.len());
    Some([&log[..from], by, &log[end..]].concat())
}
