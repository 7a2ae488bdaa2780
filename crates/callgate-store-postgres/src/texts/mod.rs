//! Clear texts in a Postgres database.

mod reading;
mod writing;

use std::fmt;
use std::sync::OnceLock;
use std::time::Duration;

use callgate_audit::Durability;
use callgate_audit::texts::{ClearText, StoredText, TextError, TextStore};
use callgate_types::Digest;

use self::reading::{Found, Read, Reading};
use self::writing::{Told, Write, Writing};
use crate::connect::Target;
use crate::error::Weight;
use crate::lane::Lane;
use crate::link::Link;
use crate::worker::{self, Process};
use crate::{PostgresAction, PostgresSinkError, PostgresSinkOptions};

/// Under which commitment a text is stored, and its row.
type Row = (Digest, Vec<u8>);

/// Clear texts in a Postgres database, which any number of hosts may use at once.
///
/// They are in a schema of their own, `callgate_texts`, which [`migrate_texts`](crate::migrate_texts) creates:
/// rights to it, and backups of it, can differ from those of a log in the same database (`pg_dump
/// --exclude-schema=callgate_texts`).
///
/// # What is durable
///
/// Whatever is put is durable once `put` returns, under the same conditions as in
/// [`PostgresSink`](crate::PostgresSink). What several threads put meanwhile goes into one statement.
///
/// # What is erased
///
/// A text that was erased is found by no query any more, and that is durable. Its bytes are not gone by that. Postgres
/// never writes over a row: it stays in the files of the table, and in pages that are free, until
/// [`compact_texts`](crate::compact_texts) has written them anew, as a job at night does. It stays in the
/// write-ahead log until the server has used its segments again, and for good in what was archived of it; in every
/// replica as on the server itself; in backups for as long as they are kept; and in blocks that a file
/// system or device keeps. Whoever owes more to somebody keeps texts in a database that is neither archived nor
/// replicated, or in files, or in SQLite.
///
/// # Examples
///
/// ```no_run
/// use callgate_store_postgres::{PostgresSinkOptions, PostgresTexts, migrate_texts};
///
/// let database = "host=/var/run/postgresql dbname=audit user=gate";
/// migrate_texts(database)?;
/// let texts = PostgresTexts::connect(database, &PostgresSinkOptions::new())?;
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct PostgresTexts {
    writing: Lane<Write, Told>,
    /// Over a connection of its own: reading holds up nobody who writes.
    reading: Lane<Read, Found>,
    timeout: Duration,
    process: Process,
    /// Why it takes no more.
    poison: OnceLock<TextError>,
}

impl PostgresTexts {
    /// Connects.
    ///
    /// # Errors
    ///
    /// Fails where there is no connection, where the table is missing or was changed, and where a setting on
    /// which durability depends is not as it has to be.
    pub fn connect(
        database: &str,
        options: &PostgresSinkOptions,
    ) -> Result<Self, PostgresSinkError> {
        let target = Target::parse(database, options)?;
        let timeout = target.timeout;
        let (writing, to_write) = Lane::new(timeout);
        let (reading, to_read) = Lane::new(timeout);
        let link = Link::<Reading>::new(target.clone(), ());
        let process = worker::start(
            "callgate-texts",
            async move || Writing::open(target).await,
            async move |writing| worker::beside(writing.serve(to_write), link.serve(to_read)).await,
        )?;
        Ok(Self {
            writing,
            reading,
            timeout,
            process,
            poison: OnceLock::new(),
        })
    }

    fn write(&self, question: Write, action: PostgresAction, timeout: Duration) -> Told {
        if let Some(error) = self.poison.get() {
            return Err(error.clone());
        }
        self.process.check().map_err(TextError::poisoned)?;
        let told = self.writing.ask_within(question, action, timeout);
        let told = told.map_err(failed)?;
        if let Err(error @ TextError::Poisoned(_)) = &told {
            return Err(self.poison.get_or_init(|| error.clone()).clone());
        }
        told
    }

    fn read(&self, question: Read) -> Result<Found, PostgresSinkError> {
        self.process.check()?;
        self.reading.ask(question, PostgresAction::Find)
    }
}

impl TextStore for PostgresTexts {
    /// Durable or not, it waits for the server.
    fn put(
        &self,
        texts: &[ClearText<'_>],
        _durability: Durability,
        deadline: Duration,
    ) -> Result<(), TextError> {
        TextError::check_count(texts.len())?;
        let rows = texts.iter().map(|text| {
            let mut body = Vec::new();
            text.write(&mut body);
            (text.commitment(), body)
        });
        let rows = Write::Put(rows.collect());
        self.write(rows, PostgresAction::Put, deadline)
    }

    fn find(&self, commitment: Digest) -> Result<Option<StoredText>, TextError> {
        match self
            .read(Read::Find(commitment))
            .map_err(TextError::failed)?
        {
            Found::Text(text) => Ok(text),
            Found::Commitments(_) => Err(TextError::failed(PostgresSinkError::NoThread)),
        }
    }

    fn erase(&self, commitments: &[Digest]) -> Result<(), TextError> {
        TextError::check_count(commitments.len())?;
        let erase = Write::Erase(commitments.to_vec());
        self.write(erase, PostgresAction::Erase, self.timeout)
    }

    fn list(&self, after: Option<Digest>, most: usize) -> Result<Vec<Digest>, TextError> {
        match self
            .read(Read::List(after, most))
            .map_err(TextError::failed)?
        {
            Found::Commitments(listed) => Ok(listed),
            Found::Text(_) => Err(TextError::failed(PostgresSinkError::NoThread)),
        }
    }
}

/// Shows neither the connection string nor anything of it.
impl fmt::Debug for PostgresTexts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresTexts")
            .field("poison", &self.poison)
            .finish_non_exhaustive()
    }
}

/// What is told of `error`.
fn failed(error: PostgresSinkError) -> TextError {
    match (&error, error.weight()) {
        (PostgresSinkError::TimedOut { .. }, _) => TextError::TimedOut,
        (_, Weight::Final) => TextError::poisoned(error),
        _ => TextError::failed(error),
    }
}
