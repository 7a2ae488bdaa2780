//! Files of clear texts: permissions, other programs, and what happens while they are open.

use std::error::Error as _;
use std::fs;
use std::time::{Duration, Instant};

use callgate_audit::Durability;
use callgate_audit::texts::{ClearText, Salt, TextError, TextStore as _};
use callgate_store_sqlite::SqliteTexts;

use crate::rig::{error_of, folder, foreign, numbers, write};

fn put(texts: &SqliteTexts, number: u8, deadline: Duration) -> Result<(), TextError> {
    let text = ClearText::new(Salt::from_bytes([number; 32]), "\"call back\"").unwrap();
    texts.put(&[text], Durability::Durable, deadline)
}

fn soon() -> Duration {
    Duration::from_secs(30)
}

fn word(told: &Result<(), TextError>) -> String {
    match told {
        Ok(()) => "ok".to_owned(),
        Err(TextError::TimedOut) => "timed out".to_owned(),
        Err(TextError::Failed(cause)) => format!("failed: {cause}"),
        Err(TextError::Poisoned(cause)) => format!("poisoned: {cause}"),
        Err(other) => other.to_string(),
    }
}

#[cfg(unix)]
#[test]
fn nobody_else_may_read() {
    use std::os::unix::fs::PermissionsExt as _;
    let (folder, path) = folder();
    let texts = SqliteTexts::open(&path).unwrap();
    put(&texts, 1, soon()).unwrap();
    for name in ["audit.db", "audit.db-wal", "audit.db-shm"] {
        let metadata = fs::metadata(folder.path().join(name)).unwrap();
        assert_eq!(metadata.permissions().mode() & 0o777, 0o600, "{name}");
    }
}

#[test]
fn files_that_are_something_else() {
    let (_folder, path) = folder();
    let shown = path.display();
    write(&path, [1]);
    let told = error_of(SqliteTexts::open_to_read(&path));
    assert_eq!(told, format!("`{shown}` holds no clear texts"));
    foreign(&path)
        .execute_batch("CREATE TABLE mine (a)")
        .unwrap();
    let told = error_of(SqliteTexts::open(&path));
    let altered = "has another schema than an audit log: `mine`";
    assert_eq!(told, format!("`{shown}` {altered}"));

    let other = path.with_file_name("other.db");
    foreign(&other)
        .execute_batch("CREATE TABLE mine (a)")
        .unwrap();
    let told = error_of(SqliteTexts::open(&other));
    assert_eq!(told, format!("`{}` is not an audit log", other.display()));
    let missing = path.with_file_name("missing.db");
    let told = error_of(SqliteTexts::open_to_read(&missing));
    assert_eq!(told, format!("cannot open `{}`", missing.display()));
    assert!(!missing.exists());
}

#[test]
fn table_that_was_changed() {
    for sql in [
        "DROP TABLE clear_text",
        "ALTER TABLE clear_text ADD COLUMN mine INT",
        "CREATE TRIGGER clear_text_kept BEFORE UPDATE ON clear_text BEGIN SELECT 1; END",
    ] {
        let (_folder, path) = folder();
        drop(SqliteTexts::open(&path).unwrap());
        foreign(&path).execute_batch(sql).unwrap();
        for told in [
            error_of(SqliteTexts::open(&path)),
            error_of(SqliteTexts::open_to_read(&path)),
        ] {
            assert!(
                told.contains("another schema than an audit log: `clear_text"),
                "{told}"
            );
        }
    }
}

#[test]
fn store_that_is_open_to_be_read() {
    let (_folder, path) = folder();
    let texts = SqliteTexts::open(&path).unwrap();
    put(&texts, 1, soon()).unwrap();
    let reader = SqliteTexts::open_to_read(&path).unwrap();
    let commitment = reader.list(None, 9).unwrap()[0];
    assert!(
        reader
            .find(commitment)
            .unwrap()
            .unwrap()
            .matches(commitment)
    );
    let read_only = "failed: the store was opened to be read only";
    assert_eq!(word(&put(&reader, 2, soon())), read_only);
    assert_eq!(word(&reader.erase(&[commitment])), read_only);
    put(&texts, 2, soon()).unwrap();
    assert_eq!(reader.list(None, 9).unwrap().len(), 2);
}

#[test]
fn somebody_else_writes_for_long() {
    let (_folder, path) = folder();
    let texts = SqliteTexts::open(&path).unwrap();
    put(&texts, 1, soon()).unwrap();
    let other = foreign(&path);
    other.execute_batch("BEGIN IMMEDIATE").unwrap();
    let since = Instant::now();
    let told = put(&texts, 2, Duration::from_millis(100));
    assert_eq!(word(&told), "timed out");
    assert!(since.elapsed() < Duration::from_secs(10));
    let commitment = texts.list(None, 9).unwrap()[0];
    assert_eq!(word(&texts.erase(&[commitment])), "timed out");
    assert!(texts.find(commitment).unwrap().is_some());
    other.execute_batch("ROLLBACK").unwrap();
    put(&texts, 2, soon()).unwrap();
    texts.erase(&[commitment]).unwrap();
}

/// Somebody who reads keeps the write-ahead log from being emptied.
#[test]
fn somebody_else_reads_for_long() {
    let (folder, path) = folder();
    let texts = SqliteTexts::open(&path).unwrap();
    put(&texts, 1, soon()).unwrap();
    let commitment = texts.list(None, 9).unwrap()[0];
    let other = foreign(&path);
    other
        .execute_batch("BEGIN; SELECT count(*) FROM clear_text")
        .unwrap();
    assert_eq!(word(&texts.erase(&[commitment])), "timed out");
    // It is gone for whoever asks, and its bytes are gone once it is asked for again.
    assert!(texts.find(commitment).unwrap().is_none());
    other.execute_batch("COMMIT").unwrap();
    texts.erase(&[commitment]).unwrap();
    let log = fs::read(folder.path().join("audit.db-wal")).unwrap();
    assert!(log.is_empty());
}

#[cfg(unix)]
#[test]
fn file_removed_while_it_is_used() {
    for name in ["audit.db", "audit.db-wal"] {
        let (folder, path) = folder();
        let texts = SqliteTexts::open(&path).unwrap();
        put(&texts, 1, soon()).unwrap();
        fs::rename(folder.path().join(name), folder.path().join("away")).unwrap();
        let replaced = format!("poisoned: `{}` was removed or replaced", path.display());
        assert_eq!(word(&put(&texts, 2, soon())), replaced);
        assert_eq!(word(&put(&texts, 3, soon())), replaced);
        assert_eq!(word(&texts.erase(&[])), replaced);
    }
}

#[test]
fn trigger_that_drops_texts() {
    let (_folder, path) = folder();
    let texts = SqliteTexts::open(&path).unwrap();
    let drops = "CREATE TRIGGER drops BEFORE INSERT ON clear_text BEGIN SELECT RAISE(IGNORE); END";
    foreign(&path).execute_batch(drops).unwrap();
    let told = put(&texts, 1, soon());
    let vanished = "a clear text that was put into `FILE` is not there";
    let expected = vanished.replace("FILE", &path.display().to_string());
    assert_eq!(word(&told), format!("poisoned: {expected}"));
    assert!(told.unwrap_err().source().is_some());
}

#[test]
fn closed_file_stands_alone() {
    let (folder, path) = folder();
    let texts = SqliteTexts::open(&path).unwrap();
    put(&texts, 1, soon()).unwrap();
    write(&path, 0..3);
    drop(texts);
    let files = fs::read_dir(folder.path()).unwrap();
    let names: Vec<_> = files.map(|file| file.unwrap().file_name()).collect();
    assert_eq!(names, ["audit.db"]);
    assert_eq!(numbers(&path), [0, 1, 2]);
    let texts = SqliteTexts::open_to_read(&path).unwrap();
    assert_eq!(texts.list(None, 9).unwrap().len(), 1);
}

#[test]
fn nothing_of_a_text_is_shown() {
    let (_folder, path) = folder();
    let texts = SqliteTexts::open(&path).unwrap();
    put(&texts, 1, soon()).unwrap();
    assert!(!format!("{texts:?}").contains("call back"));
}
