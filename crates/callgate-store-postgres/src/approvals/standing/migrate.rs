//! The table of standing approvals: making it, and looking whether it is as it should be.

use super::functions;
use crate::approvals::functions::taking;
use crate::connect::Session;
use crate::tables::{SCHEMA, Tables};
use crate::{PostgresSinkError, migrate};

/// The format of this version.
const FORMAT: i32 = 1;

/// The tables of standing approvals.
pub(super) const STANDING_APPROVALS: Tables = Tables {
    schema: SCHEMA,
    format: FORMAT,
    version: "standing_approval_format",
    apart: false,
    constraints: "('standing_approval_format', '{PRIMARY KEY (single)}'::text[]), \
                  ('standing_approval', '{PRIMARY KEY (id)}'::text[])",
    there: "c.oid IS NOT NULL AND to_regproc('callgate.standing_approvals_give') IS NOT NULL \
            AND to_regproc('callgate.standing_approvals_take') IS NOT NULL \
            AND to_regproc('callgate.standing_approvals_spend') IS NOT NULL",
    primary: true,
    missing: |schema| PostgresSinkError::NoStandingApprovals { schema },
};

/// Creates the schema `callgate`, and in it the tables `standing_approval` and `standing_approval_format` and the
/// functions `standing_approvals_give`, `standing_approvals_take` and `standing_approvals_spend`, where they are not
/// there yet. Those of approvals of single calls are not touched, and need not be there.
///
/// The role needs the right to create a schema. The one that asks and answers needs less: `USAGE` on the schema;
/// `SELECT` on `callgate.standing_approval_format`; `SELECT`, `INSERT` and `UPDATE` on `callgate.standing_approval`, and
/// `DELETE` to forget what is dead; `EXECUTE` on the functions, which run with the rights of whoever asks.
///
/// # Errors
///
/// Fails where there is no connection, where the server refuses, and where a later version made the
/// tables.
pub fn migrate_standing_approvals(database: &str) -> Result<(), PostgresSinkError> {
    migrate::work(database, create)
}

/// `terms`, `approval` and `used` are the truth about a standing approval: what it is for, which never changes; what
/// is asked, and who answered; how many uses are spent. The other columns are copies.
async fn create(session: &Session) -> Result<(), PostgresSinkError> {
    let giving = functions::giving();
    let (taking, spending) = (taking(&functions::STANDING), functions::spending());
    let tables = format!(
        "CREATE TABLE IF NOT EXISTS {SCHEMA}.standing_approval_format ( \
           version integer NOT NULL, \
           single boolean PRIMARY KEY DEFAULT true CHECK (single)); \
         CREATE TABLE IF NOT EXISTS {SCHEMA}.standing_approval ( \
           id bytea PRIMARY KEY, \
           whose bytea NOT NULL, \
           tenant bytea, \
           revision bigint NOT NULL, \
           asked bigint NOT NULL, \
           expires bigint NOT NULL, \
           uses bigint NOT NULL, \
           used bigint NOT NULL, \
           approved boolean NOT NULL, \
           open boolean NOT NULL, \
           untold boolean NOT NULL, \
           terms bytea NOT NULL, \
           approval bytea NOT NULL) WITH (fillfactor = 50); \
         CREATE INDEX IF NOT EXISTS standing_approval_whose \
           ON {SCHEMA}.standing_approval (whose, expires); \
         CREATE INDEX IF NOT EXISTS standing_approval_order \
           ON {SCHEMA}.standing_approval (asked, id); \
         CREATE INDEX IF NOT EXISTS standing_approval_dead \
           ON {SCHEMA}.standing_approval (expires); \
         {giving}; \
         {taking}; \
         {spending}; \
         INSERT INTO {SCHEMA}.standing_approval_format (version) VALUES ({FORMAT}) \
           ON CONFLICT DO NOTHING;"
    );
    migrate::create(session, &STANDING_APPROVALS, &tables).await?;
    STANDING_APPROVALS.check(&session.client).await
}
