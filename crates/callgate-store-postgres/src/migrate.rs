//! Creating the tables.

use std::thread;

use tokio::time::{Instant, timeout_at};

use crate::connect::{FORMAT, SCHEMA, Session, Target, told};
use crate::{PostgresAction, PostgresSinkError, PostgresSinkOptions, sink};

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
    let target = Target::parse(database, &PostgresSinkOptions::new())?;
    // A thread of its own: whoever calls may be within a runtime.
    let worker = thread::Builder::new().name("callgate-migrate".to_owned());
    let work = move || sink::runtime()?.block_on(run(&target));
    let worker = worker
        .spawn(work)
        .map_err(|_| PostgresSinkError::NoThread)?;
    worker.join().unwrap_or(Err(PostgresSinkError::NoThread))
}

async fn run(target: &Target) -> Result<(), PostgresSinkError> {
    let action = PostgresAction::Migrate;
    let deadline = Instant::now().checked_add(target.timeout);
    let deadline = deadline.unwrap_or_else(Instant::now);
    let done = timeout_at(deadline, async {
        let session = target.connect().await?;
        create(&session).await
    });
    done.await
        .unwrap_or(Err(PostgresSinkError::TimedOut { action }))
}

async fn create(session: &Session) -> Result<(), PostgresSinkError> {
    let refused = told(PostgresAction::Migrate);
    // Two that migrate at once wait for each other: the number is a name of ours for the lock.
    let sql = format!(
        "SET search_path = pg_catalog; \
         BEGIN; \
         SELECT pg_advisory_xact_lock(4856326081229); \
         CREATE SCHEMA IF NOT EXISTS {SCHEMA}; \
         CREATE TABLE IF NOT EXISTS {SCHEMA}.format (version integer NOT NULL); \
         CREATE TABLE IF NOT EXISTS {SCHEMA}.chain ( \
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
           UNIQUE (chain, prev)); \
         INSERT INTO {SCHEMA}.format SELECT {FORMAT} \
           WHERE NOT EXISTS (SELECT FROM {SCHEMA}.format); \
         COMMIT"
    );
    session.client.batch_execute(&sql).await.map_err(&refused)?;
    let found = session
        .client
        .query_one(&format!("SELECT max(version) FROM {SCHEMA}.format"), &[])
        .await
        .and_then(|row| row.try_get::<_, i32>(0));
    let found = found.map_err(refused)?;
    if found > FORMAT {
        return Err(PostgresSinkError::Newer {
            schema: SCHEMA.to_owned(),
            found,
            expected: FORMAT,
        });
    }
    Ok(())
}
