//! How a sink is opened.

use std::path::Path;
use std::time::Duration;

use callgate_audit::ChainName;

use crate::{SqliteSink, SqliteSinkError};

/// How an [`SqliteSink`] is opened.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use callgate_store_sqlite::SqliteSinkOptions;
///
/// let folder = tempfile::tempdir()?;
/// let sink = SqliteSinkOptions::new()
///     .chain("desk-3".parse()?)
///     .busy_timeout(Duration::from_secs(1))
///     .max_bytes(8 << 30)
///     .open(folder.path().join("audit.db"))?;
/// assert_eq!(sink.chain().as_str(), "desk-3");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct SqliteSinkOptions {
    pub(crate) chain: ChainName,
    pub(crate) busy_timeout: Duration,
    pub(crate) max_bytes: Option<u64>,
}

impl SqliteSinkOptions {
    /// The chain `main`; two seconds for others who write; no bound but the disk's.
    pub fn new() -> Self {
        Self {
            chain: ChainName::main(),
            busy_timeout: Duration::from_secs(2),
            max_bytes: None,
        }
    }

    /// Writes the chain of this name, and begins it where there is none.
    #[must_use]
    pub fn chain(mut self, chain: ChainName) -> Self {
        self.chain = chain;
        self
    }

    /// Waits so long for others who write the same file. After that the batch is
    /// [unknown](callgate_audit::SinkError::Unknown), though it was not stored: whoever writes may
    /// be moving this very chain, and the head tells.
    #[must_use]
    pub const fn busy_timeout(mut self, timeout: Duration) -> Self {
        self.busy_timeout = timeout;
        self
    }

    /// Takes no more records once the file, without its write-ahead log, has about `bytes` bytes.
    #[must_use]
    pub const fn max_bytes(mut self, bytes: u64) -> Self {
        self.max_bytes = Some(bytes);
        self
    }

    /// Opens the log at `path`, or begins one; nobody but the owner may read a file that is begun.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be written, is something else, was written by a later version,
    /// or where a setting on which durability depends does not take.
    pub fn open(&self, path: impl AsRef<Path>) -> Result<SqliteSink, SqliteSinkError> {
        SqliteSink::with(path.as_ref(), self)
    }
}

impl Default for SqliteSinkOptions {
    fn default() -> Self {
        Self::new()
    }
}
