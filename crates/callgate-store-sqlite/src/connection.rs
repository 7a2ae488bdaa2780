//! A connection: how a file is opened, and on what durability depends.

use std::path::Path;
use std::thread;
use std::time::{Duration, Instant};

use rusqlite::config::DbConfig;
use rusqlite::types::Value;
use rusqlite::{Connection, OpenFlags};

use crate::SqliteSinkError;
use crate::error::{At as _, SqliteAction, Weight};

/// Between two attempts at something that somebody else stands in the way of.
const PAUSE: Duration = Duration::from_micros(500);

/// Opens a file that exists, with nothing switched on that a hostile one could use.
pub(crate) fn open(path: &Path, access: OpenFlags) -> Result<Connection, SqliteSinkError> {
    let flags = access | OpenFlags::SQLITE_OPEN_NO_MUTEX;
    let connection = Connection::open_with_flags(path, flags).at(SqliteAction::Open, path)?;
    let hardened = connection
        .set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)
        .and_then(|_| connection.set_db_config(DbConfig::SQLITE_DBCONFIG_TRUSTED_SCHEMA, false));
    hardened.at(SqliteAction::Open, path)?;
    Ok(connection)
}

/// Commits wait for the device from here on.
pub(crate) fn make_durable(connection: &Connection, path: &Path) -> Result<(), SqliteSinkError> {
    for (setting, value, expected) in [
        ("journal_mode", "WAL", "wal"),
        ("synchronous", "FULL", "2"),
        // Where `fsync` leaves bytes in the cache of the device, this does not. Elsewhere it does
        // nothing.
        ("fullfsync", "ON", "1"),
        ("checkpoint_fullfsync", "ON", "1"),
    ] {
        let found = set(connection, setting, value).at(SqliteAction::Open, path)?;
        if found != expected {
            return Err(SqliteSinkError::Setting {
                path: path.to_owned(),
                setting,
                found,
                expected,
            });
        }
    }
    Ok(())
}

/// Waits where a file is being opened by somebody else, too: the mode of a journal changes alone,
/// and SQLite does not wait for that.
pub(crate) fn patiently<T>(
    patience: Duration,
    mut attempt: impl FnMut() -> Result<T, SqliteSinkError>,
) -> Result<T, SqliteSinkError> {
    let since = Instant::now();
    loop {
        match attempt() {
            Err(error) if error.weight() == Weight::Passing && since.elapsed() < patience => {
                thread::sleep(PAUSE);
            }
            done => return done,
        }
    }
}

/// Sets something, and asks what it is then.
pub(crate) fn set(connection: &Connection, setting: &str, value: &str) -> rusqlite::Result<String> {
    // Some answer when they are set, and some do not.
    let mut query = connection.prepare(&format!("PRAGMA {setting} = {value}"))?;
    query.query([])?.next()?;
    let found = connection.query_row(&format!("PRAGMA {setting}"), [], |row| row.get(0))?;
    Ok(match found {
        Value::Integer(number) => number.to_string(),
        Value::Text(text) => text,
        _ => String::new(),
    })
}

/// Somebody else is in the way.
pub(crate) fn busy() -> rusqlite::Error {
    let busy = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_BUSY);
    rusqlite::Error::SqliteFailure(busy, None)
}
