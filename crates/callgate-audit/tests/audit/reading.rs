//! Reading logs that are whole, broken, and being written.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::Path;

use callgate_audit::read::{LogReader, ReadItem};
use callgate_audit::{GapRecord, Head, Record};
use proptest::prelude::*;

use crate::rig::noon;

/// A chain of `count` records, line by line.
fn lines(count: u64) -> Vec<Vec<u8>> {
    let mut head = Head::EMPTY;
    let records = (0..count).map(|number| {
        let (mut body, mut line) = (Vec::new(), Vec::new());
        Record::Gap(GapRecord::new(noon(), number)).encode(0, &mut body);
        head = head.link(&body, &mut line);
        line
    });
    records.collect()
}

fn segment(folder: &Path, first: u64) -> std::path::PathBuf {
    folder.join(format!("{first:020}.jsonl"))
}

/// What is read up to the end, in short.
#[track_caller]
fn check(log: &mut LogReader<'_>, expected: &[&str]) {
    let mut found = Vec::new();
    while let Some(item) = log.next_item().unwrap() {
        found.push(match item {
            ReadItem::Record(record) => {
                assert_eq!(record.number("lost"), Some(record.seq()));
                assert_eq!(record.time(), Some(noon()));
                record.seq().to_string()
            }
            ReadItem::Broken { offset, fault, .. } => format!("broken {offset} {fault}"),
            ReadItem::Unended { offset, .. } => format!("unended {offset}"),
            ReadItem::Stranger { file } => {
                format!("stranger {}", file.file_name().unwrap().display())
            }
            other => panic!("{other:?}"),
        });
    }
    assert_eq!(found, expected);
}

#[test]
fn folder_that_grows() {
    let folder = tempfile::tempdir().unwrap();
    let mut log = LogReader::folder(folder.path());
    check(&mut log, &[]);
    let lines = lines(6);
    let length = lines[0].len();

    // Into padding, as a sink may leave it.
    let file = segment(folder.path(), 0);
    let mut padded = [&*lines[0], &lines[1][..9]].concat();
    padded.resize(4096, 0);
    fs::write(&file, &padded).unwrap();
    check(&mut log, &["0"]);
    assert_eq!(log.unfinished(), Some(9));
    padded[length..length + lines[1].len()].copy_from_slice(&lines[1]);
    fs::write(&file, &padded).unwrap();
    check(&mut log, &["1"]);
    assert_eq!(log.unfinished(), None);
    check(&mut log, &[]);

    // The last line of a file, and the first of the next one, at once.
    fs::write(&file, lines[..3].concat()).unwrap();
    fs::write(segment(folder.path(), 3), &lines[3]).unwrap();
    check(&mut log, &["2", "3"]);
    let mut next = OpenOptions::new()
        .append(true)
        .open(segment(folder.path(), 3))
        .unwrap();
    next.write_all(&lines[4]).unwrap();
    check(&mut log, &["4"]);
    check(
        &mut LogReader::folder(folder.path()),
        &["0", "1", "2", "3", "4"],
    );
}

#[test]
fn folder_with_faults() {
    let folder = tempfile::tempdir().unwrap();
    let lines = lines(3);
    let broken = [b"\xff\n".as_slice(), &lines[0], b"{}\n", b"half"].concat();
    fs::write(segment(folder.path(), 0), broken).unwrap();
    fs::write(segment(folder.path(), 1), lines[1..].concat()).unwrap();
    fs::write(folder.path().join("0.jsonl"), "").unwrap();
    let end = 2 + lines[0].len();
    check(
        &mut LogReader::folder(folder.path()),
        &[
            "broken 0 not UTF-8 at byte 0 of the line",
            "0",
            &format!(
                "broken {end} expected `v` 1, `kind`, `time` and `durable` at the start of the line"
            ),
            &format!("unended {}", end + 3),
            "1",
            "2",
            "stranger 0.jsonl",
        ],
    );
}

#[test]
fn no_such_folder() {
    let mut log = LogReader::folder("no/such/folder");
    let error = log.next_item().unwrap_err();
    assert_eq!(error.to_string(), "cannot read `no/such/folder`");
}

proptest! {
    /// Every line that ends is a record or is said to be none, whatever the bytes are.
    #[test]
    fn every_line_is_accounted_for(pieces in proptest::collection::vec(
        prop_oneof![Just(b"\n".to_vec()), Just(lines(1).concat()), any::<Vec<u8>>()], 0..12,
    )) {
        let bytes = pieces.concat();
        let mut log = LogReader::stream(&*bytes);
        let mut found = 0;
        while log.next_item().unwrap().is_some() {
            found += 1;
        }
        prop_assert_eq!(found, bytes.split(|byte| *byte == b'\n').count() - 1);
        let behind = bytes.rsplit(|byte| *byte == b'\n').next().unwrap_or(&bytes);
        let is_padding = behind.iter().all(|byte| *byte == 0);
        prop_assert_eq!(log.unfinished().is_none(), is_padding);
    }
}
