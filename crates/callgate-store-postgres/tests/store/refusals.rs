//! What the server refuses while records are written: nothing is stored, lost or written twice.

use callgate_audit::{AuditSink as _, ChainName, Head, SinkError};

use crate::rig::{batch, database, execute, hasty, numbers, open, with_client};

/// From now on whatever is put into the table does `statement` first.
fn trap(database: &str, statement: &str) {
    execute(
        database,
        &format!(
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql \
             AS $$ BEGIN {statement}; RETURN NEW; END $$; \
             CREATE TRIGGER t BEFORE INSERT ON callgate.record FOR EACH ROW EXECUTE FUNCTION f()"
        ),
    );
}

fn word(told: &Result<(), SinkError>) -> &'static str {
    match told {
        Ok(()) => "ok",
        Err(SinkError::Conflict(_)) => "conflict",
        Err(SinkError::Unknown(_)) => "unknown",
        Err(SinkError::Full) => "full",
        Err(SinkError::Poisoned(_)) => "poisoned",
        Err(_) => "new",
    }
}

/// The second of three batches meets `statement`; what is told, and what is told of the third.
#[track_caller]
fn check(statement: &str, told: [&str; 2], stored: &[u64]) {
    let Some(database) = database() else { return };
    let sink = hasty().connect(&database, ChainName::main()).unwrap();
    let first = batch(Head::EMPTY, [1]);
    sink.append(Head::EMPTY, &first).unwrap();
    trap(&database, statement);
    let second = batch(first.end(), [2]);
    assert_eq!(word(&sink.append(first.end(), &second)), told[0]);
    execute(&database, "DROP TRIGGER t ON callgate.record");
    let after = sink.head().unwrap_or(first.end());
    assert_eq!(word(&sink.append(after, &batch(after, [3]))), told[1]);
    assert_eq!(numbers(&database), stored);
}

fn raise(code: &str) -> String {
    format!("RAISE EXCEPTION 'on demand' USING ERRCODE = '{code}'")
}

#[test]
fn serialization_failures_that_do_not_end() {
    check(&raise("40001"), ["unknown", "ok"], &[1, 3]);
    check(&raise("40P01"), ["unknown", "ok"], &[1, 3]);
}

#[test]
fn refusals_that_may_pass() {
    check(&raise("42501"), ["unknown", "ok"], &[1, 3]);
    check(&raise("57014"), ["unknown", "ok"], &[1, 3]);
    check(&raise("53200"), ["unknown", "ok"], &[1, 3]);
}

#[test]
fn full_disk() {
    check(&raise("53100"), ["full", "ok"], &[1, 3]);
}

#[test]
fn refusals_that_are_final() {
    check(&raise("XX001"), ["poisoned", "poisoned"], &[1]);
    check(&raise("58030"), ["poisoned", "poisoned"], &[1]);
    check(&raise("23505"), ["poisoned", "poisoned"], &[1]);
}

#[test]
fn serialization_failure_that_passes() {
    let Some(database) = database() else { return };
    let sink = open(&database);
    // It fails twice, and then no more: a sequence keeps count across transactions.
    execute(&database, "CREATE SEQUENCE public.tries");
    let fails = "IF nextval('public.tries') < 3 THEN \
                 RAISE EXCEPTION 'on demand' USING ERRCODE = '40001'; END IF";
    trap(&database, fails);
    let first = batch(Head::EMPTY, [1]);
    sink.append(Head::EMPTY, &first).unwrap();
    execute(&database, "DROP TRIGGER t ON callgate.record");
    assert_eq!(numbers(&database), [1]);
}

#[test]
fn warning_of_the_server() {
    // As when it gives up waiting for a replica: it is stored, and that is all that is known.
    check("RAISE WARNING 'on demand'", ["unknown", "ok"], &[1, 2, 3]);
    check("RAISE NOTICE 'on demand'", ["ok", "ok"], &[1, 2, 3]);
}

#[test]
fn rows_that_vanish() {
    let Some(database) = database() else { return };
    let sink = open(&database);
    trap(&database, "RETURN NULL");
    let told = sink.append(Head::EMPTY, &batch(Head::EMPTY, [1]));
    assert_eq!(word(&told), "poisoned");
    assert!(matches!(sink.head(), Err(SinkError::Poisoned(_))));
}

#[test]
fn setting_that_is_changed_on_the_way() {
    let Some(database) = database() else { return };
    let sink = hasty().connect(&database, ChainName::main()).unwrap();
    let first = batch(Head::EMPTY, [1]);
    sink.append(Head::EMPTY, &first).unwrap();
    // As a pool does that hands a session on: from the next statement on it is off.
    trap(
        &database,
        "PERFORM set_config('synchronous_commit', 'off', false)",
    );
    let second = batch(first.end(), [2]);
    sink.append(first.end(), &second).unwrap();
    let told = sink.append(second.end(), &batch(second.end(), [3]));
    let Err(SinkError::Poisoned(cause)) = told else {
        panic!("expected a poisoned sink, found {told:?}");
    };
    let off = "`synchronous_commit` is `off`, expected `on`, `remote_write` or `remote_apply`";
    assert_eq!(cause.to_string(), off);
}

#[test]
fn row_that_somebody_locks() {
    let Some(database) = database() else { return };
    let sink = hasty().connect(&database, ChainName::main()).unwrap();
    let first = batch(Head::EMPTY, [1]);
    sink.append(Head::EMPTY, &first).unwrap();
    let second = batch(first.end(), [2]);
    with_client(&database, async |client| {
        let lock = client.transaction().await.unwrap();
        let sql = "SELECT FROM callgate.chain FOR UPDATE";
        lock.query(sql, &[]).await.unwrap();
        assert_eq!(word(&sink.append(first.end(), &second)), "unknown");
    });
    // Whatever was under way is settled.
    let head = sink.head().unwrap();
    sink.append(head, &batch(head, [3])).unwrap();
    let stored = numbers(&database);
    assert!(stored == [1, 3] || stored == [1, 2, 3], "{stored:?}");
}
