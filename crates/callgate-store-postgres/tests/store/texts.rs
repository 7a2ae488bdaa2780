//! The store of clear texts keeps what every such store promises, and fits a log and its verifier.

use std::fs;
use std::path::Path;
use std::sync::{Arc, mpsc};
use std::time::Duration;

use callgate_audit::read::LogReader;
use callgate_audit::testkit::TextKit;
use callgate_audit::texts::{
    ClearText, Erasure, ErasureScope, Salt, StoredText, TextError, TextStore, complete_erasures,
    erase,
};
use callgate_audit::{DecisionRecord, Durability, Journal, Keep, Record, TextReport, verify_texts};
use callgate_store_postgres::{
    PostgresSink, PostgresSinkError, PostgresTexts, compact_texts, migrate, migrate_texts,
};
use callgate_types::{Caller, Code, Context, DecisionKind, Digest, Principal, ToolCall};
use tokio_postgres::IsolationLevel;

use crate::rig::{
    durable, empty_database, execute, noon, open, patient, query, server, with_client,
};

pub(crate) const SOON: Duration = Duration::from_secs(60);

/// A store, and in which database it is.
struct Kept(PostgresTexts, String);

impl Kept {
    fn open(database: String) -> Result<Self, PostgresSinkError> {
        PostgresTexts::connect(&database, &patient()).map(|texts| Self(texts, database))
    }

    /// All bytes of the files of its database, once they were compacted.
    fn bytes(&self) -> Result<Vec<u8>, PostgresSinkError> {
        compact_texts(&self.1)?;
        execute(&self.1, "CHECKPOINT");
        let sql = "SELECT oid::int8 FROM pg_database WHERE datname = current_database()";
        let oid = query(&self.1, sql);
        let folder = server().unwrap().socket().join(format!("data/base/{oid}"));
        Ok(all(&folder))
    }
}

fn all(folder: &Path) -> Vec<u8> {
    let files = fs::read_dir(folder).unwrap();
    let all: Vec<Vec<u8>> = files
        .map(|file| fs::read(file.unwrap().path()).unwrap())
        .collect();
    all.concat()
}

impl TextStore for Kept {
    fn put(
        &self,
        texts: &[ClearText<'_>],
        durability: Durability,
        deadline: Duration,
    ) -> Result<(), TextError> {
        self.0.put(texts, durability, deadline)
    }

    fn find(&self, commitment: Digest) -> Result<Option<StoredText>, TextError> {
        self.0.find(commitment)
    }

    fn erase(&self, commitments: &[Digest]) -> Result<(), TextError> {
        self.0.erase(commitments)
    }

    fn list(&self, after: Option<Digest>, most: usize) -> Result<Vec<Digest>, TextError> {
        self.0.list(after, most)
    }
}

#[test]
fn conforms() {
    if server().is_none() {
        return;
    }
    TextKit::new(|| {
        let database = empty_database().unwrap();
        migrate_texts(&database)?;
        Kept::open(database)
    })
    .reopen(|store: Kept| {
        let database = store.1.clone();
        drop(store);
        Kept::open(database)
    })
    .crash(|store: Kept| {
        execute(
            &store.1,
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()",
        );
        // The same one goes on, over another connection.
        Ok::<_, PostgresSinkError>(store)
    })
    .rival(|store| Kept::open(store.1.clone()))
    .bytes(Kept::bytes)
    .patience(Duration::from_secs(600))
    .check()
    .unwrap();
}

/// A text that can be told from others, and what it is stored under.
fn put(texts: &PostgresTexts, number: u8) -> Digest {
    let text = format!("\"secret number {number}\"");
    let text = ClearText::new(Salt::from_bytes([number; 32]), &text).unwrap();
    texts.put(&[text], Durability::Durable, SOON).unwrap();
    text.commitment()
}

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

fn report(sink: &PostgresSink, texts: &PostgresTexts) -> TextReport {
    verify_texts(|| LogReader::sink(sink), texts).unwrap()
}

/// One database for log and texts.
#[test]
fn all_answers_of_the_verifier() {
    let Some(database) = empty_database() else {
        return;
    };
    migrate(&database).unwrap();
    migrate_texts(&database).unwrap();
    let sink = Arc::new(open(&database));
    let texts = PostgresTexts::connect(&database, &patient()).unwrap();
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

    let sql = |what: &str, commitment: Digest| {
        let table = "callgate_texts.clear_text";
        let place = format!("WHERE commitment = decode('{commitment}', 'hex')");
        execute(
            &database,
            &format!("{} {place}", what.replace("TABLE", table)),
        );
    };
    sql("DELETE FROM TABLE", all[0]);
    sql("UPDATE TABLE SET body = '\\x01'", all[3]);
    sql("UPDATE TABLE SET body = body || '\\x20'", all[4]);
    put(&texts, 1);
    let bad = report(&sink, &texts);
    assert_eq!((bad.missing, bad.mismatching, bad.not_erased), (1, 2, 1));
    assert_eq!((bad.present, bad.erased), (0, 1));

    // What a crash kept from being erased.
    let mut log = LogReader::sink(&*sink);
    assert_eq!(complete_erasures(&mut log, &texts).unwrap(), 1);
    assert_eq!(report(&sink, &texts).not_erased, 0);
}

/// Somebody else looks at an old snapshot, by which a row that was deleted could still be seen.
#[test]
fn compacted_beside_an_old_snapshot() {
    let Some(database) = empty_database() else {
        return;
    };
    migrate_texts(&database).unwrap();
    let kept = Kept::open(database.clone()).unwrap();
    // One that fills pages of its own, and a short one.
    let long = format!("\"{}\"", "secret of many words ".repeat(1000));
    let long = ClearText::new(Salt::from_bytes([9; 32]), &long).unwrap();
    kept.0.put(&[long], Durability::Durable, SOON).unwrap();
    let all: Vec<Digest> = (0..3).map(|number| put(&kept.0, number)).collect();
    let has = |part: &[u8]| {
        let bytes = kept.bytes().unwrap();
        bytes.windows(part.len()).any(|window| window == part)
    };
    assert!(has(b"secret of many words ") && has(b"secret number 1"));
    let (looks, looking) = mpsc::channel();
    let (done, over) = mpsc::channel::<()>();
    std::thread::scope(|scope| {
        let database = &database;
        scope.spawn(move || {
            with_client(database, async |client| {
                let old = client.build_transaction();
                let old = old.isolation_level(IsolationLevel::RepeatableRead);
                let old = old.start().await.unwrap();
                old.batch_execute("SELECT 1").await.unwrap();
                looks.send(()).unwrap();
                // Until that is dropped.
                over.recv().unwrap_err();
            });
        });
        looking.recv().unwrap();
        kept.erase(&[long.commitment(), all[1]]).unwrap();
        assert!(!has(b"secret of many words ") && !has(b"secret number 1"));
        assert!(has(b"secret number 2"));
        drop(done);
    });
    assert_eq!(kept.list(None, 9).unwrap().len(), 2);
    for other in [all[0], all[2]] {
        assert!(kept.find(other).unwrap().unwrap().matches(other));
    }
    // It is the table that it was: whoever opens it finds nothing changed, and longer texts stay as they are.
    let storage = "SELECT count(*) FROM pg_attribute WHERE attrelid = 'callgate_texts.clear_text'::regclass \
                   AND attname = 'body' AND attstorage = 'e' AND attnotnull";
    assert_eq!(query(&database, storage), 1);
    Kept::open(database).unwrap();
}

#[test]
fn texts_of_many_go_together() {
    let Some(database) = empty_database() else {
        return;
    };
    migrate_texts(&database).unwrap();
    let texts = PostgresTexts::connect(&database, &patient()).unwrap();
    let commits = || {
        let sql = "SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()";
        // Statistics are written some time after the fact, at the latest when a session ends.
        query(&database, sql)
    };
    let before = commits();
    std::thread::scope(|scope| {
        for own in 0..32_u64 {
            let texts = &texts;
            scope.spawn(move || {
                for round in 0..10_u64 {
                    let text = format!("\"{own} {round}\"");
                    let salt = Salt::from_bytes(*Digest::of(text.as_bytes()).as_bytes());
                    let text = ClearText::new(salt, &text).unwrap();
                    texts.put(&[text], Durability::Durable, SOON).unwrap();
                }
            });
        }
    });
    assert_eq!(texts.list(None, 999).unwrap().len(), 320);
    drop(texts);
    let commits = commits() - before;
    assert!(commits < 300, "{commits} transactions for 320 texts");
}
