//! No room: nothing is stored in part, and nothing is taken afterwards.

use std::sync::Arc;

use callgate_audit::{AppendError, AuditSink as _, Head, Journal, SinkError};
use callgate_store_sqlite::SqliteSinkOptions;

use crate::rig::{batch, durable, folder, numbered, numbers, write};

#[test]
fn full() {
    let (_folder, path) = folder();
    let sink = SqliteSinkOptions::new().max_bytes(64 << 10).open(&path);
    let journal = Journal::open(Arc::new(sink.unwrap())).unwrap();
    let mut stored = Vec::new();
    let told = (0..).find_map(|number| {
        let told = journal.append(&numbered(number), durable());
        if told.is_ok() {
            stored.push(number);
        }
        told.err()
    });
    assert!(matches!(told, Some(AppendError::Closed(SinkError::Full))));
    assert!(stored.len() > 50);
    let told = journal.append(&numbered(0), durable());
    assert!(matches!(told, Err(AppendError::Closed(SinkError::Full))));
    drop(journal);
    // With more room it goes on.
    assert_eq!(numbers(&path), stored);
    write(&path, [9]);
    stored.push(9);
    assert_eq!(numbers(&path), stored);
}

#[test]
fn batch_that_finds_no_room_is_not_stored_in_part() {
    let (_folder, path) = folder();
    let sink = SqliteSinkOptions::new()
        .max_bytes(64 << 10)
        .open(&path)
        .unwrap();
    let first = batch(Head::EMPTY, 0..10);
    sink.append(Head::EMPTY, &first).unwrap();
    let told = sink.append(first.end(), &batch(first.end(), 10..1000));
    assert!(matches!(told, Err(SinkError::Full)), "{told:?}");
    assert!(matches!(sink.head(), Err(SinkError::Poisoned(_))));
    assert_eq!(numbers(&path), (0..10).collect::<Vec<_>>());
}
