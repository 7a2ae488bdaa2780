//! The connection that writes texts, one transaction for each batch.

use std::path::Path;
use std::time::Duration;

use callgate_audit::texts::ClearText;
use callgate_types::Digest;
use rusqlite::{Connection, OpenFlags, Transaction, TransactionBehavior, params};

use super::body;
use crate::SqliteSinkError;
use crate::connection::{self, make_durable, patiently, set};
use crate::error::{At as _, SqliteAction, Weight};
use crate::schema::{LAYOUT, LOG_AND_TEXTS};

/// Under which commitment a text is stored, and its row.
pub(super) type Row = (Digest, Vec<u8>);

pub(super) fn row(text: &ClearText<'_>) -> Row {
    (text.commitment(), body::of(text))
}

/// A connection that may write.
#[derive(Debug)]
pub(super) struct Writer {
    connection: Connection,
    /// Whether a commit waits for the device.
    full: bool,
}

impl Writer {
    /// Opens the file, which exists, and makes the table for texts where there is none.
    pub(super) fn open(path: &Path, patience: Duration) -> Result<Self, SqliteSinkError> {
        let mut connection = connection::open(path, OpenFlags::SQLITE_OPEN_READ_WRITE)?;
        connection
            .busy_timeout(patience)
            .at(SqliteAction::Open, path)?;
        LAYOUT.look(&connection, path)?;
        patiently(patience, || make_durable(&connection, path))?;
        hide_nothing(&connection, path)?;
        LAYOUT.make(&mut connection, path, LOG_AND_TEXTS)?;
        // From here on it is for the caller to say how long others are waited for.
        connection
            .busy_timeout(Duration::ZERO)
            .at(SqliteAction::Open, path)?;
        let mut writer = Self {
            connection,
            full: true,
        };
        // An erasure that a crash interrupted may have left its bytes in the write-ahead log.
        match writer.empty_log(Duration::ZERO, path) {
            Err(error) if error.weight() == Weight::Passing => {}
            emptied => emptied?,
        }
        Ok(writer)
    }

    /// Stores all of `rows` or none, waiting for others no longer than `patience`.
    pub(super) fn put<'r>(
        &mut self,
        rows: impl Iterator<Item = &'r Row>,
        durable: bool,
        patience: Duration,
        path: &Path,
    ) -> Result<(), SqliteSinkError> {
        self.wait_for_the_device(durable, path)?;
        let transaction = begin(&self.connection, patience, path)?;
        let known = put(&transaction, rows, path)?;
        transaction.commit().at(SqliteAction::Write, path)?;
        if durable && known {
            // Nothing was written anew of what was there, so nothing was waited for either.
            self.empty_log(patience, path)?;
        }
        Ok(())
    }

    /// Writes over the texts under `commitments`, and over what the write-ahead log has of them.
    pub(super) fn erase(
        &mut self,
        commitments: &[Digest],
        patience: Duration,
        path: &Path,
    ) -> Result<(), SqliteSinkError> {
        self.wait_for_the_device(true, path)?;
        let transaction = begin(&self.connection, patience, path)?;
        let mut blank = transaction
            .prepare("UPDATE clear_text SET body = zeroblob(length(body)) WHERE commitment = ?1")
            .at(SqliteAction::Write, path)?;
        for commitment in commitments {
            let blanked = blank.execute([commitment.as_bytes().as_slice()]);
            blanked.at(SqliteAction::Write, path)?;
        }
        drop(blank);
        transaction.commit().at(SqliteAction::Write, path)?;
        self.empty_log(patience, path)
    }

    /// Copies the write-ahead log into the file, syncs that, and empties the log.
    fn empty_log(&mut self, patience: Duration, path: &Path) -> Result<(), SqliteSinkError> {
        let connection = &self.connection;
        patiently(patience, || {
            let busy = connection
                .query_row("PRAGMA wal_checkpoint(TRUNCATE)", [], |row| {
                    row.get::<_, i64>(0)
                })
                .at(SqliteAction::Sync, path)?;
            if busy == 0 {
                return Ok(());
            }
            Err(connection::busy()).at(SqliteAction::Sync, path)
        })
    }

    fn wait_for_the_device(&mut self, wait: bool, path: &Path) -> Result<(), SqliteSinkError> {
        if self.full == wait {
            return Ok(());
        }
        let (value, expected) = if wait { ("FULL", "2") } else { ("NORMAL", "1") };
        expect(&self.connection, "synchronous", value, expected, path)?;
        self.full = wait;
        Ok(())
    }
}

/// Nothing of a text stays anywhere that is not written over.
fn hide_nothing(connection: &Connection, path: &Path) -> Result<(), SqliteSinkError> {
    expect(connection, "secure_delete", "ON", "1", path)?;
    // What SQLite puts aside while it works stays out of files.
    expect(connection, "temp_store", "MEMORY", "2", path)
}

fn expect(
    connection: &Connection,
    setting: &'static str,
    value: &str,
    expected: &'static str,
    path: &Path,
) -> Result<(), SqliteSinkError> {
    let found = set(connection, setting, value).at(SqliteAction::Open, path)?;
    if found == expected {
        return Ok(());
    }
    Err(SqliteSinkError::Setting {
        path: path.to_owned(),
        setting,
        found,
        expected,
    })
}

fn begin<'c>(
    connection: &'c Connection,
    patience: Duration,
    path: &Path,
) -> Result<Transaction<'c>, SqliteSinkError> {
    patiently(patience, || {
        let begun = Transaction::new_unchecked(connection, TransactionBehavior::Immediate);
        begun.at(SqliteAction::Write, path)
    })
}

/// Stores rows; says whether there was one of them already.
fn put<'r>(
    transaction: &Transaction<'_>,
    rows: impl Iterator<Item = &'r Row>,
    path: &Path,
) -> Result<bool, SqliteSinkError> {
    let prepare = |sql| transaction.prepare(sql).at(SqliteAction::Write, path);
    let mut insert = prepare(
        "INSERT INTO clear_text (commitment, body) VALUES (?1, ?2) \
         ON CONFLICT (commitment) DO NOTHING",
    )?;
    let mut known = false;
    for (commitment, body) in rows {
        let row = params![commitment.as_bytes().as_slice(), body];
        if insert.execute(row).at(SqliteAction::Write, path)? == 1 {
            continue;
        }
        // Erased before, or written by somebody who made a mistake: it is this one from now on.
        let mut update = prepare("UPDATE clear_text SET body = ?2 WHERE commitment = ?1")?;
        if update.execute(row).at(SqliteAction::Write, path)? != 1 {
            let path = path.to_owned();
            return Err(SqliteSinkError::Vanished { path });
        }
        known = true;
    }
    Ok(known)
}
