//! Rows that somebody changed: what the verifier says, and what a sink does.

use callgate_audit::{AuditSink as _, Head, Integrity, SinkError};

use crate::rig::{batch, error_of, folder, foreign, open, verify, write};

/// Five records, of which `sql` changes something.
#[track_caller]
fn check(sql: &str, fault: &str) {
    let (_folder, path) = folder();
    write(&path, 0..5);
    foreign(&path).execute_batch(sql).unwrap();
    let report = verify(&path);
    let found = report.first_fault.map(|fault| fault.to_string());
    let found = found.unwrap_or_default();
    assert!(found.contains(fault), "{sql}: {found}");
}

#[test]
fn changed_rows() {
    let digit = "replace(CAST(line AS TEXT), '\"lost\":2', '\"lost\":7')";
    check(
        &format!("UPDATE record SET line = CAST({digit} AS BLOB) WHERE seq = 2"),
        "record 2, byte",
    );
    check(
        "DELETE FROM record WHERE seq = 2",
        "expected record 2, found record 3",
    );
    check(
        "DELETE FROM record WHERE seq = 0",
        "expected record 0, found record 1",
    );
    check(
        "UPDATE record SET seq = seq + 10; UPDATE record SET seq = 14 - seq",
        "expected record 0, found record 4",
    );
    check("UPDATE record SET line = x'' WHERE seq = 3", "record 3");
    check(
        "UPDATE record SET line = CAST(x'0a' || line AS BLOB) WHERE seq = 1",
        "record 1",
    );
    check(
        "INSERT INTO record (chain, seq, prev, line) SELECT chain, 5, x'00', line FROM record WHERE seq = 1",
        "expected record 5, found record 1",
    );
}

#[test]
fn rows_cut_off_the_end() {
    let (_folder, path) = folder();
    write(&path, 0..5);
    let kept = verify(&path).head;
    let cut = foreign(&path).execute_batch("DELETE FROM record WHERE seq > 2");
    cut.unwrap();
    // It is a shorter chain now, and only the head that was kept tells.
    assert_eq!(verify(&path).integrity, Integrity::Ok);
    let options = callgate_audit::VerifyOptions::new().head(kept);
    let reader = open(&path).reader().unwrap();
    let report = callgate_audit::verify_reader(reader, &options).unwrap();
    assert!(!report.is_good());
}

#[test]
fn last_row_that_is_no_record() {
    let (_folder, path) = folder();
    write(&path, 0..5);
    let changed = foreign(&path).execute_batch("UPDATE record SET line = x'00' WHERE seq = 4");
    changed.unwrap();
    let told = format!("record 4 in `{}` cannot be read", path.display());
    assert_eq!(
        error_of(callgate_store_sqlite::SqliteSink::open(&path)),
        told
    );
}

#[test]
fn last_row_in_another_place() {
    let (_folder, path) = folder();
    write(&path, 0..5);
    let sink = open(&path);
    let moved = foreign(&path).execute_batch("UPDATE record SET seq = 9 WHERE seq = 4");
    moved.unwrap();
    let told = sink.head().unwrap_err();
    assert!(matches!(told, SinkError::Poisoned(_)), "{told:?}");
    // Nothing is written behind it.
    let told = sink.append(Head::EMPTY, &batch(Head::EMPTY, [1]));
    assert!(matches!(told, Err(SinkError::Poisoned(_))), "{told:?}");
}

#[test]
fn row_in_the_way() {
    let (_folder, path) = folder();
    let sink = open(&path);
    let first = batch(Head::EMPTY, [1]);
    sink.append(Head::EMPTY, &first).unwrap();
    // The predecessor of the next one is taken, in a place that nobody looks at.
    let digest = first.end().digest;
    let sql = format!(
        "INSERT INTO record (chain, seq, prev, line) SELECT chain, -1, x'{digest}', line FROM record"
    );
    foreign(&path).execute_batch(&sql).unwrap();
    let told = sink.append(first.end(), &batch(first.end(), [2]));
    assert!(matches!(told, Err(SinkError::Poisoned(_))), "{told:?}");
}

#[test]
fn row_missing_where_it_is_read() {
    let (_folder, path) = folder();
    write(&path, 0..5);
    let sink = open(&path);
    let cut = foreign(&path).execute_batch("DELETE FROM record WHERE seq = 2");
    cut.unwrap();
    assert!(matches!(sink.read(2, 9), Err(SinkError::Unknown(_))));
    assert_eq!(sink.read(0, 9).unwrap().records(), 2);
    assert_eq!(sink.read(3, 9).unwrap().records(), 2);
}
