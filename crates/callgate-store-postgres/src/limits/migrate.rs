//! The tables of limits: making them, and looking whether they are as they should be.

use std::thread;

use tokio::time::{Instant, timeout_at};
use tokio_postgres::Client;

use super::functions;
use crate::connect::{SCHEMA, Session, Target, told};
use crate::error::PostgresChange;
use crate::{PostgresAction, PostgresSinkError, PostgresSinkOptions, sink};

/// The format of this version.
const FORMAT: i32 = 1;

/// Creates the schema `callgate`, and in it the tables `limit_account`, `limit_sum`, `limit_reservation` and
/// `limit_format` and the function `limits_reserve`, where they are not there yet.
///
/// The role needs the right to create a schema. The one that reserves needs less: `USAGE` on the schema;
/// `SELECT` on `callgate.limit_format`; `SELECT`, `INSERT`, `UPDATE` and `DELETE` on the other three; `EXECUTE`
/// on the function, which runs with the rights of whoever asks.
///
/// # Errors
///
/// Fails where there is no connection, where the server refuses, and where a later version made the
/// tables.
pub fn migrate_limits(database: &str) -> Result<(), PostgresSinkError> {
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
    let now = Instant::now();
    let deadline = now.checked_add(target.timeout).unwrap_or(now);
    let done = timeout_at(deadline, async {
        let session = target.connect().await?;
        create(&session).await
    });
    done.await
        .unwrap_or(Err(PostgresSinkError::TimedOut { action }))
}

async fn create(session: &Session) -> Result<(), PostgresSinkError> {
    // Two that migrate at once wait for each other: the number is a name of ours for the lock.
    let function = functions::reserving();
    let sql = format!(
        "SET search_path = pg_catalog; \
         BEGIN; \
         SELECT pg_advisory_xact_lock(4856326081231); \
         CREATE SCHEMA IF NOT EXISTS {SCHEMA}; \
         CREATE TABLE IF NOT EXISTS {SCHEMA}.limit_format ( \
           version integer NOT NULL, \
           single boolean PRIMARY KEY DEFAULT true CHECK (single)); \
         CREATE TABLE IF NOT EXISTS {SCHEMA}.limit_account ( \
           key bytea PRIMARY KEY, \
           newest bigint NOT NULL, \
           over_at bigint NOT NULL) WITH (fillfactor = 50); \
         CREATE INDEX IF NOT EXISTS limit_account_over ON {SCHEMA}.limit_account (over_at); \
         CREATE TABLE IF NOT EXISTS {SCHEMA}.limit_sum ( \
           key bytea NOT NULL, \
           slice bigint NOT NULL, \
           used numeric(39, 18) NOT NULL CHECK (used >= 0), \
           PRIMARY KEY (key, slice)) WITH (fillfactor = 50); \
         CREATE TABLE IF NOT EXISTS {SCHEMA}.limit_reservation ( \
           id bytea NOT NULL, \
           key bytea NOT NULL, \
           slice bigint NOT NULL, \
           amount numeric(39, 18) NOT NULL, \
           lapses_at bigint NOT NULL, \
           counted boolean NOT NULL DEFAULT false, \
           PRIMARY KEY (id, key)) WITH (fillfactor = 70); \
         CREATE INDEX IF NOT EXISTS limit_reservation_key \
           ON {SCHEMA}.limit_reservation (key, lapses_at); \
         {function}; \
         INSERT INTO {SCHEMA}.limit_format (version) VALUES ({FORMAT}) ON CONFLICT DO NOTHING; \
         COMMIT"
    );
    let created = session.client.batch_execute(&sql).await;
    created.map_err(told(PostgresAction::Migrate))?;
    check(&session.client).await
}

/// Tables that keep what is put into them, and a function, in a format that is known here.
pub(super) async fn check(client: &Client) -> Result<(), PostgresSinkError> {
    let connecting = told(PostgresAction::Connect);
    let sql = format!(
        "SELECT t.name, \
           c.oid IS NOT NULL AND to_regproc('{SCHEMA}.limits_reserve') IS NOT NULL, \
           c.relkind = 'r' AND EXISTS (SELECT FROM pg_constraint k \
             WHERE k.conrelid = c.oid AND k.contype = 'p'), \
           c.relpersistence = 'p', \
           c.relhasrules OR EXISTS (SELECT FROM pg_trigger \
             WHERE tgrelid = c.oid AND NOT tgisinternal), \
           c.relrowsecurity \
         FROM (VALUES ('limit_format'), ('limit_account'), ('limit_sum'), ('limit_reservation')) \
           AS t (name) \
         LEFT JOIN pg_class c ON c.oid = to_regclass('{SCHEMA}.' || t.name)"
    );
    for row in client.query(&sql, &[]).await.map_err(&connecting)? {
        let fact = |place: usize| row.try_get::<_, Option<bool>>(place);
        let facts = (|| Ok((fact(1)?, fact(2)?, fact(3)?, fact(4)?, fact(5)?)))();
        let (there, shape, permanent, triggers, hidden) = facts.map_err(&connecting)?;
        if there != Some(true) {
            let schema = SCHEMA.to_owned();
            return Err(PostgresSinkError::NoLimits { schema });
        }
        let change = if shape != Some(true) {
            PostgresChange::Shape
        } else if permanent != Some(true) {
            PostgresChange::NotPermanent
        } else if triggers != Some(false) {
            PostgresChange::Triggers
        } else if hidden != Some(false) {
            PostgresChange::RowSecurity
        } else {
            continue;
        };
        let name: String = row.try_get(0).map_err(&connecting)?;
        let table = format!("{SCHEMA}.{name}");
        return Err(PostgresSinkError::Altered { table, change });
    }
    let sql = format!("SELECT max(version) FROM {SCHEMA}.limit_format");
    let found = client.query_one(&sql, &[]).await;
    let found = found.and_then(|row| row.try_get::<_, Option<i32>>(0));
    let schema = SCHEMA.to_owned();
    match found.map_err(&connecting)? {
        Some(FORMAT) => Ok(()),
        Some(found) if found > FORMAT => Err(PostgresSinkError::Newer {
            schema,
            found,
            expected: FORMAT,
        }),
        _ => Err(PostgresSinkError::NoLimits { schema }),
    }
}
