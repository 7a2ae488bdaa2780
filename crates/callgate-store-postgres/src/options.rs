//! How a sink is connected.

use std::fmt;
#[cfg(unix)]
use std::io;
#[cfg(unix)]
use std::os::unix::net::UnixStream;
#[cfg(unix)]
use std::sync::Arc;
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
#[derive(Clone)]
pub struct PostgresSinkOptions {
    pub(crate) timeout: Duration,
    pub(crate) plaintext: bool,
    pub(crate) fsync_off: bool,
    pub(crate) dial: Option<Dial>,
}

/// How a host connects by itself.
#[cfg(unix)]
pub(crate) type Dial = Arc<dyn Fn() -> io::Result<UnixStream> + Send + Sync>;
/// Nobody does.
#[cfg(not(unix))]
pub(crate) type Dial = std::convert::Infallible;

impl PostgresSinkOptions {
    /// Four seconds for each call; other machines and servers that lose commits are refused.
    pub const fn new() -> Self {
        Self {
            timeout: Duration::from_secs(4),
            plaintext: false,
            fsync_off: false,
            dial: None,
        }
    }

    /// How long a call may take, connecting anew included. After that the batch is
    /// [unknown](callgate_audit::SinkError::Unknown), and later calls find out.
    #[must_use]
    pub const fn timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    /// Connects through what `dial` gives, and not by itself: one end of a pair of sockets, say, behind
    /// whose other end the host encrypts. Then the hosts in a connection string say nothing, and other machines are
    /// not refused.
    ///
    /// The stream has to be where the protocol of Postgres begins after encryption was agreed upon: for a server that
    /// expects it the host has sent the request for it (the bytes `00 00 00 08 04 d2 16 2f`), has got the answer `S`, and
    /// has done the handshake of its TLS library, which has checked the server's name and certificate. Each
    /// connection calls `dial` anew, in a thread where it may block; the deadline of a call covers it, too.
    ///
    /// # Examples
    ///
    /// ```no_run
    /// use std::os::unix::net::UnixStream;
    ///
    /// use callgate_store_postgres::PostgresSinkOptions;
    ///
    /// # fn pump_through_tls(_: UnixStream) -> std::io::Result<()> { Ok(()) }
    /// let sink = PostgresSinkOptions::new()
    ///     .dial(|| {
    ///         let (ours, theirs) = UnixStream::pair()?;
    ///         pump_through_tls(theirs)?;
    ///         Ok(ours)
    ///     })
    ///     .connect("user=gate dbname=audit", "desk-3".parse()?)?;
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    #[cfg(unix)]
    #[must_use]
    pub fn dial(
        mut self,
        dial: impl Fn() -> io::Result<UnixStream> + Send + Sync + 'static,
    ) -> Self {
        self.dial = Some(Arc::new(dial));
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

impl fmt::Debug for PostgresSinkOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresSinkOptions")
            .field("timeout", &self.timeout)
            .field("plaintext", &self.plaintext)
            .field("fsync_off", &self.fsync_off)
            .field("dials", &self.dial.is_some())
            .finish()
    }
}

impl Default for PostgresSinkOptions {
    fn default() -> Self {
        Self::new()
    }
}
