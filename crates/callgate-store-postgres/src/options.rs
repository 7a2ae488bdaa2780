//! How a sink is connected.

use std::time::Duration;

use callgate_audit::ChainName;

use crate::{PostgresSink, PostgresSinkError};

/// How a [`PostgresSink`] is connected.
///
/// # Examples
///
/// ```no_run
/// use std::time::Duration;
///
/// use callgate_store_postgres::PostgresSinkOptions;
///
/// let sink = PostgresSinkOptions::new()
///     .timeout(Duration::from_secs(2))
///     .connect("host=/run/postgresql dbname=audit user=gate", "desk-3".parse()?)?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct PostgresSinkOptions {
    pub(crate) timeout: Duration,
    pub(crate) plaintext: bool,
    pub(crate) fsync_off: bool,
}

impl PostgresSinkOptions {
    /// Four seconds for each call; other machines and servers that lose commits are refused.
    pub const fn new() -> Self {
        Self {
            timeout: Duration::from_secs(4),
            plaintext: false,
            fsync_off: false,
        }
    }

    /// How long a call may take, connecting anew included. After that the batch is
    /// [unknown](callgate_audit::SinkError::Unknown), and later calls find out.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Sends records, and a password where the server asks for one, to another machine without
    /// encryption. Whoever is between the two reads them, and may answer in the server's place.
    #[must_use]
    pub const fn dangerous_plaintext(mut self) -> Self {
        self.plaintext = true;
        self
    }

    /// Takes a server with `fsync` off: what it acknowledges may be lost with power, and the whole
    /// database with it. For tests.
    #[must_use]
    pub const fn dangerous_fsync_off(mut self) -> Self {
        self.fsync_off = true;
        self
    }

    /// Connects, and goes on with the chain `chain`, which begins where there is none.
    ///
    /// `database` is a connection string as `libpq` has it, with keys and values or as a URL.
    ///
    /// # Errors
    ///
    /// Fails where there is no connection, where the tables are missing or were changed, where a
    /// setting on which durability depends is not as it has to be, and where the end of the chain is
    /// not as it was written.
    pub fn connect(
        &self,
        database: &str,
        chain: ChainName,
    ) -> Result<PostgresSink, PostgresSinkError> {
        PostgresSink::with(database, chain, self)
    }
}

impl Default for PostgresSinkOptions {
    fn default() -> Self {
        Self::new()
    }
}
