//! Files: permissions, other programs' databases, and what happens to them while they are open.

use std::fs;

use callgate_audit::{AuditSink as _, Head, SinkError};
use callgate_store_sqlite::{SqliteReader, SqliteSink};

use crate::rig::{batch, error_of, folder, foreign, numbers, open, write};

#[cfg(unix)]
#[test]
fn nobody_else_may_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, path) = folder();
    let sink = open(&path);
    sink.append(Head::EMPTY, &batch(Head::EMPTY, [1])).unwrap();
    for name in ["audit.db", "audit.db-wal", "audit.db-shm"] {
        let metadata = fs::metadata(folder.path().join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn file_that_cannot_be_made() {
    let (folder, path) = folder();
    let below = path.join("audit.db");
    fs::write(&path, "").unwrap();
    let told = format!("cannot create `{}`", below.display());
    assert_eq!(error_of(SqliteSink::open(&below)), told);
    let missing = folder.path().join("none").join("audit.db");
    let told = format!("cannot create `{}`", missing.display());
    assert_eq!(error_of(SqliteSink::open(&missing)), told);
    let told = format!("cannot open `{}`", missing.display());
    assert_eq!(error_of(SqliteReader::open(&missing)), told);
}

/// A file that is something else is refused, and stays as it is.
#[track_caller]
fn check_refused(make: &str, told: &str) {
    let (_folder, path) = folder();
    foreign(&path).execute_batch(make).unwrap();
    let before = fs::read(&path).unwrap();
    let expected = told.replace("FILE", &path.display().to_string());
    assert_eq!(error_of(SqliteSink::open(&path)), expected);
    assert_eq!(error_of(SqliteReader::open(&path)), expected);
    assert_eq!(fs::read(&path).unwrap(), before);
}

#[test]
fn database_of_another_program() {
    let told = "`FILE` is not an audit log";
    check_refused("CREATE TABLE record (line BLOB)", told);
    check_refused("PRAGMA application_id = 17", told);
    check_refused("PRAGMA user_version = 1", told);
}

#[test]
fn file_that_is_no_database() {
    let (_folder, path) = folder();
    fs::write(
        &path,
        "not a database, but long enough to be read as one".repeat(40),
    )
    .unwrap();
    let told = format!("`{}` is not an audit log", path.display());
    assert_eq!(error_of(SqliteSink::open(&path)), told);
}

#[test]
fn empty_file_becomes_a_log() {
    let (_folder, path) = folder();
    fs::write(&path, "").unwrap();
    let told = format!("`{}` is not an audit log", path.display());
    assert_eq!(error_of(SqliteReader::open(&path)), told);
    write(&path, [1]);
    assert_eq!(numbers(&path), [1]);
}

/// A log that was changed by `sql` is refused.
#[track_caller]
fn check_altered(sql: &str, told: &str) {
    let (_folder, path) = folder();
    write(&path, [1]);
    foreign(&path).execute_batch(sql).unwrap();
    let expected = told.replace("FILE", &path.display().to_string());
    assert_eq!(error_of(SqliteSink::open(&path)), expected);
    assert_eq!(error_of(SqliteReader::open(&path)), expected);
}

#[test]
fn later_format() {
    check_altered(
        "PRAGMA user_version = 3",
        "`FILE` has format 3, expected 2 or before: a later version wrote it",
    );
}

#[test]
fn altered_schema() {
    let told = |object: &str| format!("`FILE` has another schema than an audit log: `{object}`");
    check_altered(
        "CREATE TRIGGER drops BEFORE INSERT ON record BEGIN SELECT RAISE(IGNORE); END",
        &told("drops"),
    );
    check_altered("CREATE TABLE mine (a)", &told("mine"));
    check_altered("CREATE VIEW mine AS SELECT 1", &told("mine"));
    check_altered("DROP INDEX record_prev", &told("record_prev"));
    check_altered("ALTER TABLE record ADD COLUMN mine INT", &told("record"));
    check_altered("DROP TABLE chain", &told("chain"));
    // Under a name that is SQLite's own.
    check_altered(
        "PRAGMA writable_schema = ON; \
         INSERT INTO sqlite_schema (type, name, tbl_name, rootpage, sql) \
         VALUES ('trigger', 'sqlite_drops', 'record', 0, 'CREATE TRIGGER sqlite_drops \
         BEFORE INSERT ON record BEGIN SELECT RAISE(IGNORE); END')",
        &told("sqlite_drops"),
    );
    // A log that says that it has texts besides.
    check_altered("PRAGMA user_version = 2", &told("clear_text"));
}

#[test]
fn statistics_are_no_change() {
    let (_folder, path) = folder();
    write(&path, [1]);
    foreign(&path).execute_batch("ANALYZE").unwrap();
    write(&path, [2]);
    assert_eq!(numbers(&path), [1, 2]);
}

#[test]
fn trigger_that_comes_later() {
    let (_folder, path) = folder();
    let sink = open(&path);
    let drops = "CREATE TRIGGER drops BEFORE INSERT ON record BEGIN SELECT RAISE(IGNORE); END";
    foreign(&path).execute_batch(drops).unwrap();
    let told = sink.append(Head::EMPTY, &batch(Head::EMPTY, [1]));
    let Err(SinkError::Poisoned(cause)) = told else {
        panic!("expected a poisoned sink, found {told:?}");
    };
    let row = format!(
        "the row of record 0 in `{}` is not as it was written",
        path.display()
    );
    assert_eq!(cause.to_string(), row);
    assert!(matches!(sink.head(), Err(SinkError::Poisoned(_))));
}

#[cfg(unix)]
#[test]
fn file_removed_while_it_is_written() {
    for name in ["audit.db", "audit.db-wal"] {
        let (folder, path) = folder();
        let sink = open(&path);
        let first = batch(Head::EMPTY, [1]);
        sink.append(Head::EMPTY, &first).unwrap();
        fs::rename(folder.path().join(name), folder.path().join("away")).unwrap();
        let told = sink.append(first.end(), &batch(first.end(), [2]));
        let Err(SinkError::Poisoned(cause)) = told else {
            panic!("expected a poisoned sink, found {told:?}");
        };
        let replaced = format!("`{}` was removed or replaced", path.display());
        assert_eq!(cause.to_string(), replaced);
        assert!(matches!(sink.head(), Err(SinkError::Poisoned(_))));
        assert!(matches!(
            sink.sync(Head::EMPTY),
            Err(SinkError::Poisoned(_))
        ));
    }
}

#[test]
fn file_in_use_by_a_writer_of_another_program() {
    let (_folder, path) = folder();
    let options = callgate_store_sqlite::SqliteSinkOptions::new();
    let options = options.busy_timeout(std::time::Duration::from_millis(20));
    let sink = options.open(&path).unwrap();
    let other = foreign(&path);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let first = batch(Head::EMPTY, [1]);
    let told = sink.append(Head::EMPTY, &first);
    assert!(matches!(told, Err(SinkError::Unknown(_))), "{told:?}");
    // Reading goes on, and so does writing, once the other one has ended.
    assert_eq!(sink.head().unwrap(), Head::EMPTY);
    other.execute_batch("ROLLBACK").unwrap();
    sink.append(Head::EMPTY, &first).unwrap();
    assert_eq!(numbers(&path), [1]);
}

#[test]
fn sync_of_what_another_process_stored() {
    let (_folder, path) = folder();
    write(&path, 0..3);
    let sink = open(&path);
    let head = sink.head().unwrap();
    // A commit of our own says nothing of what was there before.
    let next = batch(head, [3]);
    sink.append(head, &next).unwrap();
    sink.sync(next.end()).unwrap();
    // Everything is in the file itself now, and not in the write-ahead log alone.
    let alone = path.with_extension("copy");
    fs::copy(&path, &alone).unwrap();
    assert_eq!(numbers(&alone), [0, 1, 2, 3]);

    let ahead = batch(next.end(), [4]);
    let told = sink.sync(ahead.end());
    assert!(matches!(told, Err(SinkError::Conflict(head)) if head == next.end()));
    sink.append(next.end(), &ahead).unwrap();
    sink.sync(ahead.end()).unwrap();
}
