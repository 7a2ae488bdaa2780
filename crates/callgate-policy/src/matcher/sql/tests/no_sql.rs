//! What no server takes.

use super::*;

/// What the server itself would refuse does not match, so that nobody has to know what it would do.
#[test]
fn not_sql_in_postgres() {
    denied(
        &read_only(SqlDialect::Postgres),
        &[
            "SELECT * FROM a JOIN b",
            "SELECT * FROM a LEFT JOIN b",
            "SELECT * FROM a JOIN b ON true JOIN c",
            "SELECT * FROM a CROSS JOIN b ON true",
            "SELECT DISTINCT FROM a",
            "SELECT DISTINCT ON (x) FROM a",
        ],
    );
}
