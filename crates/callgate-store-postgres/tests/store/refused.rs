//! Servers and tables that would not keep what is put into them.

use callgate_audit::{AuditSink as _, ChainName, Head, SinkError};
use callgate_store_postgres::{PostgresReader, PostgresSinkOptions, migrate};

use crate::rig::{
    batch, database, empty_database, error_of, execute, hasty, open, patient, server, start, write,
};

fn refusal(database: &str) -> String {
    error_of(patient().connect(database, ChainName::main()))
}

#[test]
fn commits_that_are_not_awaited() {
    let Some(database) = database() else { return };
    let name = database.rsplit('=').next().unwrap();
    for value in ["off", "local"] {
        let sql = format!("ALTER DATABASE {name} SET synchronous_commit = '{value}'");
        execute(&database, &sql);
        let told = format!(
            "`synchronous_commit` is `{value}`, expected `on`, `remote_write` or `remote_apply`"
        );
        assert_eq!(refusal(&database), told);
    }
    for value in ["on", "remote_write", "remote_apply"] {
        let sql = format!("ALTER DATABASE {name} SET synchronous_commit = '{value}'");
        execute(&database, &sql);
        assert_eq!(refusal(&database), "ok");
    }
    // By the connection string, too.
    let off = format!("{database} options='-c synchronous_commit=off'");
    assert!(refusal(&off).starts_with("`synchronous_commit` is `off`"));
}

#[test]
fn server_that_does_not_sync() {
    let Some(server) = start(&["fsync=off"]) else {
        return;
    };
    let socket = server.socket().display();
    let database = format!("host={socket} user=gate dbname=postgres");
    migrate(&database).unwrap();
    assert_eq!(refusal(&database), "`fsync` is `off`, expected `on`");
    let options = PostgresSinkOptions::new().dangerous_fsync_off();
    let sink = options.connect(&database, ChainName::main()).unwrap();
    sink.append(Head::EMPTY, &batch(Head::EMPTY, [1])).unwrap();
}

#[test]
fn tables_that_are_not_there() {
    let Some(database) = empty_database() else {
        return;
    };
    let told = "there is no log in the schema `callgate`: create it with `migrate`";
    assert_eq!(refusal(&database), told);
    execute(
        &database,
        "CREATE SCHEMA callgate; CREATE TABLE callgate.format (version int)",
    );
    assert_eq!(refusal(&database), told);
    migrate(&database).unwrap();
    assert_eq!(refusal(&database), "ok");
}

#[test]
fn later_format() {
    let Some(database) = database() else { return };
    execute(&database, "UPDATE callgate.format SET version = 2");
    let told = "the tables in the schema `callgate` have format 2, expected 1 or before: \
                a later version made them";
    assert_eq!(refusal(&database), told);
    assert_eq!(error_of(migrate(&database)), told);
}

#[test]
fn tables_that_were_changed() {
    for (sql, told) in [
        (
            "ALTER TABLE callgate.record SET UNLOGGED",
            "the table `callgate.record` was changed: a crash would empty it",
        ),
        (
            "CREATE RULE nothing AS ON INSERT TO callgate.record DO INSTEAD NOTHING",
            "the table `callgate.record` was changed: it has triggers or rules",
        ),
        (
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'; \
             CREATE TRIGGER t BEFORE INSERT ON callgate.record FOR EACH ROW EXECUTE FUNCTION f()",
            "the table `callgate.record` was changed: it has triggers or rules",
        ),
        (
            "ALTER TABLE callgate.chain ENABLE ROW LEVEL SECURITY",
            "the table `callgate.chain` was changed: rows of it may be hidden",
        ),
        (
            "ALTER TABLE callgate.record DROP CONSTRAINT record_chain_prev_key",
            "the table `callgate.record` was changed: it is no table, or lacks a unique index",
        ),
        (
            "DROP TABLE callgate.record",
            "the table `callgate.record` was changed: it is no table, or lacks a unique index",
        ),
    ] {
        let Some(database) = database() else { return };
        execute(&database, sql);
        assert_eq!(refusal(&database), told);
        let read = PostgresReader::connect(&database, &ChainName::main(), &hasty());
        assert_eq!(error_of(read), told);
    }
}

#[test]
fn server_that_is_not_there() {
    let Some(server) = server() else { return };
    let folder = server.socket().join("none").display().to_string();
    let told = error_of(hasty().connect(&format!("host={folder} user=gate"), ChainName::main()));
    assert_eq!(
        told,
        "cannot connect: no connection to the server: entity not found"
    );
    let told = error_of(migrate(&format!(
        "host={folder} user=gate password=hunter2"
    )));
    assert!(
        !told.contains("hunter2") && !told.contains(&folder),
        "{told}"
    );
}

#[test]
fn database_or_role_that_is_not_there() {
    let Some(database) = database() else { return };
    let none = database.replace("test_", "none_");
    let told = refusal(&none);
    assert!(told.starts_with("cannot connect: the server refused it: database \"none_"));
    assert!(told.ends_with("does not exist (SQLSTATE 3D000)"), "{told}");
    let nobody = database.replace("user=gate", "user=nobody password=hunter2");
    let told = refusal(&nobody);
    assert!(told.ends_with("(SQLSTATE 28000)"), "{told}");
    assert!(!told.contains("hunter2"), "{told}");
}

#[test]
fn chain_whose_end_was_changed() {
    for sql in [
        "DELETE FROM callgate.record WHERE seq = 4",
        "UPDATE callgate.chain SET records = 4",
        "UPDATE callgate.chain SET digest = decode(repeat('11', 32), 'hex')",
    ] {
        let Some(database) = database() else { return };
        write(&database, 0..5);
        execute(&database, sql);
        let told = refusal(&database);
        assert!(told.ends_with("is not as it was written"), "{told}");
    }
    let Some(database) = database() else { return };
    write(&database, 0..5);
    execute(
        &database,
        "UPDATE callgate.record SET line = 'x' WHERE seq = 4",
    );
    assert!(refusal(&database).starts_with("record 4 cannot be read"));
}

#[test]
fn records_that_were_durable_are_gone() {
    let Some(database) = database() else { return };
    let sink = open(&database);
    let first = batch(Head::EMPTY, [1, 2]);
    sink.append(Head::EMPTY, &first).unwrap();
    let second = batch(first.end(), [3]);
    sink.append(first.end(), &second).unwrap();
    // As a replica that had not heard of the last batch.
    let digest = first.end().digest;
    execute(
        &database,
        &format!(
            "DELETE FROM callgate.record WHERE seq = 2; \
             UPDATE callgate.chain SET records = 2, digest = decode('{digest}', 'hex'); \
             SELECT pg_terminate_backend(pid) FROM pg_stat_activity \
             WHERE datname = current_database() AND pid <> pg_backend_pid()"
        ),
    );
    let told = sink.head();
    let Err(SinkError::Poisoned(cause)) = told else {
        panic!("expected a poisoned sink, found {told:?}");
    };
    let behind = "the log ends before record 2, and 3 records were durable";
    assert_eq!(cause.to_string(), behind);
    let told = sink.append(first.end(), &batch(first.end(), [4]));
    assert!(matches!(told, Err(SinkError::Poisoned(_))));
}

#[test]
fn nothing_of_the_connection_string_is_shown() {
    let Some(database) = database() else { return };
    let sink = open(&format!("{database} password=hunter2"));
    let shown = format!("{sink:?} {:?}", sink.reader().unwrap());
    assert!(
        shown.starts_with("PostgresSink { chain: ChainName(\"main\")"),
        "{shown}"
    );
    for secret in ["hunter2", "gate", "host", "test_"] {
        assert!(!shown.replace("callgate", "").contains(secret), "{shown}");
    }
}
