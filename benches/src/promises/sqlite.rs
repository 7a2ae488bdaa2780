//! The sink for `SQLite`.

use std::error::Error;

use callgate::audit::AuditSink as _;
use callgate_store_sqlite::SqliteSink;
use rusqlite::{Connection, params};

use super::stored::{Side, rate};
use super::{Promise, Subject};

pub(super) fn promises() -> Vec<Promise> {
    vec![
        Promise::rate("sqlite", batches)
            .at_least(0.85)
            .rounds(101, 5),
    ]
}

/// Batches through the sink; against the same rows in a file of the same shape, a transaction for
/// each batch.
fn batches() -> Result<Subject, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let sink = SqliteSink::open(folder.path().join("ours.db"))?;
    let bare = Connection::open(folder.path().join("floor.db"))?;
    bare.execute_batch(
        "PRAGMA journal_mode = WAL; \
         PRAGMA synchronous = FULL; \
         CREATE TABLE record (id INTEGER PRIMARY KEY, chain INTEGER NOT NULL, \
           seq INTEGER NOT NULL, prev BLOB NOT NULL, line BLOB NOT NULL, UNIQUE (chain, seq)) \
           STRICT; \
         CREATE UNIQUE INDEX record_prev ON record (chain, prev)",
    )?;
    let ours: Side = Box::new(move |batches| {
        // The folder goes when the sink does.
        let _kept = &folder;
        for batch in batches {
            sink.append(batch.start(), batch).ok()?;
        }
        Some(())
    });
    let floor: Side = Box::new(move |batches| {
        let sql = "INSERT INTO record (chain, seq, prev, line) VALUES (1, ?1, ?2, ?3)";
        let mut insert = bare.prepare(sql).ok()?;
        for batch in batches {
            bare.execute_batch("BEGIN IMMEDIATE").ok()?;
            for (before, line) in batch.placed() {
                let seq = i64::try_from(before.records).ok()?;
                let prev = before.digest.as_bytes().as_slice();
                insert.execute(params![seq, prev, line]).ok()?;
            }
            bare.execute_batch("COMMIT").ok()?;
        }
        Some(())
    });
    rate(ours, floor)
}
