//! The table of approvals: making it, and looking whether it is as it should be.

use super::functions;
use crate::connect::Session;
use crate::tables::{SCHEMA, Tables};
use crate::{PostgresSinkError, migrate};

/// The format of this version.
const FORMAT: i32 = 1;

/// The tables of approvals.
pub(super) const APPROVALS: Tables = Tables {
    schema: SCHEMA,
    format: FORMAT,
    version: "approval_format",
    apart: false,
    constraints: "('approval_format', '{PRIMARY KEY (single)}'::text[]), \
                  ('approval', '{PRIMARY KEY (id)}'::text[])",
    there: "c.oid IS NOT NULL AND to_regproc('callgate.approvals_open') IS NOT NULL \
            AND to_regproc('callgate.approvals_take') IS NOT NULL",
    primary: true,
    missing: |schema| PostgresSinkError::NoApprovals { schema },
};

/// Creates the schema `callgate`, and in it the tables `approval` and `approval_format` and the functions
/// `approvals_open` and `approvals_take`, where they are not there yet.
///
/// The role needs the right to create a schema. The one that asks and answers needs less: `USAGE` on the schema;
/// `SELECT` on `callgate.approval_format`; `SELECT`, `INSERT` and `UPDATE` on `callgate.approval`, and `DELETE` to forget
/// what is dead; `EXECUTE` on the functions, which run with the rights of whoever asks.
///
/// # Errors
///
/// Fails where there is no connection, where the server refuses, and where a later version made the
/// tables.
pub fn migrate_approvals(database: &str) -> Result<(), PostgresSinkError> {
    migrate::work(database, create)
}

/// `body` is the truth about an approval; the other columns are copies, to find it by. No index is on what most
/// steps change.
async fn create(session: &Session) -> Result<(), PostgresSinkError> {
    let (opening, taking) = (
        functions::opening(),
        functions::taking(&functions::APPROVAL),
    );
    let tables = format!(
        "CREATE TABLE IF NOT EXISTS {SCHEMA}.approval_format ( \
           version integer NOT NULL, \
           single boolean PRIMARY KEY DEFAULT true CHECK (single)); \
         CREATE TABLE IF NOT EXISTS {SCHEMA}.approval ( \
           id bytea PRIMARY KEY, \
           opened bigint GENERATED ALWAYS AS IDENTITY, \
           revision bigint NOT NULL, \
           binding bytea NOT NULL, \
           asker bytea NOT NULL, \
           tenant bytea, \
           asked bigint NOT NULL, \
           open boolean NOT NULL, \
           holds_until bigint NOT NULL, \
           dead_at bigint NOT NULL, \
           body bytea NOT NULL) WITH (fillfactor = 50); \
         CREATE INDEX IF NOT EXISTS approval_binding ON {SCHEMA}.approval (binding, opened); \
         CREATE INDEX IF NOT EXISTS approval_asker ON {SCHEMA}.approval (asker, asked); \
         CREATE INDEX IF NOT EXISTS approval_order ON {SCHEMA}.approval (asked, id); \
         CREATE INDEX IF NOT EXISTS approval_alive ON {SCHEMA}.approval (asked, id) WHERE open; \
         CREATE INDEX IF NOT EXISTS approval_dead ON {SCHEMA}.approval (dead_at); \
         {opening}; \
         {taking}; \
         INSERT INTO {SCHEMA}.approval_format (version) VALUES ({FORMAT}) ON CONFLICT DO NOTHING;"
    );
    migrate::create(session, &APPROVALS, &tables).await?;
    APPROVALS.check(&session.client).await
}
