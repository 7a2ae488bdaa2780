//! The tables of limits: making them, and looking whether they are as they should be.

use super::functions;
use crate::connect::Session;
use crate::tables::{SCHEMA, Tables};
use crate::{PostgresSinkError, migrate};

/// The format of this version.
const FORMAT: i32 = 1;

/// The tables of limits.
pub(super) const LIMITS: Tables = Tables {
    schema: SCHEMA,
    format: FORMAT,
    version: "limit_format",
    apart: false,
    constraints: "('limit_format', '{PRIMARY KEY (single)}'::text[]), \
                  ('limit_account', '{PRIMARY KEY (key)}'::text[]), \
                  ('limit_sum', '{\"PRIMARY KEY (key, slice)\"}'::text[]), \
                  ('limit_reservation', '{\"PRIMARY KEY (id, key)\"}'::text[])",
    there: "c.oid IS NOT NULL AND to_regproc('callgate.limits_reserve') IS NOT NULL",
    primary: true,
    missing: |schema| PostgresSinkError::NoLimits { schema },
};

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
    migrate::work(database, create)
}

async fn create(session: &Session) -> Result<(), PostgresSinkError> {
    let function = functions::reserving();
    let tables = format!(
        "CREATE TABLE IF NOT EXISTS {SCHEMA}.limit_format ( \
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
         INSERT INTO {SCHEMA}.limit_format (version) VALUES ({FORMAT}) ON CONFLICT DO NOTHING;"
    );
    migrate::create(session, &LIMITS, &tables).await?;
    LIMITS.check(&session.client).await
}
