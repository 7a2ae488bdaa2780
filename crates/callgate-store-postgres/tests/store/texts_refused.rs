//! Servers and tables that would not keep clear texts, and what is told of it.

use callgate_audit::Durability;
use callgate_audit::texts::{ClearText, Salt, TextError, TextStore as _};
use callgate_store_postgres::{PostgresSinkOptions, PostgresTexts, migrate, migrate_texts};

use crate::rig::{empty_database, error_of, execute, hasty, patient, with_client};
use crate::texts::SOON;

fn database() -> Option<String> {
    let database = empty_database()?;
    migrate_texts(&database).unwrap();
    Some(database)
}

fn connect(database: &str, options: &PostgresSinkOptions) -> PostgresTexts {
    PostgresTexts::connect(database, options).unwrap()
}

fn refusal(database: &str) -> String {
    error_of(PostgresTexts::connect(database, &patient()))
}

fn put(texts: &PostgresTexts, number: u8) -> String {
    let text = ClearText::new(Salt::from_bytes([number; 32]), "\"call back\"").unwrap();
    word(&texts.put(&[text], Durability::Durable, SOON))
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

#[test]
fn tables_that_are_not_there() {
    let Some(database) = empty_database() else {
        return;
    };
    let told =
        "there are no clear texts in the schema `callgate_texts`: create it with `migrate_texts`";
    assert_eq!(refusal(&database), told);
    // Those of a log are not enough.
    migrate(&database).unwrap();
    assert_eq!(refusal(&database), told);
    for _ in 0..2 {
        migrate_texts(&database).unwrap();
        assert_eq!(refusal(&database), "ok");
    }
    execute(&database, "UPDATE callgate_texts.format SET version = 2");
    let told = "the tables in the schema `callgate_texts` have format 2, expected 1 or before: \
                a later version made them";
    assert_eq!(refusal(&database), told);
    assert_eq!(error_of(migrate_texts(&database)), told);
}

#[test]
fn tables_that_were_changed() {
    for (sql, told) in [
        ("ALTER TABLE TEXTS SET UNLOGGED", "a crash would empty it"),
        (
            "CREATE RULE nothing AS ON DELETE TO TEXTS DO INSTEAD NOTHING",
            "it has triggers or rules",
        ),
        (
            "ALTER TABLE TEXTS ENABLE ROW LEVEL SECURITY",
            "rows of it may be hidden",
        ),
        (
            "ALTER TABLE TEXTS DROP CONSTRAINT clear_text_pkey",
            "it is no table, or lacks a unique index",
        ),
    ] {
        let Some(database) = database() else { return };
        execute(
            &database,
            &sql.replace("TEXTS", "callgate_texts.clear_text"),
        );
        let expected = format!("the table `callgate_texts.clear_text` was changed: {told}");
        assert_eq!(refusal(&database), expected);
    }
}

#[test]
fn commits_that_are_not_awaited() {
    let Some(database) = database() else { return };
    let off = format!("{database} options='-c synchronous_commit=off'");
    let told = "`synchronous_commit` is `off`, expected `on`, `remote_write` or `remote_apply`";
    assert_eq!(refusal(&off), told);
    // On the way: from the next statement on it is off.
    let texts = connect(&database, &patient());
    assert_eq!(put(&texts, 1), "ok");
    trap(
        &database,
        "PERFORM set_config('synchronous_commit', 'off', false)",
    );
    assert_eq!(put(&texts, 2), "ok");
    assert_eq!(put(&texts, 3), format!("poisoned: {told}"));
    assert_eq!(put(&texts, 4), format!("poisoned: {told}"));
}

/// From now on whatever is put into the table does `statement` first.
fn trap(database: &str, statement: &str) {
    execute(
        database,
        &format!(
            "CREATE FUNCTION f() RETURNS trigger LANGUAGE plpgsql \
             AS $$ BEGIN {statement}; RETURN NEW; END $$; \
             CREATE TRIGGER t BEFORE INSERT ON callgate_texts.clear_text \
             FOR EACH ROW EXECUTE FUNCTION f()"
        ),
    );
}

#[test]
fn rows_that_vanish() {
    let Some(database) = database() else { return };
    let texts = connect(&database, &patient());
    trap(&database, "RETURN NULL");
    let told = "poisoned: clear texts that were put into the table are not there";
    assert_eq!(put(&texts, 1), told);
    assert_eq!(put(&texts, 2), told);
}

#[test]
fn refusals_that_may_pass() {
    let raise = |code| format!("RAISE EXCEPTION 'on demand' USING ERRCODE = '{code}'");
    let refused = "failed: cannot put clear texts: the server refused it";
    let warned = "failed: the server did it, with a warning";
    for (statement, expected) in [
        (raise("42501"), refused),
        (raise("53100"), refused),
        (raise("57014"), refused),
        ("RAISE WARNING 'on demand'".to_owned(), warned),
    ] {
        let Some(database) = database() else { return };
        let texts = connect(&database, &hasty());
        trap(&database, &statement);
        assert_eq!(put(&texts, 1), expected);
        execute(&database, "DROP FUNCTION f CASCADE");
        assert_eq!(put(&texts, 1), "ok");
    }
}

#[test]
fn table_that_somebody_locks() {
    let Some(database) = database() else { return };
    let texts = connect(&database, &hasty());
    assert_eq!(put(&texts, 1), "ok");
    with_client(&database, async |client| {
        let lock = client.transaction().await.unwrap();
        let sql = "LOCK TABLE callgate_texts.clear_text IN EXCLUSIVE MODE";
        lock.batch_execute(sql).await.unwrap();
        let told = put(&texts, 2);
        assert!(
            told == "timed out" || told.starts_with("failed: "),
            "{told}"
        );
        // Looking up goes on.
        assert_eq!(texts.list(None, 9).unwrap().len(), 1);
    });
    assert_eq!(put(&texts, 3), "ok");
}

#[test]
fn role_that_may_only_put() {
    let Some(database) = database() else { return };
    execute(
        &database,
        "DO $$ BEGIN CREATE ROLE putter LOGIN; EXCEPTION WHEN duplicate_object THEN NULL; END $$; \
         GRANT USAGE ON SCHEMA callgate_texts TO putter; \
         GRANT SELECT ON callgate_texts.format TO putter; \
         GRANT SELECT, INSERT, UPDATE, DELETE ON callgate_texts.clear_text TO putter",
    );
    let own = database.replace("user=gate", "user=putter");
    let texts = connect(&own, &patient());
    assert_eq!(put(&texts, 1), "ok");
    let all = texts.list(None, 9).unwrap();
    texts.erase(&all).unwrap();
    assert!(texts.list(None, 9).unwrap().is_empty());
}

#[test]
fn nothing_is_shown() {
    let Some(database) = database() else { return };
    let texts = connect(&format!("{database} password=hunter2"), &patient());
    assert_eq!(put(&texts, 1), "ok");
    let shown = format!("{texts:?}");
    assert_eq!(shown, "PostgresTexts { poison: OnceLock(<uninit>), .. }");
}
