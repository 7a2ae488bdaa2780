//! One chain in a Postgres database, as a sink.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use callgate_audit::{AuditSink, Batch, Cause, ChainName, Head, SinkError};

use crate::connect::Target;
use crate::error::Weight;
use crate::lane::Lane;
use crate::link::Link;
use crate::reading::{Found, Read, Reading, Rows};
use crate::worker::{self, Process};
use crate::writing::{Write, Writing, Written};
use crate::{PostgresAction, PostgresReader, PostgresSinkError, PostgresSinkOptions};

/// One chain in a Postgres database.
///
/// Where the connection is lost, a new one is made and the batch sent again, if it was not stored: within
/// the deadline of the call nobody notices. Where two sinks write one chain, the second is told
/// [`SinkError::Conflict`], and the chain does not fork.
///
/// It takes no more once records are gone that were durable, a table or setting was changed, or a
/// row is not as it was written.
pub struct PostgresSink {
    chain: ChainName,
    target: Target,
    writing: Lane<Write, Head>,
    /// Over a connection of its own: reading holds up nobody who writes.
    reading: Lane<Read, Found>,
    /// How many records are durable.
    durable: Arc<AtomicU64>,
    process: Process,
    /// Why it takes no more.
    poison: OnceLock<Cause>,
}

impl PostgresSink {
    /// Connects, and goes on with the chain `chain`, which begins where there is none.
    ///
    /// # Errors
    ///
    /// As [`PostgresSinkOptions::connect`].
    pub fn connect(database: &str, chain: ChainName) -> Result<Self, PostgresSinkError> {
        PostgresSinkOptions::new().connect(database, chain)
    }

    pub(crate) fn with(
        database: &str,
        chain: ChainName,
        options: &PostgresSinkOptions,
    ) -> Result<Self, PostgresSinkError> {
        let target = Target::parse(database, options)?;
        let (writing, to_write) = Lane::new(target.timeout);
        let (reading, to_read) = Lane::new(target.timeout);
        let durable = Arc::default();
        let link = Link::<Reading>::new(target.clone(), chain.clone());
        let written = Written {
            chain: chain.clone(),
            durable: Arc::clone(&durable),
        };
        let to = target.clone();
        let process = worker::start(
            "callgate-log",
            async move || Link::<Writing>::open(to, written).await,
            async move |writing| worker::beside(writing.serve(to_write), link.serve(to_read)).await,
        )?;
        Ok(Self {
            chain,
            target,
            writing,
            reading,
            durable,
            process,
            poison: OnceLock::new(),
        })
    }

    /// The chain that it writes.
    pub const fn chain(&self) -> &ChainName {
        &self.chain
    }

    /// All lines up to now, for [`callgate_audit::verify_reader`].
    ///
    /// # Errors
    ///
    /// As [`PostgresReader::connect`].
    pub fn reader(&self) -> Result<PostgresReader, PostgresSinkError> {
        PostgresReader::of(self.target.clone(), &self.chain)
    }

    fn write(&self, question: Write, action: PostgresAction) -> Result<Head, SinkError> {
        self.usable()?;
        let told = self.writing.ask(question, action);
        told.map_err(|error| self.failed(error))
    }

    fn read_rows(&self, from: u64, max: usize) -> Result<Batch<'static>, PostgresSinkError> {
        let ask = |question| self.reading.ask(question, PostgresAction::Read);
        let Found::Rows(Rows { lines, next }) = ask(Read::Rows(from, max))? else {
            return Err(PostgresSinkError::NoThread);
        };
        let missing = PostgresSinkError::Row { seq: from };
        if lines.is_empty() {
            return match ask(Read::Head)? {
                Found::Head(head) if from >= head.records || max == 0 => Ok(Batch::empty(head)),
                _ => Err(missing),
            };
        }
        let batch = Batch::parse(lines);
        let batch = batch.map_err(|source| PostgresSinkError::Line { seq: from, source })?;
        if batch.start().records != from || Some(batch.end().records) != next {
            return Err(missing);
        }
        Ok(batch)
    }

    fn usable(&self) -> Result<(), SinkError> {
        // Nothing is poisoned here where it is another process.
        self.process.check().map_err(SinkError::poisoned)?;
        match self.poison.get() {
            Some(cause) => Err(SinkError::Poisoned(Arc::clone(cause))),
            None => Ok(()),
        }
    }

    /// What is told of `error`; from now on nothing is taken, unless it may pass.
    fn failed(&self, error: PostgresSinkError) -> SinkError {
        match error.weight() {
            Weight::Lost | Weight::Again | Weight::Passing => error.passing(),
            // The transaction was rolled back, and there may be room later.
            Weight::Full => SinkError::Full,
            Weight::Final => {
                SinkError::Poisoned(Arc::clone(self.poison.get_or_init(|| Arc::new(error))))
            }
        }
    }
}

impl AuditSink for PostgresSink {
    fn head(&self) -> Result<Head, SinkError> {
        self.write(Write::Head, PostgresAction::Settle)
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        let owned = batch.clone().into_owned();
        let end = self.write(Write::Append(after, owned), PostgresAction::Append)?;
        if end == batch.end() {
            Ok(())
        } else {
            Err(SinkError::Conflict(end))
        }
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        self.usable()?;
        if self.durable.load(Ordering::Acquire) >= upto.records {
            return Ok(());
        }
        let found = self.write(Write::Settle, PostgresAction::Settle)?;
        if found.records < upto.records || (found.records == upto.records && found != upto) {
            return Err(SinkError::Conflict(found));
        }
        Ok(())
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        self.process.check().map_err(SinkError::poisoned)?;
        self.read_rows(from, max).map_err(SinkError::unknown)
    }
}

/// Shows neither the connection string nor anything of it.
impl fmt::Debug for PostgresSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("PostgresSink")
            .field("chain", &self.chain)
            .field("durable", &self.durable)
            .field("poison", &self.poison)
            .finish_non_exhaustive()
    }
}
