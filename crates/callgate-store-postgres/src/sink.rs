//! One chain in a Postgres database, as a sink.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{self, SyncSender};
use std::sync::{Arc, OnceLock};
use std::thread;

use callgate_audit::{AuditSink, Batch, Cause, ChainName, Head, SinkError};
use tokio::runtime::Runtime;

use crate::connect::Target;
use crate::error::Weight;
use crate::lane::{Lane, Questions};
use crate::reading::{Found, Read, Reading, Rows};
use crate::writing::{Write, Writing};
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
    process: u32,
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
        let worker = Worker {
            target: target.clone(),
            chain: chain.clone(),
            durable: Arc::clone(&durable),
            to_write,
            to_read,
        };
        let (started, start) = mpsc::sync_channel(1);
        let thread = thread::Builder::new().name("callgate-log".to_owned());
        let spawned = thread.spawn(move || worker.run(&started));
        spawned.map_err(|_| PostgresSinkError::NoThread)?;
        start.recv().unwrap_or(Err(PostgresSinkError::NoThread))?;
        Ok(Self {
            chain,
            target,
            writing,
            reading,
            durable,
            process: std::process::id(),
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
        if std::process::id() != self.process {
            // The one that connected goes on: nothing is poisoned here.
            return Err(SinkError::poisoned(PostgresSinkError::Forked));
        }
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
        if std::process::id() != self.process {
            return Err(SinkError::poisoned(PostgresSinkError::Forked));
        }
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

/// The thread of a sink.
struct Worker {
    target: Target,
    chain: ChainName,
    durable: Arc<AtomicU64>,
    to_write: Questions<Write, Head>,
    to_read: Questions<Read, Found>,
}

impl Worker {
    /// Connects, says how that went, and answers until the sink is gone.
    fn run(self, started: &SyncSender<Result<(), PostgresSinkError>>) {
        // Whoever waits for the start is there until it is told.
        let tell = |how| drop(started.try_send(how));
        let runtime = match runtime() {
            Ok(runtime) => runtime,
            Err(error) => return tell(Err(error)),
        };
        runtime.block_on(async {
            let reading = Reading::new(self.target.clone(), self.chain.clone());
            match Writing::open(self.target, self.chain, self.durable).await {
                Ok(writing) => {
                    tell(Ok(()));
                    // The same thread does both; what writes is not held up by what reads.
                    let reading = tokio::spawn(reading.serve(self.to_read));
                    writing.serve(self.to_write).await;
                    reading.abort();
                }
                Err(error) => tell(Err(error)),
            }
        });
    }
}

/// A runtime for one thread.
pub(crate) fn runtime() -> Result<Runtime, PostgresSinkError> {
    let mut builder = tokio::runtime::Builder::new_current_thread();
    let runtime = builder.enable_io().enable_time().build();
    runtime.map_err(|_| PostgresSinkError::NoThread)
}
