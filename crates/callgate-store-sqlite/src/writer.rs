//! The connection that writes: how it is set up, and what one batch is.

use std::path::Path;

use callgate_audit::{Batch, ChainName, Head};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior, params};

use crate::connection;
use crate::error::{At as _, SqliteAction};
use crate::schema::{LAYOUT, LOG};
use crate::{SqliteSinkError, SqliteSinkOptions};

/// A connection that may write, and the chain that it writes.
#[derive(Debug)]
pub(crate) struct Writer {
    connection: Connection,
    chain: i64,
}

/// What became of a batch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Appended {
    /// It is stored, and durable.
    Now,
    /// The chain ended with it already.
    Before,
    /// The chain ends elsewhere.
    Elsewhere(Head),
}

impl Writer {
    /// Opens the file, which exists, and makes it a log where it is empty.
    pub(crate) fn open(path: &Path, options: &SqliteSinkOptions) -> Result<Self, SqliteSinkError> {
        let mut connection = connection::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        let timeout = connection.busy_timeout(options.busy_timeout);
        timeout.at(SqliteAction::Open, path)?;
        LAYOUT.prepare(&mut connection, path, LOG, options.busy_timeout)?;
        if let Some(bytes) = options.max_bytes {
            limit(&connection, bytes).at(SqliteAction::Open, path)?;
        }
        let chain = begun(&mut connection, &options.chain).at(SqliteAction::Write, path)?;
        Ok(Self { connection, chain })
    }

    /// The end of the chain.
    pub(crate) fn head(&self, path: &Path) -> Result<Head, SqliteSinkError> {
        head(&self.connection, self.chain, path)
    }

    /// Stores a batch in one transaction, or nothing of it.
    pub(crate) fn append(
        &mut self,
        after: Head,
        batch: &Batch<'_>,
        path: &Path,
    ) -> Result<Appended, SqliteSinkError> {
        let chain = self.chain;
        let transaction = self
            .connection
            .transaction_with_behavior(TransactionBehavior::Immediate)
            .at(SqliteAction::Write, path)?;
        // Nobody else writes now: what is found here stays so until the commit.
        let found = head(&transaction, chain, path)?;
        if found == batch.end() {
            return Ok(Appended::Before);
        }
        if found != after || batch.start() != after {
            return Ok(Appended::Elsewhere(found));
        }
        let mut insert = transaction
            .prepare("INSERT INTO record (chain, seq, prev, line) VALUES (?1, ?2, ?3, ?4)")
            .at(SqliteAction::Write, path)?;
        for (before, line) in batch.placed() {
            let seq = before.records;
            let prev = before.digest.as_bytes().as_slice();
            let rows = insert.execute(params![chain, column(seq), prev, line]);
            if rows.at(SqliteAction::Write, path)? != 1 {
                let path = path.to_owned();
                return Err(SqliteSinkError::Row { path, seq });
            }
        }
        drop(insert);
        transaction.commit().at(SqliteAction::Write, path)?;
        Ok(Appended::Now)
    }

    /// Copies the write-ahead log into the file, and syncs that; returns the end of the chain.
    ///
    /// What stands in the write-ahead log is read for this, not believed to be on the disk: its sync
    /// may have failed in a process that is gone.
    pub(crate) fn checkpoint(&self, path: &Path) -> Result<Head, SqliteSinkError> {
        let head = self.head(path)?;
        let busy = self
            .connection
            .query_row("PRAGMA wal_checkpoint(FULL)", [], |row| {
                row.get::<_, i64>(0)
            })
            .at(SqliteAction::Sync, path)?;
        if busy == 0 {
            return Ok(head);
        }
        Err(connection::busy()).at(SqliteAction::Sync, path)
    }
}

/// The number of a chain.
pub(crate) fn find(connection: &Connection, chain: &ChainName) -> rusqlite::Result<Option<i64>> {
    let sql = "SELECT id FROM chain WHERE name = ?1";
    let found = connection.query_row(sql, [chain.as_str()], |row| row.get(0));
    found.optional()
}

/// The end of a chain, as its last line says.
pub(crate) fn head(
    connection: &Connection,
    chain: i64,
    path: &Path,
) -> Result<Head, SqliteSinkError> {
    let sql = "SELECT seq, line FROM record WHERE chain = ?1 ORDER BY seq DESC LIMIT 1";
    let mut query = connection.prepare(sql).at(SqliteAction::Read, path)?;
    let last = query
        .query_row([chain], |row| Ok((row.get::<_, i64>(0)?, row.get(1)?)))
        .optional()
        .at(SqliteAction::Read, path)?;
    let Some((seq, mut line)) = last else {
        return Ok(Head::EMPTY);
    };
    let line: &mut Vec<u8> = &mut line;
    line.push(b'\n');
    let seq = u64::try_from(seq).unwrap_or(u64::MAX);
    let path = || path.to_owned();
    let batch = match Batch::parse(&**line) {
        Ok(batch) => batch,
        Err(source) => {
            return Err(SqliteSinkError::Line {
                path: path(),
                seq,
                source,
            });
        }
    };
    if batch.start().records != seq || batch.records() != 1 {
        return Err(SqliteSinkError::Row { path: path(), seq });
    }
    Ok(batch.end())
}

/// A sequence number as SQLite keeps it. No log reaches 2^63 records: such a one is found nowhere.
pub(crate) fn column(seq: u64) -> i64 {
    i64::try_from(seq).unwrap_or(i64::MAX)
}

/// Lets the file grow to `bytes` bytes.
fn limit(connection: &Connection, bytes: u64) -> rusqlite::Result<()> {
    let page: i64 = connection.query_row("PRAGMA page_size", [], |row| row.get(0))?;
    let pages = bytes
        .checked_div(u64::try_from(page).unwrap_or(0))
        .unwrap_or(0)
        .clamp(1, 0xffff_fffe);
    connection.query_row(&format!("PRAGMA max_page_count = {pages}"), [], |_| Ok(()))
}

/// The number of the chain, which begins where there is none.
fn begun(connection: &mut Connection, chain: &ChainName) -> rusqlite::Result<i64> {
    if let Some(id) = find(connection, chain)? {
        return Ok(id);
    }
    let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
    transaction.execute(
        "INSERT INTO chain (name) VALUES (?1) ON CONFLICT DO NOTHING",
        [chain.as_str()],
    )?;
    let id = find(&transaction, chain)?.ok_or(rusqlite::Error::QueryReturnedNoRows)?;
    transaction.commit()?;
    Ok(id)
}
