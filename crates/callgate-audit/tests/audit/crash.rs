//! What a crash leaves behind, and what opening the log makes of it.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use callgate_audit::{
    FileSink, FileSinkError, FileSinkOptions, Journal, Report, VerifyOptions, verify_folder,
};
use callgate_types::Digest;

use crate::file_sink::write;
use crate::rig::{accepted, durable, numbered, story};

const FIRST: &str = "00000000000000000000.jsonl";

/// A log of five records, and what is in its only segment.
fn five() -> (tempfile::TempDir, Vec<u8>) {
    let folder = tempfile::tempdir().unwrap();
    write(folder.path(), &FileSinkOptions::new(), 0..5);
    let bytes = fs::read(folder.path().join(FIRST)).unwrap();
    (folder, bytes)
}

fn good(folder: &Path) -> Report {
    let report = verify_folder(folder, &VerifyOptions::new()).unwrap();
    assert!(report.is_good(), "{:?}", report.first_fault);
    report
}

/// Where each record of `bytes` begins.
fn starts(bytes: &[u8]) -> Vec<usize> {
    let mut starts = vec![0];
    let feeds = bytes.iter().enumerate().filter(|(_, byte)| **byte == b'\n');
    starts.extend(feeds.map(|(at, _)| at + 1));
    starts
}

#[test]
fn crash_at_every_byte_of_the_last_two_records() {
    let (_, bytes) = five();
    let starts = starts(&bytes);
    for length in starts[3]..=bytes.len() {
        let folder = tempfile::tempdir().unwrap();
        let log = folder.path();
        fs::write(log.join(FIRST), &bytes[..length]).unwrap();
        let complete = starts.iter().rposition(|start| *start <= length).unwrap();
        let torn = &bytes[starts[complete]..length];

        let sink = FileSink::open(log).unwrap();
        if torn.is_empty() {
            assert!(sink.torn().is_empty());
        } else {
            let [tail] = sink.torn() else {
                panic!("expected one torn end at {length}");
            };
            assert_eq!(tail.bytes, torn.len() as u64);
            assert_eq!(tail.digest, Digest::of(torn));
            assert_eq!(fs::read(&tail.path).unwrap(), torn);
        }
        let mut expected: Vec<_> = (0..complete)
            .map(|number| format!("gap {number}"))
            .collect();
        if !torn.is_empty() {
            expected.push(format!("recovered {}", torn.len()));
        }
        expected.push("gap 9".to_owned());

        let journal = Journal::open(Arc::new(sink)).unwrap();
        journal.append(&numbered(9), durable()).unwrap();
        drop(journal);
        good(log);
        let text = fs::read_to_string(log.join(FIRST)).unwrap();
        assert_eq!(story(&text), expected, "{length}");
        assert!(FileSink::open(log).unwrap().torn().is_empty());
    }
}

#[test]
fn record_torn_before_others_that_arrived() {
    // The device wrote later sectors and not an earlier one; nothing of it was durable.
    let (folder, mut bytes) = five();
    let starts = starts(&bytes);
    bytes[starts[2] + 10..starts[2] + 60].fill(0);
    fs::write(folder.path().join(FIRST), &bytes).unwrap();
    let sink = FileSink::open(folder.path()).unwrap();
    assert_eq!(fs::read(&sink.torn()[0].path).unwrap(), &bytes[starts[2]..]);
    drop(sink);
    assert_eq!(good(folder.path()).records, 3);
}

#[test]
fn damage_below_what_was_durable() {
    let folder = tempfile::tempdir().unwrap();
    let sink = Arc::new(FileSink::open(folder.path()).unwrap());
    let journal = Journal::open(sink).unwrap();
    for number in 0..5 {
        journal.append(&numbered(number), durable()).unwrap();
    }
    drop(journal);
    let path = folder.path().join(FIRST);
    let bytes = fs::read(&path).unwrap();
    let starts = starts(&bytes);
    // The last record says that four are durable.
    for (record, offsets) in [(0, &[0, 76][..]), (3, &[0, 76]), (4, &[0])] {
        let damaged = record < 4;
        // The first byte, and a digit of `lost`, after which the line still is a record.
        for at in offsets.iter().map(|offset| starts[record] + offset) {
            let mut changed = bytes.clone();
            changed[at] ^= 1;
            fs::write(&path, &changed).unwrap();
            match FileSink::open(folder.path()) {
                Err(error @ FileSinkError::Damaged { .. }) => {
                    assert!(damaged, "{record}");
                    let expected = format!(
                        "record {record} in `{}` is damaged, and 4 records were durable",
                        path.display()
                    );
                    assert_eq!(error.to_string(), expected);
                    assert_eq!(fs::read(&path).unwrap(), changed);
                }
                opened => {
                    assert!(!damaged, "{record}");
                    assert_eq!(opened.unwrap().torn().len(), 1);
                }
            }
        }
    }
}

#[test]
fn changed_byte_breaks_the_link_of_the_next() {
    let (folder, bytes) = five();
    let starts = starts(&bytes);
    let mut changed = bytes.clone();
    // A digit of `lost`: the line stays a record.
    let at = starts[3] + 76;
    assert_eq!(&changed[at - 7..=at], b"\"lost\":3");
    changed[at] = b'7';
    fs::write(folder.path().join(FIRST), &changed).unwrap();
    let sink = FileSink::open(folder.path()).unwrap();
    assert_eq!(fs::read(&sink.torn()[0].path).unwrap(), &bytes[starts[4]..]);
}

#[test]
fn padding_is_no_record() {
    let (folder, bytes) = five();
    let path = folder.path().join(FIRST);
    for padding in [1, 100, 3 << 20] {
        let mut file = fs::OpenOptions::new().append(true).open(&path).unwrap();
        file.write_all(&vec![0; padding]).unwrap();
        drop(file);
        assert_eq!(good(folder.path()).records, 5);
        assert!(FileSink::open(folder.path()).unwrap().torn().is_empty());
        assert_eq!(fs::read(&path).unwrap(), bytes);
    }
    let mut padded = bytes[..bytes.len() - 20].to_vec();
    padded.resize(2 << 20, 0);
    fs::write(&path, padded).unwrap();
    let sink = FileSink::open(folder.path()).unwrap();
    let starts = starts(&bytes);
    assert_eq!(
        sink.torn()[0].digest,
        Digest::of(&bytes[starts[4]..bytes.len() - 20])
    );
}

#[test]
fn padding_behind_a_full_segment() {
    let folder = tempfile::tempdir().unwrap();
    let options = FileSinkOptions::new().segment_bytes(1);
    write(folder.path(), &options, 0..2);
    let mut file = fs::OpenOptions::new()
        .append(true)
        .open(folder.path().join(FIRST))
        .unwrap();
    for _ in 0..3 {
        file.write_all(&vec![0; 1 << 20]).unwrap();
        assert_eq!(good(folder.path()).records, 2);
        drop(FileSink::open(folder.path()).unwrap());
    }
}

#[test]
fn new_segment_without_records() {
    let folder = tempfile::tempdir().unwrap();
    let options = FileSinkOptions::new().segment_bytes(1);
    write(folder.path(), &options, 0..2);
    fs::write(folder.path().join("00000000000000000002.jsonl"), "").unwrap();
    assert_eq!(good(folder.path()).records, 2);
    write(folder.path(), &options, 2..4);
    assert_eq!(good(folder.path()).records, 4);
}

#[test]
fn first_record_torn() {
    let (folder, bytes) = five();
    fs::write(folder.path().join(FIRST), &bytes[..40]).unwrap();
    assert_eq!(FileSink::open(folder.path()).unwrap().torn().len(), 1);
    let text = fs::read_to_string(folder.path().join(FIRST)).unwrap();
    assert_eq!(story(&text), ["recovered 40"]);
}

/// Every file of a log, with its content.
fn snapshot(folder: &Path) -> Vec<(PathBuf, Vec<u8>)> {
    let mut files = Vec::new();
    for entry in fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() {
            files.extend(snapshot(&path));
        } else {
            files.push((path.clone(), fs::read(path).unwrap()));
        }
    }
    files
}

#[test]
fn crash_during_recovery() {
    let (_, bytes) = five();
    let starts = starts(&bytes);
    let cut = bytes.len() - 30;
    let torn = &bytes[starts[4]..cut];

    // What a recovery that nothing disturbs leaves.
    let model = tempfile::tempdir().unwrap();
    fs::write(model.path().join(FIRST), &bytes[..cut]).unwrap();
    drop(FileSink::open(model.path()).unwrap());
    let recovered = fs::read(model.path().join(FIRST)).unwrap();
    let (aside, _) = snapshot(&model.path().join("torn")).remove(0);
    let name = aside.file_name().unwrap().to_str().unwrap().to_owned();

    let mut states = vec![
        // The copy is incomplete, or complete; nothing is cut off yet.
        (bytes[..cut].to_vec(), torn[..9].to_vec()),
        (bytes[..cut].to_vec(), torn.to_vec()),
        // The copy has not got its name; the record is written.
        (recovered.clone(), torn.to_vec()),
    ];
    // The torn end is cut off; the record is missing, or torn itself.
    for length in starts[4]..recovered.len() {
        states.push((recovered[..length].to_vec(), torn.to_vec()));
    }
    for (log, pending) in states {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join(FIRST), &log).unwrap();
        fs::create_dir(folder.path().join("torn")).unwrap();
        let path = folder.path().join("torn").join(format!("pending-{name}"));
        fs::write(path, pending).unwrap();

        drop(FileSink::open(folder.path()).unwrap());
        good(folder.path());
        let copies = snapshot(&folder.path().join("torn"));
        assert!(copies.iter().any(|(_, content)| content == torn));
        assert!(
            copies
                .iter()
                .all(|(path, _)| !path.display().to_string().contains("pending"))
        );
        let text = fs::read_to_string(folder.path().join(FIRST)).unwrap();
        let records = story(&text);
        // Each copy has one record.
        for (path, content) in &copies {
            let file = path.file_name().unwrap().to_str().unwrap();
            assert_eq!(text.matches(file).count(), 1, "{text}");
            assert!(records.contains(&format!("recovered {}", content.len())));
        }
        assert!(FileSink::open(folder.path()).unwrap().torn().is_empty());
    }
}

#[test]
fn torn_end_is_reported_by_the_verifier() {
    let (folder, bytes) = five();
    fs::write(folder.path().join(FIRST), &bytes[..bytes.len() - 1]).unwrap();
    let report = verify_folder(folder.path(), &VerifyOptions::new()).unwrap();
    assert_eq!(report.integrity.as_str(), "torn");
    assert_eq!(report.records, 4);
    let journal = Journal::open(Arc::new(FileSink::open(folder.path()).unwrap())).unwrap();
    journal.append(&numbered(9), accepted()).unwrap();
    assert_eq!(good(folder.path()).records, 6);
}
