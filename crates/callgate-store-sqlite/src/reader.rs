//! Reading a chain as one stream of lines.

use std::io::{self, Read};
use std::path::{Path, PathBuf};

use callgate_audit::{Batch, ChainName};
use rusqlite::{Connection, OpenFlags};

use crate::SqliteSinkError;
use crate::connection;
use crate::error::{At as _, SqliteAction};
use crate::layout::FRESH;
use crate::schema::LAYOUT;
use crate::writer;

/// Reads that have this many bytes stop.
const MAX_READ: usize = 4 << 20;
/// A stream looks up so many rows at once.
const ROWS: usize = 1024;

/// The lines of a chain, in the order of their rows, for [`callgate_audit::verify_reader`].
///
/// Nothing is looked into: what a row holds comes out as it is, so that it is the verifier that
/// finds what is wrong. It reads up to where the chain ended when it was opened, and holds nobody up
/// who writes.
#[derive(Debug)]
pub struct SqliteReader {
    rows: Rows,
    next: u64,
    end: u64,
    bytes: Vec<u8>,
    read: usize,
}

impl SqliteReader {
    /// Opens the chain `main` of the file at `path`.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be read, is something else, or holds no such chain.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, SqliteSinkError> {
        Self::open_chain(path, &ChainName::main())
    }

    /// Opens the chain `chain` of the file at `path`.
    ///
    /// # Errors
    ///
    /// As [`SqliteReader::open`].
    pub fn open_chain(path: impl AsRef<Path>, chain: &ChainName) -> Result<Self, SqliteSinkError> {
        let rows = Rows::open(path.as_ref(), chain)?;
        let end = rows.end()?;
        Ok(Self {
            rows,
            next: 0,
            end,
            bytes: Vec::new(),
            read: 0,
        })
    }

    /// The chains that the file at `path` holds, in the order of their names.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be read or is something else.
    pub fn chains(path: impl AsRef<Path>) -> Result<Vec<String>, SqliteSinkError> {
        let path = path.as_ref();
        let connection = connect(path)?;
        let query = connection.prepare("SELECT name FROM chain ORDER BY name");
        let names = query.and_then(|mut query| query.query_map([], |row| row.get(0))?.collect());
        names.at(SqliteAction::Read, path)
    }

    fn fill(&mut self) -> io::Result<()> {
        self.bytes.clear();
        self.read = 0;
        if self.next >= self.end {
            return Ok(());
        }
        let bytes = &mut self.bytes;
        let next = self.rows.each(self.next, ROWS, |seq, line| {
            // Rows behind the end came later.
            (seq < self.end).then_some(())?;
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
            (bytes.len() < MAX_READ).then_some(())
        });
        let next = next.map_err(io::Error::other)?;
        self.next = next.unwrap_or(self.end);
        Ok(())
    }
}

impl Read for SqliteReader {
    fn read(&mut self, into: &mut [u8]) -> io::Result<usize> {
        if self.read >= self.bytes.len() {
            self.fill()?;
        }
        let mut rest = self.bytes.get(self.read..).unwrap_or_default();
        let count = rest.read(into)?;
        self.read = self.read.saturating_add(count);
        Ok(count)
    }
}

/// A connection that only reads, and the chain that it reads.
#[derive(Debug)]
pub(crate) struct Rows {
    connection: Connection,
    chain: i64,
    path: PathBuf,
}

impl Rows {
    pub(crate) fn open(path: &Path, chain: &ChainName) -> Result<Self, SqliteSinkError> {
        let connection = connect(path)?;
        let found = writer::find(&connection, chain).at(SqliteAction::Read, path)?;
        let path = path.to_owned();
        match found {
            Some(chain) => Ok(Self {
                connection,
                chain,
                path,
            }),
            None => Err(SqliteSinkError::NoChain {
                path,
                chain: chain.to_string(),
            }),
        }
    }

    /// Records from `from` on, at most `max`.
    pub(crate) fn batch(&self, from: u64, max: usize) -> Result<Batch<'static>, SqliteSinkError> {
        // One transaction: the end and the rows are of one moment.
        let moment = self.connection.unchecked_transaction();
        let moment = moment.at(SqliteAction::Read, &self.path)?;
        let head = writer::head(&self.connection, self.chain, &self.path)?;
        if from >= head.records || max == 0 {
            return Ok(Batch::empty(head));
        }
        let mut bytes = Vec::new();
        let mut expected = from;
        self.each(from, max, |seq, line| {
            if seq != expected {
                return None;
            }
            expected = expected.saturating_add(1);
            bytes.extend_from_slice(line);
            bytes.push(b'\n');
            (bytes.len() < MAX_READ).then_some(())
        })?;
        drop(moment);
        let path = self.path.clone();
        match Batch::parse(bytes) {
            Ok(batch) if batch.start().records == from && batch.end().records == expected => {
                Ok(batch)
            }
            Ok(_) => Err(SqliteSinkError::Row { path, seq: from }),
            Err(_) if expected == from => Err(SqliteSinkError::Row { path, seq: from }),
            Err(source) => Err(SqliteSinkError::Line {
                path,
                seq: from,
                source,
            }),
        }
    }

    /// Behind the last row.
    fn end(&self) -> Result<u64, SqliteSinkError> {
        let sql = "SELECT coalesce(max(seq) + 1, 0) FROM record WHERE chain = ?1";
        let end = self
            .connection
            .query_row(sql, [self.chain], |row| row.get::<_, i64>(0));
        let end = end.at(SqliteAction::Read, &self.path)?;
        Ok(u64::try_from(end).unwrap_or(0))
    }

    /// Shows rows from `from` on, at most `max` of them, for as long as `one` says so; returns
    /// where the next ones begin, where there may be more.
    fn each(
        &self,
        from: u64,
        max: usize,
        mut one: impl FnMut(u64, &[u8]) -> Option<()>,
    ) -> Result<Option<u64>, SqliteSinkError> {
        let sql = "SELECT seq, line FROM record WHERE chain = ?1 AND seq >= ?2 ORDER BY seq";
        let mut show = || {
            let mut query = self.connection.prepare(sql)?;
            let mut rows = query.query([self.chain, writer::column(from)])?;
            let mut next = None;
            for _ in 0..max {
                let Some(row) = rows.next()? else {
                    return Ok(None);
                };
                let seq: i64 = row.get(0)?;
                let seq = u64::try_from(seq).unwrap_or(u64::MAX);
                next = Some(seq.saturating_add(1));
                if one(seq, row.get_ref(1)?.as_bytes()?).is_none() {
                    break;
                }
            }
            Ok(next)
        };
        let shown: rusqlite::Result<_> = show();
        shown.at(SqliteAction::Read, &self.path)
    }
}

/// Opens a file to read it, if it is a log.
fn connect(path: &Path) -> Result<Connection, SqliteSinkError> {
    let connection = connection::open(path, OpenFlags::SQLITE_OPEN_READ_ONLY)?;
    match LAYOUT.look(&connection, path)? {
        FRESH => Err(SqliteSinkError::NotALog {
            path: path.to_owned(),
        }),
        _ => Ok(connection),
    }
}
