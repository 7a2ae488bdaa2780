//! What a file of approvals holds, and whether it is one.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::SqliteSinkError;
use crate::error::{At as _, SqliteAction};

/// Tells approvals from any other database: `Cgap`, in the header of the file.
const APPLICATION_ID: i64 = 0x4367_6170;
/// The latest format.
const FORMAT: i64 = 1;

/// The table and its indexes, exactly as SQLite keeps them.
///
/// `body` is the approval, as JSON: the truth about it. The other columns are copies, to find it by. Times
/// are in microseconds since 1970.
const OBJECTS: [(&str, &str); 4] = [
    (
        "approval",
        "CREATE TABLE approval (\
         id BLOB PRIMARY KEY, \
         revision INTEGER NOT NULL, \
         binding BLOB NOT NULL, \
         tenant TEXT, \
         subject TEXT NOT NULL, \
         asked INTEGER NOT NULL, \
         expires INTEGER NOT NULL, \
         open INTEGER NOT NULL, \
         body TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ),
    (
        "approval_binding",
        "CREATE INDEX approval_binding ON approval (binding, asked)",
    ),
    (
        "approval_order",
        "CREATE INDEX approval_order ON approval (asked, id)",
    ),
    (
        "approval_subject",
        "CREATE INDEX approval_subject ON approval (subject, tenant, asked)",
    ),
];

/// Whether nothing is in the file yet.
pub(super) fn look(connection: &Connection, path: &Path) -> Result<bool, SqliteSinkError> {
    let other = || SqliteSinkError::NotApprovals {
        path: path.to_owned(),
    };
    let sql = "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) \
               FROM pragma_application_id, pragma_user_version";
    let found = connection.query_row(sql, [], |row| {
        Ok::<(i64, i64, i64), _>((row.get(0)?, row.get(1)?, row.get(2)?))
    });
    let found = match found {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            return Err(other());
        }
        found => found.at(SqliteAction::Read, path)?,
    };
    match found {
        (0, 0, 0) => Ok(true),
        (APPLICATION_ID, FORMAT, _) => compare(connection, path).map(|()| false),
        (APPLICATION_ID, found, _) if found > FORMAT => Err(SqliteSinkError::Newer {
            path: path.to_owned(),
            found,
            expected: FORMAT,
        }),
        _ => Err(other()),
    }
}

/// Makes the table, unless somebody else just did.
pub(super) fn create(connection: &mut Connection, path: &Path) -> Result<(), SqliteSinkError> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .at(SqliteAction::Write, path)?;
    if look(&transaction, path)? {
        for (_, sql) in OBJECTS {
            transaction
                .execute_batch(sql)
                .at(SqliteAction::Write, path)?;
        }
        for (pragma, value) in [("application_id", APPLICATION_ID), ("user_version", FORMAT)] {
            let set = transaction.pragma_update(None, pragma, value);
            set.at(SqliteAction::Write, path)?;
        }
    }
    transaction.commit().at(SqliteAction::Write, path)
}

/// Nothing may be in the file but what was put there: a trigger could approve in silence.
fn compare(connection: &Connection, path: &Path) -> Result<(), SqliteSinkError> {
    let sql = r"SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'";
    let mut query = connection.prepare(sql).at(SqliteAction::Read, path)?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let found = rows.and_then(Iterator::collect::<rusqlite::Result<Vec<(String, Option<String>)>>>);
    let found = found.at(SqliteAction::Read, path)?;
    let as_made = |(name, sql): &(String, Option<String>)| {
        OBJECTS
            .iter()
            .any(|(object, made)| object == name && sql.as_deref() == Some(made))
    };
    let foreign = found.iter().find(|object| !as_made(object));
    let missing = OBJECTS
        .iter()
        .find(|(name, _)| !found.iter().any(|(found, _)| found == name));
    let altered = foreign
        .map(|(name, _)| name.as_str())
        .or(missing.map(|(name, _)| *name));
    altered.map_or(Ok(()), |object| {
        Err(SqliteSinkError::Altered {
            path: path.to_owned(),
            object: object.to_owned(),
        })
    })
}
