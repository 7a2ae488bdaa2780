//! The store of clear texts keeps what every such store promises, and fits a log and its verifier.

use std::fs;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use callgate_audit::read::LogReader;
use callgate_audit::testkit::TextKit;
use callgate_audit::texts::{
    ClearText, Erasure, ErasureScope, Salt, TextStore as _, complete_erasures, erase,
};
use callgate_audit::{
    AuditSink as _, DecisionRecord, Durability, Journal, Keep, Record, TextReport, verify_texts,
};
use callgate_store_sqlite::{SqliteSink, SqliteTexts};
use callgate_types::{Caller, Code, Context, DecisionKind, Digest, Principal, ToolCall};

use crate::rig::{durable, folder, foreign, noon, numbers, open, write};

const SOON: Duration = Duration::from_secs(30);

/// All bytes of the files of a database.
fn bytes(path: &Path) -> Vec<u8> {
    let name = path.file_name().unwrap().to_str().unwrap();
    let mut bytes = Vec::new();
    for entry in fs::read_dir(path.parent().unwrap()).unwrap() {
        let entry = entry.unwrap();
        if entry.file_name().to_str().unwrap().starts_with(name) {
            bytes.extend(fs::read(entry.path()).unwrap());
        }
    }
    bytes
}

#[test]
fn conforms() {
    let folder = Arc::new(tempfile::tempdir().unwrap());
    let count = Arc::new(AtomicUsize::new(0));
    let next = move || {
        let number = count.fetch_add(1, Ordering::Relaxed);
        folder.path().join(format!("{number:04}.db"))
    };
    let crashed = next.clone();
    TextKit::new(move || SqliteTexts::open(next()))
        .reopen(|texts: SqliteTexts| {
            let path = texts.path().to_owned();
            drop(texts);
            SqliteTexts::open(path)
        })
        .crash(move |texts: SqliteTexts| {
            // What a process leaves that is killed: nothing was closed.
            let copy = crashed();
            for ending in ["", "-wal"] {
                let of = |path: &Path| format!("{}{ending}", path.display());
                fs::copy(of(texts.path()), of(&copy)).unwrap();
            }
            SqliteTexts::open(copy)
        })
        .rival(|texts| SqliteTexts::open(texts.path()))
        .bytes(|texts| Ok::<_, String>(bytes(texts.path())))
        .check()
        .unwrap();
}

/// A decision on behalf of `user:NAME`, with a commitment to its arguments.
fn decide(journal: &Journal, name: &str, arguments: Digest) {
    let call = ToolCall::from_text("look", "{}");
    let caller = Caller::of(Principal::asserted(format!("user:{name}").parse().unwrap()));
    let caller = caller.without_tenant().unwrap();
    let context = Context::new();
    let mut record = DecisionRecord::new(
        noon(),
        &call,
        &caller,
        &context,
        DecisionKind::Deny,
        Code::NoPermit,
        Digest::ZERO,
    );
    record.arguments = Keep::Commitment(arguments);
    journal
        .append(&Record::Decision(&record), durable())
        .unwrap();
}

/// A text that can be told from others, and what it is stored under.
fn put(texts: &SqliteTexts, number: u8) -> Digest {
    let text = format!("\"secret number {number}\"");
    let text = ClearText::new(Salt::from_bytes([number; 32]), &text).unwrap();
    texts.put(&[text], Durability::Durable, SOON).unwrap();
    text.commitment()
}

fn report(sink: &SqliteSink, texts: &SqliteTexts) -> TextReport {
    verify_texts(|| LogReader::sink(sink), texts).unwrap()
}

/// One file for log and texts.
#[test]
fn all_answers_of_the_verifier() {
    let (_folder, path) = folder();
    let sink = Arc::new(open(&path));
    let texts = SqliteTexts::open(&path).unwrap();
    let journal = Journal::open(Arc::clone(&sink) as Arc<_>).unwrap();
    let all: Vec<Digest> = (0..6).map(|number| put(&texts, number)).collect();
    for (number, name) in ["alice", "bob", "bob", "carol", "carol"].iter().enumerate() {
        decide(&journal, name, all[number]);
    }
    let good = report(&sink, &texts);
    assert!(good.is_good());
    assert_eq!((good.present, good.unnamed), (5, 1));

    let officer = Principal::asserted("user:officer".parse().unwrap());
    let erasure = Erasure::new(ErasureScope::Subject("user:bob"), &officer);
    let mut log = LogReader::sink(&*sink);
    let erased = erase(&journal, &texts, &mut log, &erasure, noon(), SOON).unwrap();
    assert_eq!((erased.texts, erased.records), (2, 1));
    let after = report(&sink, &texts);
    assert!(after.is_good());
    assert_eq!((after.present, after.erased, after.unnamed), (3, 2, 1));
    let left = String::from_utf8_lossy(&bytes(&path)).into_owned();
    for number in 0..6 {
        let there = left.contains(&format!("secret number {number}"));
        assert_eq!(there, !matches!(number, 1 | 2), "{number}");
    }

    // Missing, mismatching, not erased: by somebody who gets at the file.
    let sql = |what: &str, commitment: Digest| {
        let sql = format!("{what} WHERE commitment = x'{commitment}'");
        foreign(&path).execute_batch(&sql).unwrap();
    };
    sql("DELETE FROM clear_text", all[0]);
    sql("UPDATE clear_text SET body = x'0102'", all[3]);
    let fake = "UPDATE clear_text SET body = x'01' || zeroblob(32) || CAST('{}' AS BLOB)";
    sql(&fake.replace("x'01' || zeroblob(32) ||", ""), all[4]);
    put(&texts, 1);
    let bad = report(&sink, &texts);
    assert_eq!((bad.missing, bad.mismatching, bad.not_erased), (1, 2, 1));
    assert_eq!((bad.present, bad.erased), (0, 1));
    let fault = bad.first_fault.unwrap();
    assert_eq!((fault.text.record, &*fault.text.field), (0, "arguments"));

    // What a crash kept from being erased.
    let mut log = LogReader::sink(&*sink);
    assert_eq!(complete_erasures(&mut log, &texts).unwrap(), 1);
    assert_eq!(report(&sink, &texts).not_erased, 0);
}

#[test]
fn log_that_gets_texts_goes_on() {
    let (_folder, path) = folder();
    write(&path, 0..3);
    let format = || -> i64 {
        let sql = "PRAGMA user_version";
        foreign(&path).query_row(sql, [], |row| row.get(0)).unwrap()
    };
    assert_eq!(format(), 1);
    // One that has it open, as another process would.
    let sink = open(&path);
    let journal = Journal::open(Arc::new(sink)).unwrap();
    let texts = SqliteTexts::open(&path).unwrap();
    assert_eq!(format(), 2);
    for number in 3..6 {
        journal
            .append(&crate::rig::numbered(number), durable())
            .unwrap();
        put(&texts, u8::try_from(number).unwrap());
    }
    drop((journal, texts));
    write(&path, 6..8);
    assert_eq!(numbers(&path), (0..8).collect::<Vec<_>>());
    let again = SqliteTexts::open(&path).unwrap();
    assert_eq!(again.list(None, 99).unwrap().len(), 3);
    // A file of its own becomes a log, too, where somebody wants it so.
    let other = path.with_file_name("texts.db");
    put(&SqliteTexts::open(&other).unwrap(), 1);
    write(&other, [7]);
    assert_eq!(numbers(&other), [7]);
}

#[test]
fn many_open_a_fresh_file_at_once() {
    for _ in 0..5 {
        let (_folder, path) = folder();
        std::thread::scope(|scope| {
            for number in 0..4 {
                let path = &path;
                scope.spawn(move || put(&SqliteTexts::open(path).unwrap(), number));
                scope.spawn(move || open(path).head().unwrap());
            }
        });
        let texts = SqliteTexts::open_to_read(&path).unwrap();
        assert_eq!(texts.list(None, 99).unwrap().len(), 4);
    }
}

#[test]
fn text_that_is_put_again_after_it_was_erased() {
    let (_folder, path) = folder();
    let texts = SqliteTexts::open(&path).unwrap();
    let commitment = put(&texts, 3);
    texts.erase(&[commitment]).unwrap();
    assert!(texts.find(commitment).unwrap().is_none());
    put(&texts, 3);
    assert!(texts.find(commitment).unwrap().unwrap().matches(commitment));
}
