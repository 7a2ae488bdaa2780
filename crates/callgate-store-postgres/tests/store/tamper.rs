//! Rows that somebody changed: what the verifier says.

use callgate_audit::{AuditSink as _, Integrity, SinkError};

use crate::rig::{database, execute, open, verify, write};

/// Five records, of which `sql` changes something.
#[track_caller]
fn check(sql: &str, fault: &str) {
    let Some(database) = database() else { return };
    write(&database, 0..5);
    execute(&database, sql);
    let report = verify(&database);
    let found = report.first_fault.map(|fault| fault.to_string());
    let found = found.unwrap_or_default();
    assert!(found.contains(fault), "{sql}: {found}");
}

#[test]
fn changed_rows() {
    check(
        "UPDATE callgate.record SET line = \
         replace(encode(line, 'escape'), '\"lost\":2', '\"lost\":7')::bytea WHERE seq = 2",
        "record 2, byte",
    );
    check(
        "DELETE FROM callgate.record WHERE seq = 2",
        "expected record 2, found record 3",
    );
    check(
        "UPDATE callgate.record SET line = '' WHERE seq = 3",
        "record 3",
    );
    check(
        "INSERT INTO callgate.record SELECT chain, 5, '', line FROM callgate.record WHERE seq = 1",
        "expected record 5, found record 1",
    );
}

#[test]
fn rows_cut_off_the_end() {
    let Some(database) = database() else { return };
    write(&database, 0..5);
    let sink = open(&database);
    execute(&database, "DELETE FROM callgate.record WHERE seq > 2");
    // The lines alone are a shorter chain. The sink has the row of the chain besides.
    assert_eq!(verify(&database).integrity, Integrity::Ok);
    assert!(matches!(sink.head(), Err(SinkError::Poisoned(_))));
}

#[test]
fn row_missing_where_it_is_read() {
    let Some(database) = database() else { return };
    write(&database, 0..5);
    let sink = open(&database);
    execute(&database, "DELETE FROM callgate.record WHERE seq = 2");
    assert!(matches!(sink.read(2, 9), Err(SinkError::Unknown(_))));
    assert!(matches!(sink.read(0, 9), Err(SinkError::Unknown(_))));
    assert_eq!(sink.read(0, 2).unwrap().records(), 2);
    assert_eq!(sink.read(3, 9).unwrap().records(), 2);
}
