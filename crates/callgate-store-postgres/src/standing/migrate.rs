//! The tables of standing: making them, and looking whether they are as they should be.

use crate::connect::Session;
use crate::tables::{SCHEMA, Tables};
use crate::{PostgresSinkError, migrate};

/// The format of this version.
pub(super) const FORMAT: i32 = 1;

/// The tables of standing.
pub(super) const STANDING: Tables = Tables {
    schema: SCHEMA,
    format: FORMAT,
    version: "standing",
    apart: false,
    // The word is one of SQL's own, which the server quotes.
    constraints: "('standing', ARRAY['PRIMARY KEY (single)']), \
                  ('change', ARRAY['PRIMARY KEY (' || quote_ident('position') || ')'])",
    there: "c.oid IS NOT NULL",
    primary: true,
    missing: |schema| PostgresSinkError::NoStanding { schema },
};

/// Creates the schema `callgate`, and in it the tables `standing` and `change`, where they are not there
/// yet.
///
/// The role needs the right to create a schema. The one that writes needs less: `USAGE` on the schema;
/// `SELECT` and `UPDATE` on `callgate.standing`; `SELECT` and `INSERT` on `callgate.change`. One that only looks
/// needs `SELECT`.
///
/// # Errors
///
/// Fails where there is no connection, where the server refuses, and where a later version made the
/// tables.
pub fn migrate_standing(database: &str) -> Result<(), PostgresSinkError> {
    migrate::work(database, create)
}

async fn create(session: &Session) -> Result<(), PostgresSinkError> {
    let tables = format!(
        "CREATE TABLE IF NOT EXISTS {SCHEMA}.standing ( \
           version integer NOT NULL, \
           position bigint NOT NULL DEFAULT 0, \
           time bigint NOT NULL DEFAULT 0, \
           single boolean PRIMARY KEY DEFAULT true CHECK (single)) WITH (fillfactor = 50); \
         CREATE TABLE IF NOT EXISTS {SCHEMA}.change ( \
           position bigint PRIMARY KEY, \
           time bigint NOT NULL, \
           text text NOT NULL); \
         INSERT INTO {SCHEMA}.standing (version) VALUES ({FORMAT}) ON CONFLICT DO NOTHING;"
    );
    migrate::create(session, &STANDING, &tables).await?;
    STANDING.check(&session.client).await
}
