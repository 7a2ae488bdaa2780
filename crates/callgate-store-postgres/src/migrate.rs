//! Creating the tables.

use tokio::time::timeout_at;

use crate::connect::{Session, Target, told};
use crate::lane::deadline_in;
use crate::tables::{LOG, SCHEMA, TEXTS, TEXTS_SCHEMA, Tables};
use crate::{PostgresAction, PostgresSinkError, PostgresSinkOptions, worker};

/// Creates the schema `callgate` and the tables in it, where they are not there yet.
///
/// The role needs the right to create a schema. The one that writes needs less: `USAGE` on the schema;
/// `SELECT` on `callgate.format`; `SELECT`, `INSERT` and `UPDATE` on `callgate.chain`; `SELECT` and `INSERT` on
/// `callgate.record`. Without `UPDATE` and `DELETE` on that, it cannot change what it wrote.
///
/// # Errors
///
/// Fails where there is no connection, where the server refuses, and where a later version made the
/// tables.
pub fn migrate(database: &str) -> Result<(), PostgresSinkError> {
    work(database, create_log)
}

/// Creates the schema `callgate_texts` and the table in it, where they are not there yet. Those of a log are not
/// touched, and need not be there.
///
/// The role needs the right to create a schema. The one that puts texts needs `USAGE` on the schema, `SELECT` on
/// `callgate_texts.format`, and `SELECT`, `INSERT`, `UPDATE` and `DELETE` on `callgate_texts.clear_text`.
///
/// # Errors
///
/// As [`migrate`].
pub fn migrate_texts(database: &str) -> Result<(), PostgresSinkError> {
    work(database, create_texts)
}

/// Writes the table of clear texts anew, without what was deleted: until then rows that were erased stay in its
/// files, where no query finds them. Whoever owns the table may do that. Nobody can use it meanwhile, so it
/// is for quiet hours; calls whose texts wait longer than their deadline are denied.
///
/// What was deleted is left out even while other sessions could still see it, for which a `VACUUM` would keep it: a
/// transaction of another program that looks at an old snapshot (`REPEATABLE READ`), and has not looked at the table
/// before, finds it empty.
///
/// What the server wrote ahead of its tables, replicas, and backups are not reached: see
/// [`PostgresTexts`](crate::PostgresTexts).
///
/// # Errors
///
/// Fails where there is no connection, and where the server refuses.
pub fn compact_texts(database: &str) -> Result<(), PostgresSinkError> {
    work(database, async |session| {
        // Not by `VACUUM (FULL)`: that keeps rows which any old snapshot in the database could show, and says nothing.
        // A column that is computed makes a new table of the rows that are there now.
        let sql = format!(
            "SET search_path = pg_catalog; \
             ALTER TABLE {TEXTS_SCHEMA}.clear_text \
               ALTER COLUMN body TYPE bytea USING body || ''::bytea, \
               ALTER COLUMN body SET STORAGE EXTERNAL"
        );
        let done = session.client.batch_execute(&sql).await;
        done.map_err(told(PostgresAction::Erase))
    })
}

/// Does `work` over a connection of its own.
pub(crate) fn work(
    database: &str,
    work: impl AsyncFnOnce(&Session) -> Result<(), PostgresSinkError> + Send + 'static,
) -> Result<(), PostgresSinkError> {
    let target = Target::parse(database, &PostgresSinkOptions::new())?;
    let action = PostgresAction::Migrate;
    let worker = worker::spawn("callgate-migrate", async move || {
        let done = timeout_at(deadline_in(target.timeout), async {
            let session = target.connect().await?;
            work(&session).await
        });
        done.await
            .unwrap_or(Err(PostgresSinkError::TimedOut { action }))
    })?;
    worker.join().unwrap_or(Err(PostgresSinkError::NoThread))
}

async fn create_log(session: &Session) -> Result<(), PostgresSinkError> {
    let tables = format!(
        "CREATE TABLE IF NOT EXISTS {SCHEMA}.chain ( \
           id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, \
           name text COLLATE \"C\" NOT NULL UNIQUE, \
           records bigint NOT NULL DEFAULT 0, \
           digest bytea NOT NULL DEFAULT decode(repeat('00', 32), 'hex'), \
           fence bigint NOT NULL DEFAULT 0) WITH (fillfactor = 50); \
         CREATE TABLE IF NOT EXISTS {SCHEMA}.record ( \
           chain bigint NOT NULL, \
           seq bigint NOT NULL, \
           prev bytea NOT NULL, \
           line bytea NOT NULL, \
           PRIMARY KEY (chain, seq), \
           UNIQUE (chain, prev));"
    );
    create_with_format(session, &LOG, &tables).await
}

async fn create_texts(session: &Session) -> Result<(), PostgresSinkError> {
    // As it is, so that whoever looks for something in the files of the server finds it.
    let tables = format!(
        "CREATE TABLE IF NOT EXISTS {TEXTS_SCHEMA}.clear_text ( \
           commitment bytea PRIMARY KEY, \
           body bytea NOT NULL); \
         ALTER TABLE {TEXTS_SCHEMA}.clear_text ALTER COLUMN body SET STORAGE EXTERNAL;"
    );
    create_with_format(session, &TEXTS, &tables).await
}

/// Their format is in a table of its own.
async fn create_with_format(
    session: &Session,
    of: &Tables,
    tables: &str,
) -> Result<(), PostgresSinkError> {
    let (schema, format) = (of.schema, of.format);
    let tables = format!(
        "CREATE TABLE IF NOT EXISTS {schema}.format (version integer NOT NULL); \
         {tables} \
         INSERT INTO {schema}.format SELECT {format} \
           WHERE NOT EXISTS (SELECT FROM {schema}.format);"
    );
    create(session, of, &tables).await?;
    of.check_format(&session.client, PostgresAction::Migrate)
        .await
}

/// Creates what `tables` says in SQL, all or nothing; what a later version made is left as it is.
pub(crate) async fn create(
    session: &Session,
    of: &Tables,
    tables: &str,
) -> Result<(), PostgresSinkError> {
    of.check_not_newer(&session.client).await?;
    let schema = of.schema;
    // Two that migrate at once wait for each other: the number is a name of ours for the lock.
    let sql = format!(
        "SET search_path = pg_catalog; \
         BEGIN; \
         SELECT pg_advisory_xact_lock(4856326081229); \
         CREATE SCHEMA IF NOT EXISTS {schema}; \
         {tables} \
         COMMIT"
    );
    let created = session.client.batch_execute(&sql).await;
    created.map_err(told(PostgresAction::Migrate))
}
