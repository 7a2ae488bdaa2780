//! What a file of limits holds, and whether it is one.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::SqliteSinkError;
use crate::error::{At as _, SqliteAction};

/// Tells limits from any other database: `Cgli`, in the header of the file.
const APPLICATION_ID: i64 = 0x4367_6c69;
/// The format of the file.
const FORMAT: i64 = 1;

/// The tables and indexes, each by its name, exactly as SQLite keeps them.
///
/// `sums` is what `sums.rs` says. A reservation holds one row for each of its keys.
const OBJECTS: [(&str, &str); 4] = [
    (
        "account",
        "CREATE TABLE account (\
         key BLOB PRIMARY KEY, \
         sums BLOB NOT NULL, \
         over_at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    ),
    (
        "account_over",
        "CREATE INDEX account_over ON account (over_at)",
    ),
    (
        "reservation",
        "CREATE TABLE reservation (\
         id BLOB NOT NULL, \
         key BLOB NOT NULL, \
         slice INTEGER NOT NULL, \
         amount BLOB NOT NULL, \
         lapses_at INTEGER NOT NULL, \
         counted INTEGER NOT NULL, \
         PRIMARY KEY (id, key)) STRICT, WITHOUT ROWID",
    ),
    (
        "reservation_lapses",
        "CREATE INDEX reservation_lapses ON reservation (lapses_at)",
    ),
];

/// Makes the tables in a fresh file, and fails where it is something else.
pub(super) fn prepare(connection: &mut Connection, path: &Path) -> Result<(), SqliteSinkError> {
    if is_limits(connection, path)? {
        return Ok(());
    }
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .at(SqliteAction::Write, path)?;
    // Somebody else may just have made them.
    if !is_limits(&transaction, path)? {
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

/// Whether the file holds limits; it may be fresh, too, and nothing else.
pub(super) fn is_limits(connection: &Connection, path: &Path) -> Result<bool, SqliteSinkError> {
    let other = || SqliteSinkError::NotLimits {
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
        (0, 0, 0) => Ok(false),
        (APPLICATION_ID, FORMAT, _) => compare(connection, path).map(|()| true),
        (APPLICATION_ID, found, _) if found > FORMAT => Err(SqliteSinkError::Newer {
            path: path.to_owned(),
            found,
            expected: FORMAT,
        }),
        _ => Err(other()),
    }
}

/// Nothing may be in the file but what was put there: a trigger could give back in silence.
fn compare(connection: &Connection, path: &Path) -> Result<(), SqliteSinkError> {
    let sql = r"SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'";
    let mut query = connection.prepare(sql).at(SqliteAction::Read, path)?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let found = rows.and_then(Iterator::collect::<rusqlite::Result<Vec<(String, Option<String>)>>>);
    let found = found.at(SqliteAction::Read, path)?;
    let made = |(name, sql): &(String, Option<String>)| {
        let mut objects = OBJECTS.iter();
        objects.any(|(object, text)| object == name && sql.as_deref() == Some(text))
    };
    let missing = |(object, _): &(&str, &str)| !found.iter().any(|(name, _)| name == object);
    let other = found.iter().find(|one| !made(one)).map(|(name, _)| &**name);
    let other = other.or_else(|| {
        OBJECTS
            .iter()
            .find(|one| missing(one))
            .map(|(name, _)| *name)
    });
    match other {
        None => Ok(()),
        Some(object) => Err(SqliteSinkError::Altered {
            path: path.to_owned(),
            object: object.to_owned(),
        }),
    }
}
