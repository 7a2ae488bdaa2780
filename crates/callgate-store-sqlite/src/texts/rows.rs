//! Looking texts up.

use std::path::{Path, PathBuf};

use callgate_audit::texts::StoredText;
use callgate_types::Digest;
use rusqlite::{Connection, OpenFlags, OptionalExtension as _};

use super::body;
use crate::error::{At as _, SqliteAction};
use crate::layout::FRESH;
use crate::schema::{LAYOUT, LOG};
use crate::{SqliteSinkError, connection};

/// A connection that only reads.
#[derive(Debug)]
pub(super) struct Rows {
    connection: Connection,
    path: PathBuf,
}

impl Rows {
    pub(super) fn open(path: &Path) -> Result<Self, SqliteSinkError> {
        let connection = connection::open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
        let path = path.to_owned();
        match LAYOUT.look(&connection, &path)? {
            FRESH => Err(SqliteSinkError::NotALog { path }),
            LOG => Err(SqliteSinkError::NoTexts { path }),
            _ => Ok(Self { connection, path }),
        }
    }

    pub(super) fn find(&self, commitment: Digest) -> Result<Option<StoredText>, SqliteSinkError> {
        let found = self
            .connection
            .prepare("SELECT body FROM clear_text WHERE commitment = ?1")
            .and_then(|mut query| {
                let row = query.query_row([commitment.as_bytes().as_slice()], |row| {
                    Ok(body::read(row.get_ref(0)?.as_bytes()?))
                });
                row.optional()
            });
        Ok(found.at(SqliteAction::Read, &self.path)?.flatten())
    }

    /// The commitments of texts that were not erased.
    pub(super) fn list(
        &self,
        after: Option<Digest>,
        most: usize,
    ) -> Result<Vec<Digest>, SqliteSinkError> {
        let from = after.map_or(Vec::new(), |after| after.as_bytes().to_vec());
        let most = i64::try_from(most).unwrap_or(i64::MAX);
        let listed = self
            .connection
            .prepare(
                "SELECT commitment FROM clear_text \
                 WHERE commitment > ?1 AND body <> zeroblob(length(body)) \
                 ORDER BY commitment LIMIT ?2",
            )
            .and_then(|mut query| {
                let rows = query.query_map((from, most), |row| row.get::<_, [u8; 32]>(0))?;
                rows.map(|row| row.map(Digest::from_bytes)).collect()
            });
        listed.at(SqliteAction::Read, &self.path)
    }
}
