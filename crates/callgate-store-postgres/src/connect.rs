//! A connection: how it is made.

use std::future::poll_fn;
#[cfg(unix)]
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use tokio::io::{AsyncRead, AsyncWrite};
#[cfg(not(unix))]
use tokio_postgres::Socket;
use tokio_postgres::config::Host;
use tokio_postgres::error::Severity;
use tokio_postgres::tls::NoTlsStream;
use tokio_postgres::{AsyncMessage, Client, Config, Connection, NoTls, Statement};

use crate::options::Dial;
use crate::settings::{check_primary, check_settings};
use crate::tables::Tables;
use crate::{PostgresAction, PostgresSinkError, PostgresSinkOptions};

/// Where to connect to, and what a server may be like.
#[derive(Clone)]
pub(crate) struct Target {
    config: Config,
    pub(crate) timeout: Duration,
    fsync_off: bool,
    dial: Option<Dial>,
}

/// What a connection is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Purpose {
    Read,
    Write,
}

/// A connection that is ready.
pub(crate) struct Session {
    pub(crate) client: Client,
    /// The server has warned of something.
    pub(crate) warned: Arc<AtomicBool>,
}

impl Target {
    /// Reads a connection string; refuses other machines.
    pub(crate) fn parse(
        database: &str,
        options: &PostgresSinkOptions,
    ) -> Result<Self, PostgresSinkError> {
        let config = database.parse::<Config>();
        let mut config = config.map_err(|_| PostgresSinkError::BadConfig)?;
        if !options.plaintext
            && options.dial.is_none()
            && let Some(host) = far(&config)
        {
            return Err(PostgresSinkError::Plaintext { host });
        }
        config.connect_timeout(options.timeout);
        config.tcp_user_timeout(options.timeout);
        if config.get_application_name().is_none() {
            config.application_name("callgate");
        }
        Ok(Self {
            config,
            timeout: options.timeout,
            fsync_off: options.fsync_off,
            dial: options.dial.clone(),
        })
    }

    /// Connects, and looks at nothing.
    pub(crate) async fn connect(&self) -> Result<Session, PostgresSinkError> {
        let warned = Arc::new(AtomicBool::new(false));
        if let Some(dial) = &self.dial {
            let stream = dialled(dial).await?;
            let connected = self.config.connect_raw(stream, NoTls).await;
            let (client, connection) = connected.map_err(told(PostgresAction::Connect))?;
            tokio::spawn(drive(connection, Arc::clone(&warned)));
            return Ok(Session { client, warned });
        }
        let connected = self.config.connect(NoTls).await;
        let (client, connection) = connected.map_err(told(PostgresAction::Connect))?;
        tokio::spawn(drive(connection, Arc::clone(&warned)));
        Ok(Session { client, warned })
    }

    /// Connects, and looks at everything on which durability depends.
    pub(crate) async fn session(
        &self,
        purpose: Purpose,
        tables: &Tables,
    ) -> Result<Session, PostgresSinkError> {
        let session = self.connect().await?;
        let client = &session.client;
        // Nothing of somebody else's is found by a name of ours.
        let set = client.batch_execute("SET search_path = pg_catalog").await;
        set.map_err(told(PostgresAction::Connect))?;
        tables.check(client).await?;
        let commit = check_settings(client, self.fsync_off).await?;
        if tables.primary {
            check_primary(client).await?;
        }
        let timeout = self.timeout.as_millis().clamp(1, i32::MAX as u128);
        // A statement that is cancelled while it waits for a replica says that it was done. So what
        // writes is not cancelled: the one who waits for it gives up, and finds out.
        let cancelled = match purpose {
            Purpose::Read => timeout,
            Purpose::Write => 0,
        };
        let sql = format!(
            "SET synchronous_commit = '{commit}'; \
             SET lock_timeout = {timeout}; SET statement_timeout = {cancelled}; \
             SET idle_in_transaction_session_timeout = {timeout}"
        );
        let set = client.batch_execute(&sql).await;
        set.map_err(told(PostgresAction::Connect))?;
        Ok(session)
    }
}

impl Session {
    pub(crate) async fn prepare(&self, sql: &str) -> Result<Statement, PostgresSinkError> {
        let prepared = self.client.prepare(sql).await;
        prepared.map_err(told(PostgresAction::Connect))
    }
}

/// What the host gives to connect through.
#[cfg(unix)]
async fn dialled(dial: &Dial) -> Result<tokio::net::UnixStream, PostgresSinkError> {
    let failed = |error: io::Error| PostgresSinkError::NoConnection {
        action: PostgresAction::Connect,
        source: Arc::new(error),
    };
    let dial = Arc::clone(dial);
    // It may block, and may panic.
    let dialled = tokio::task::spawn_blocking(move || dial()).await;
    let stream = dialled.unwrap_or_else(|panic| Err(io::Error::other(panic)));
    let stream = stream.map_err(failed)?;
    stream.set_nonblocking(true).map_err(failed)?;
    tokio::net::UnixStream::from_std(stream).map_err(failed)
}

/// Elsewhere nobody can say how.
#[cfg(not(unix))]
async fn dialled(dial: &Dial) -> Result<Socket, PostgresSinkError> {
    match *dial {}
}

/// The first host that is another machine.
fn far(config: &Config) -> Option<String> {
    let near = |address: &std::net::IpAddr| address.is_loopback();
    let far_address = config.get_hostaddrs().iter().find(|it| !near(it));
    if let Some(address) = far_address {
        return Some(address.to_string());
    }
    config.get_hosts().iter().find_map(|host| match host {
        Host::Tcp(name) if name == "localhost" => None,
        Host::Tcp(name) => {
            let address = name.parse();
            (!address.is_ok_and(|address| near(&address))).then(|| name.clone())
        }
        #[cfg(unix)]
        Host::Unix(_) => None,
    })
}

/// Talks to the server for as long as the client is there.
async fn drive<S>(mut connection: Connection<S, NoTlsStream>, warned: Arc<AtomicBool>)
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    while let Some(Ok(message)) = poll_fn(|context| connection.poll_message(context)).await {
        if let AsyncMessage::Notice(notice) = message
            && notice.parsed_severity() == Some(Severity::Warning)
        {
            warned.store(true, Ordering::Release);
        }
    }
}

/// Says what was tried when the client failed.
pub(crate) fn told(action: PostgresAction) -> impl Fn(tokio_postgres::Error) -> PostgresSinkError {
    move |error| PostgresSinkError::of(action, &error)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(database: &str, expected: &str) {
        let told = match Target::parse(database, &PostgresSinkOptions::new()) {
            Ok(_) => "ok".to_owned(),
            Err(error) => format!("{error} {error:?}"),
        };
        assert!(told.starts_with(expected), "{told}");
        assert!(!told.contains("hunter2"), "{told}");
    }

    #[test]
    fn near_and_far() {
        check("host=/run/postgresql user=gate", "ok");
        check("host=localhost user=gate password=hunter2", "ok");
        check("host=127.0.0.1 user=gate", "ok");
        check("postgres://gate:hunter2@[::1]:5432/audit", "ok");
        let told = "`db.example` is another machine, and nothing would be encrypted";
        check("host=db.example user=gate password=hunter2", told);
        check("host=localhost,db.example user=gate", told);
        check("postgres://gate:hunter2@db.example/audit", told);
        let told = "`10.0.0.7` is another machine, and nothing would be encrypted";
        check("host=localhost hostaddr=10.0.0.7 user=gate", told);
        let options = PostgresSinkOptions::new().dangerous_plaintext();
        assert!(Target::parse("host=db.example user=gate", &options).is_ok());
    }

    #[test]
    fn connection_strings_that_cannot_be_read() {
        let told = "expected a connection string, such as ";
        check("postgres://gate:hunter2%zz@[::1/audit", told);
        check("host=localhost hunter2", told);
        check("host=localhost passwort=hunter2", told);
        check("port=hunter2", told);
    }
}
