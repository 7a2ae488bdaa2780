//! What a file of standing holds, and whether it is one.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::SqliteSinkError;
use crate::error::{At as _, SqliteAction};

/// Tells such a file from any other database: `Cgst`, in its header.
const APPLICATION_ID: i64 = 0x4367_7374;
/// The format of this version.
const FORMAT: i64 = 1;

/// The one table, as SQLite keeps it. `time` is in microseconds since 1970; `text` as
/// `docs/spec/standing.md` has it.
const TABLE: (&str, &str) = (
    "change",
    "CREATE TABLE change (\
     position INTEGER PRIMARY KEY, \
     time INTEGER NOT NULL, \
     text TEXT NOT NULL) STRICT",
);

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum State {
    /// Nothing is in it.
    Fresh,
    /// The changes of who is in good standing.
    Standing,
}

/// Looks at a file, and changes nothing.
pub(super) fn look(connection: &Connection, path: &Path) -> Result<State, SqliteSinkError> {
    let other = || SqliteSinkError::NotStanding {
        path: path.to_owned(),
    };
    // One statement: somebody else may be making the table. A trigger could drop changes in silence.
    let sql = "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema), \
               (SELECT count(*) FROM sqlite_schema WHERE name = ?1 AND sql = ?2) \
               FROM pragma_application_id, pragma_user_version";
    let found = connection.query_row(sql, TABLE, |row| {
        Ok::<(i64, i64, i64, i64), _>((row.get(0)?, row.get(1)?, row.get(2)?, row.get(3)?))
    });
    let found = match found {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            return Err(other());
        }
        found => found.at(SqliteAction::Read, path)?,
    };
    match found {
        (0, 0, 0, 0) => Ok(State::Fresh),
        (APPLICATION_ID, FORMAT, 1, 1) => Ok(State::Standing),
        (APPLICATION_ID, found, ..) if found > FORMAT => Err(SqliteSinkError::Newer {
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
    if look(&transaction, path)? == State::Fresh {
        let made = transaction.execute_batch(TABLE.1);
        made.at(SqliteAction::Write, path)?;
        for (pragma, value) in [("application_id", APPLICATION_ID), ("user_version", FORMAT)] {
            let set = transaction.pragma_update(None, pragma, value);
            set.at(SqliteAction::Write, path)?;
        }
    }
    transaction.commit().at(SqliteAction::Write, path)
}
