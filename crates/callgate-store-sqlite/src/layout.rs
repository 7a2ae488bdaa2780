//! What a file of ours holds, whether a file is one, and how it becomes one.

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::{Connection, ErrorCode, TransactionBehavior};

use crate::SqliteSinkError;
use crate::connection::{make_durable, patiently};
use crate::error::{At as _, SqliteAction};

/// The format of a file in which nothing is yet.
pub(crate) const FRESH: i64 = 0;

/// A table or an index: its name, and the statement that makes it, exactly as SQLite keeps it.
pub(crate) type Object = (&'static str, &'static str);

/// What the files of one store are. Each format holds what those before it do.
pub(crate) struct Layout {
    /// Tells them from any other database, in the header of the file.
    pub(crate) application_id: i64,
    /// What each format adds; the first of them is format 1.
    pub(crate) formats: &'static [&'static [Object]],
    /// What is said of a file that is something else, or no database at all.
    pub(crate) other: fn(PathBuf) -> SqliteSinkError,
}

impl Layout {
    /// Looks at a file, and changes nothing. What is found is its format, [`FRESH`] where nothing is in it.
    pub(crate) fn look(
        &self,
        connection: &Connection,
        path: &Path,
    ) -> Result<i64, SqliteSinkError> {
        if !connection.is_autocommit() {
            return self.look_at(connection, path);
        }
        // All of it as it is at one moment: somebody else may be making the tables.
        let moment = connection
            .unchecked_transaction()
            .at(SqliteAction::Read, path)?;
        self.look_at(&moment, path)
    }

    /// Makes a file that is ours, or fresh, one of `format` at least, whose commits wait for the device.
    pub(crate) fn prepare(
        &self,
        connection: &mut Connection,
        path: &Path,
        format: i64,
        patience: Duration,
    ) -> Result<(), SqliteSinkError> {
        patiently(patience, || self.look(connection, path))?;
        patiently(patience, || make_durable(connection, path))?;
        patiently(patience, || self.make(connection, path, format))
    }

    /// Makes what is missing for `format`, unless somebody else just did. What is there stays as it
    /// is, and so does whoever is writing it.
    pub(crate) fn make(
        &self,
        connection: &mut Connection,
        path: &Path,
        format: i64,
    ) -> Result<(), SqliteSinkError> {
        if self.look(connection, path)? >= format {
            return Ok(());
        }
        let transaction = connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .at(SqliteAction::Write, path)?;
        let found = self.look(&transaction, path)?;
        if found < format {
            for (_, sql) in self.objects(found, format) {
                let made = transaction.execute_batch(sql);
                made.at(SqliteAction::Write, path)?;
            }
            let header = [
                ("application_id", self.application_id),
                ("user_version", format),
            ];
            for (pragma, value) in header {
                let set = transaction.pragma_update(None, pragma, value);
                set.at(SqliteAction::Write, path)?;
            }
        }
        transaction.commit().at(SqliteAction::Write, path)?;
        self.look(connection, path).map(drop)
    }

    fn look_at(&self, connection: &Connection, path: &Path) -> Result<i64, SqliteSinkError> {
        let sql = "SELECT application_id, user_version, (SELECT count(*) FROM sqlite_schema) \
                   FROM pragma_application_id, pragma_user_version";
        let found = connection.query_row(sql, [], |row| {
            Ok::<(i64, i64, i64), _>((row.get(0)?, row.get(1)?, row.get(2)?))
        });
        let (application, format, objects) = match found {
            Err(error) if error.sqlite_error_code() == Some(ErrorCode::NotADatabase) => {
                return Err((self.other)(path.to_owned()));
            }
            found => found.at(SqliteAction::Read, path)?,
        };
        if (application, format, objects) == (0, FRESH, 0) {
            return Ok(FRESH);
        }
        if application != self.application_id || format <= FRESH {
            return Err((self.other)(path.to_owned()));
        }
        let latest = self.latest();
        if format > latest {
            return Err(SqliteSinkError::Newer {
                path: path.to_owned(),
                found: format,
                expected: latest,
            });
        }
        self.compare(connection, path, format)?;
        Ok(format)
    }

    /// Nothing may be in the file but what was put there: a trigger could drop or change rows in silence.
    fn compare(
        &self,
        connection: &Connection,
        path: &Path,
        format: i64,
    ) -> Result<(), SqliteSinkError> {
        // Tables and indexes whose names begin so are SQLite's own, and nobody else can give them.
        let sql = r"SELECT name, sql FROM sqlite_schema
                    WHERE name NOT LIKE 'sqlite\_%' ESCAPE '\' OR type NOT IN ('table', 'index')";
        let mut query = connection.prepare(sql).at(SqliteAction::Read, path)?;
        let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)));
        let found =
            rows.and_then(Iterator::collect::<rusqlite::Result<Vec<(String, Option<String>)>>>);
        let found = found.at(SqliteAction::Read, path)?;
        let expected: Vec<Object> = self.objects(FRESH, format).collect();
        let as_made = |(name, sql): &(String, Option<String>)| {
            let mut objects = expected.iter();
            objects.any(|(object, made)| object == name && sql.as_deref() == Some(made))
        };
        let missing = |(object, _): &&Object| !found.iter().any(|(name, _)| name == object);
        let foreign = found.iter().find(|object| !as_made(object));
        let altered = match foreign {
            Some((name, _)) => Some(name.as_str()),
            None => expected.iter().find(missing).map(|(object, _)| *object),
        };
        altered.map_or(Ok(()), |object| {
            Err(SqliteSinkError::Altered {
                path: path.to_owned(),
                object: object.to_owned(),
            })
        })
    }

    /// What the formats behind `from` add, up to `format`.
    fn objects(&self, from: i64, format: i64) -> impl Iterator<Item = Object> {
        let numbered = (FRESH.saturating_add(1)..=format).zip(self.formats);
        let added = numbered.filter(move |(number, _)| *number > from);
        added.flat_map(|(_, objects)| *objects).copied()
    }

    fn latest(&self) -> i64 {
        i64::try_from(self.formats.len()).unwrap_or(i64::MAX)
    }
}
