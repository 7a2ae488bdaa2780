//! Putting changes into the table, and reading them.

use std::path::Path;
use std::time::Duration;

use callgate_identity::standing::{Changes, Entry, Position, StoreError};
use rusqlite::{Connection, OpenFlags, Row, TransactionBehavior, params};

use super::schema::{FORMAT, LAYOUT};
use crate::SqliteSinkError;
use crate::connection;
use crate::error::{At as _, SqliteAction};

/// Most changes that are read at once.
const MAX_ROWS: usize = 10_000;

/// A connection that may write.
#[derive(Debug)]
pub(super) struct Writer(Connection);

/// How far something came that failed.
pub(super) enum Failed {
    /// Nothing was stored.
    Before(SqliteSinkError),
    /// It may have been.
    Committing(SqliteSinkError),
}

impl Writer {
    /// Opens the file, which exists, and makes the table where it is empty.
    pub(super) fn open(path: &Path, patience: Duration) -> Result<Self, SqliteSinkError> {
        let mut connection = connection::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let timeout = connection.busy_timeout(patience);
        timeout.at(SqliteAction::Open, path)?;
        LAYOUT.prepare(&mut connection, path, FORMAT, patience)?;
        Ok(Self(connection))
    }

    /// Appends a change, by the clock of SQLite.
    pub(super) fn put(&mut self, text: &str, path: &Path) -> Result<Position, Failed> {
        let before = |error| Failed::Before(error);
        let transaction = self
            .0
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .at(SqliteAction::Write, path)
            .map_err(before)?;
        // Nobody else writes now.
        let sql = "INSERT INTO change (position, time, text) \
                   SELECT coalesce(max(position), 0) + 1, \
                     max(coalesce(max(time), 0), \
                       CAST(round(unixepoch('subsec') * 1000) AS INTEGER) * 1000), ?1 \
                   FROM change RETURNING position";
        let position = transaction.query_row(sql, params![text], |row| row.get::<_, i64>(0));
        let position = position.at(SqliteAction::Write, path).map_err(before)?;
        let committed = transaction.commit().at(SqliteAction::Write, path);
        committed.map_err(Failed::Committing)?;
        Ok(place(position))
    }
}

/// A connection that only reads.
#[derive(Debug)]
pub(super) struct Reader(Connection);

impl Reader {
    pub(super) fn open(path: &Path, patience: Duration) -> Result<Self, SqliteSinkError> {
        let connection = connection::open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let timeout = connection.busy_timeout(patience);
        timeout.at(SqliteAction::Open, path)?;
        Ok(Self(connection))
    }

    /// What is behind `after`, and the end, of one moment.
    pub(super) fn changes(
        &mut self,
        after: Position,
        max: usize,
        path: &Path,
    ) -> Result<Changes, StoreError> {
        let action = SqliteAction::Read;
        let read = |error| StoreError::unreachable(error);
        let moment = self.0.transaction().at(action, path).map_err(read)?;
        // What others did to the file meanwhile is seen here, too.
        LAYOUT.look(&moment, path).map_err(StoreError::altered)?;
        let sql = "SELECT coalesce(max(position), 0) FROM change";
        let end = moment.query_row(sql, [], |row| row.get::<_, i64>(0));
        let end = end.at(action, path).map_err(read)?;
        let sql = "SELECT position, time, text FROM change WHERE position > ?1 \
                   ORDER BY position LIMIT ?2";
        let most = i64::try_from(max.clamp(1, MAX_ROWS)).unwrap_or(i64::MAX);
        let from = i64::try_from(after.number()).unwrap_or(i64::MAX);
        let mut query = moment.prepare(sql).at(action, path).map_err(read)?;
        let mut rows = query.query([from, most]).at(action, path).map_err(read)?;
        let mut entries = Vec::new();
        while let Some(row) = rows.next().at(action, path).map_err(read)? {
            let cells = cells(row).at(action, path);
            let (position, time, text) = cells.map_err(StoreError::altered)?;
            entries.push(Entry::read(place(position), time, text)?);
        }
        let end = place(end);
        Ok(Changes { entries, end })
    }
}

fn cells<'r>(row: &'r Row<'_>) -> rusqlite::Result<(i64, i64, &'r str)> {
    Ok((row.get(0)?, row.get(1)?, row.get_ref(2)?.as_str()?))
}

/// A place that is none is found nowhere.
fn place(number: i64) -> Position {
    Position::new(u64::try_from(number).unwrap_or(u64::MAX))
}
