//! What a file holds, and whether it is one of ours.

use std::path::Path;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::SqliteSinkError;
use crate::error::{At as _, SqliteAction};

/// Tells a log from any other database: `Cgal`, in the header of the file.
const APPLICATION_ID: i64 = 0x4367_616c;
/// The format of a file that holds a log, and no table for clear texts.
const LOG: i64 = 1;
/// The format of a file that has a table for clear texts besides: the latest.
const LOG_AND_TEXTS: i64 = 2;

/// The tables and the index of a log, each by its name, exactly as SQLite keeps them.
///
/// `line` is what was written, without its line feed. The other columns of a record are copies of
/// what stands in it. That no two rows share a place or a predecessor is what keeps a chain from
/// forking, whatever a writer does wrong.
const LOG_OBJECTS: [(&str, &str); 3] = [
    (
        "chain",
        "CREATE TABLE chain (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    ),
    (
        "record",
        "CREATE TABLE record (\
         id INTEGER PRIMARY KEY, \
         chain INTEGER NOT NULL, \
         seq INTEGER NOT NULL, \
         prev BLOB NOT NULL, \
         line BLOB NOT NULL, \
         UNIQUE (chain, seq)) STRICT",
    ),
    (
        "record_prev",
        "CREATE UNIQUE INDEX record_prev ON record (chain, prev)",
    ),
];

/// The table of clear texts; what `body` is, `texts/body.rs` says.
const TEXT_OBJECTS: [(&str, &str); 1] = [(
    "clear_text",
    "CREATE TABLE clear_text (\
     id INTEGER PRIMARY KEY, \
     commitment BLOB NOT NULL UNIQUE, \
     body BLOB NOT NULL) STRICT",
)];

/// What a file is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum State {
    /// Nothing is in it.
    Fresh,
    /// A log.
    Log,
    /// A log, and a table for clear texts.
    LogAndTexts,
}

impl State {
    /// What should be in such a file.
    fn objects(self) -> Vec<(&'static str, &'static str)> {
        match self {
            Self::Fresh => Vec::new(),
            Self::Log => LOG_OBJECTS.to_vec(),
            Self::LogAndTexts => LOG_OBJECTS.into_iter().chain(TEXT_OBJECTS).collect(),
        }
    }
}

/// Looks at a file, and changes nothing.
pub(crate) fn look(connection: &Connection, path: &Path) -> Result<State, SqliteSinkError> {
    if !connection.is_autocommit() {
        return look_at(connection, path);
    }
    // All of it as it is at one moment: somebody else may be making the tables.
    let moment = connection
        .unchecked_transaction()
        .at(SqliteAction::Read, path)?;
    look_at(&moment, path)
}

fn look_at(connection: &Connection, path: &Path) -> Result<State, SqliteSinkError> {
    let not_a_log = || SqliteSinkError::NotALog {
        path: path.to_owned(),
    };
    let sql = "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) \
               FROM pragma_application_id, pragma_user_version";
    let found = connection.query_row(sql, [], |row| {
        Ok::<(i64, i64, i64), _>((row.get(0)?, row.get(1)?, row.get(2)?))
    });
    let (application, format, objects) = match found {
        Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
            return Err(not_a_log());
        }
        found => found.at(SqliteAction::Read, path)?,
    };
    match (application, format, objects) {
        (0, 0, 0) => Ok(State::Fresh),
        (APPLICATION_ID, LOG, _) => compare(connection, path, State::Log),
        (APPLICATION_ID, LOG_AND_TEXTS, _) => compare(connection, path, State::LogAndTexts),
        (APPLICATION_ID, found, _) if found > LOG_AND_TEXTS => Err(SqliteSinkError::Newer {
            path: path.to_owned(),
            found,
            expected: LOG_AND_TEXTS,
        }),
        _ => Err(not_a_log()),
    }
}

/// Makes the tables of a log, unless somebody else just did.
pub(crate) fn create(connection: &mut Connection, path: &Path) -> Result<(), SqliteSinkError> {
    make(connection, path, LOG, |state| match state {
        State::Fresh => &LOG_OBJECTS,
        State::Log | State::LogAndTexts => &[],
    })
}

/// Makes the table for clear texts where there is none, and those of a log in a fresh file. A
/// log stays as it is, and so does whoever is writing it.
pub(crate) fn create_texts(
    connection: &mut Connection,
    path: &Path,
) -> Result<(), SqliteSinkError> {
    create(connection, path)?;
    make(connection, path, LOG_AND_TEXTS, |state| match state {
        State::Fresh | State::Log => &TEXT_OBJECTS,
        State::LogAndTexts => &[],
    })
}

/// Makes what is missing in one transaction, which also says the format.
fn make(
    connection: &mut Connection,
    path: &Path,
    format: i64,
    missing: impl Fn(State) -> &'static [(&'static str, &'static str)],
) -> Result<(), SqliteSinkError> {
    let transaction = connection
        .transaction_with_behavior(TransactionBehavior::Immediate)
        .at(SqliteAction::Write, path)?;
    let missing = missing(look(&transaction, path)?);
    for (_, sql) in missing {
        transaction
            .execute_batch(sql)
            .at(SqliteAction::Write, path)?;
    }
    if !missing.is_empty() {
        for (pragma, value) in [("application_id", APPLICATION_ID), ("user_version", format)] {
            let set = transaction.pragma_update(None, pragma, value);
            set.at(SqliteAction::Write, path)?;
        }
    }
    transaction.commit().at(SqliteAction::Write, path)
}

/// Nothing may be in the file but what was put there: a trigger could drop records in silence.
fn compare(connection: &Connection, path: &Path, state: State) -> Result<State, SqliteSinkError> {
    let expected = state.objects();
    let altered = |object: &str| SqliteSinkError::Altered {
        path: path.to_owned(),
        object: object.to_owned(),
    };
    // Names that begin so are SQLite's own, and nobody else can give them.
    let sql = r"SELECT name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\'";
    let mut query = connection.prepare(sql).at(SqliteAction::Read, path)?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
    let found = rows.and_then(Iterator::collect::<rusqlite::Result<Vec<(String, Option<String>)>>>);
    let found = found.at(SqliteAction::Read, path)?;
    for (name, sql) in &found {
        let as_made =
            |(object, made): &(&str, &str)| object == name && sql.as_deref() == Some(made);
        if !expected.iter().any(as_made) {
            return Err(altered(name));
        }
    }
    let missing = |(name, _): &&(&str, &str)| !found.iter().any(|(found, _)| found == name);
    match expected.iter().find(missing) {
        Some((name, _)) => Err(altered(name)),
        None => Ok(state),
    }
}
