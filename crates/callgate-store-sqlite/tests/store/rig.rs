//! Short names for what the tests need often.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use callgate_audit::{
    Ask, Batch, Durability, GapRecord, Head, Journal, Record, Report, VerifyOptions, verify_reader,
};
use callgate_store_sqlite::{SqliteReader, SqliteSink, SqliteSinkError};
use chrono::{DateTime, Utc};

/// A folder, and the path of a log in it.
pub(crate) fn folder() -> (tempfile::TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("audit.db");
    (folder, path)
}

pub(crate) fn noon() -> DateTime<Utc> {
    "2026-11-20T12:00:00Z".parse().unwrap()
}

/// A small record that can be told from others.
pub(crate) fn numbered(number: u64) -> Record<'static> {
    Record::Gap(GapRecord::new(noon(), number))
}

pub(crate) fn durable() -> Ask {
    Ask::new(Durability::Durable, Duration::from_secs(60))
}

/// Records behind `after`, one for each of `numbers`.
pub(crate) fn batch(after: Head, numbers: impl IntoIterator<Item = u64>) -> Batch<'static> {
    let (mut lines, mut body) = (Vec::new(), Vec::new());
    let mut end = after;
    for number in numbers {
        numbered(number).encode(0, &mut body);
        end = end.link(&body, &mut lines);
    }
    Batch::parse(lines).unwrap()
}

pub(crate) fn open(path: &Path) -> SqliteSink {
    SqliteSink::open(path).unwrap()
}

/// Writes `numbers` to the log at `path`.
pub(crate) fn write(path: &Path, numbers: impl IntoIterator<Item = u64>) {
    let journal = Journal::open(Arc::new(open(path))).unwrap();
    for number in numbers {
        journal.append(&numbered(number), durable()).unwrap();
    }
}

pub(crate) fn verify(path: &Path) -> Report {
    let reader = SqliteReader::open(path).unwrap();
    verify_reader(reader, &VerifyOptions::new()).unwrap()
}

/// The numbers of all records, once the whole has been verified.
#[track_caller]
pub(crate) fn numbers(path: &Path) -> Vec<u64> {
    let report = verify(path);
    assert!(report.first_fault.is_none(), "{:?}", report.first_fault);
    let text = std::io::read_to_string(SqliteReader::open(path).unwrap()).unwrap();
    let numbers: Vec<u64> = text.lines().map(number).collect();
    assert_eq!(numbers.len() as u64, report.records);
    numbers
}

fn number(line: &str) -> u64 {
    let (_, rest) = line.split_once("\"lost\":").unwrap();
    let digits = rest.split(|c: char| !c.is_ascii_digit()).next().unwrap();
    digits.parse().unwrap()
}

pub(crate) fn error_of<T>(result: Result<T, SqliteSinkError>) -> String {
    match result {
        Ok(_) => "ok".to_owned(),
        Err(error) => error.to_string(),
    }
}

/// What `sqlite3` would do: another program that has the file open.
pub(crate) fn foreign(path: &Path) -> rusqlite::Connection {
    rusqlite::Connection::open(path).unwrap()
}
