//! The front of a log: many threads write one chain, and none of them is a thread of its own.

mod alone;
mod ask;
mod buffer;
mod entry;
mod lead;
mod options;
mod resume;
mod seal;
mod state;
mod store;
mod sync;
mod trouble;
mod turns;
mod wait;

pub use ask::{AppendError, Ask, JournalState, Otherwise, Stored};
pub use options::{JournalOptions, OpenError, Sealed};

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};

use self::seal::Sealing;
use self::state::State;
use self::turns::{Bells, Task};
use self::wait::Wait;
use crate::chain::Started;
use crate::sink::guarded;
use crate::{
    Anchor, AnchorError, AuditSink, Durability, Head, Record, SignError, SignedNote, Signer,
    SinkError,
};

/// How long [`Journal::settle`] waits for somebody else who writes.
const SETTLE: Duration = Duration::from_secs(5);

/// The one that writes a chain; clones write the same one.
///
/// A record is encoded and hashed by the thread that brings it. Then one of those who wait, the
/// leader, links all that is queued and hands it to the sink; another one leads the next batch.
/// Syncs go beside that, and likewise: one syncs for all that wait, and those who come meanwhile
/// write together for the next sync. Nobody but the leader is held by a slow sink: the others give
/// up at their deadline.
///
/// With a signer, the leader ends a batch with a checkpoint when one is due, a flush writes one, and
/// so does dropping the last clone.
///
/// Dropping the last clone writes what is queued.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use callgate_audit::{Ask, Durability, GapRecord, Journal, MemorySink, Record};
///
/// let sink = Arc::new(MemorySink::new());
/// let journal = Journal::open(sink.clone())?;
/// let record = Record::Gap(GapRecord::new(chrono::Utc::now(), 3));
/// let ask = Ask::new(Durability::Durable, Duration::from_secs(5));
/// assert_eq!(journal.append(&record, ask)?.seq, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone)]
pub struct Journal(Arc<Shared>);

pub(super) struct Shared {
    sink: Arc<dyn AuditSink>,
    /// Whether the sink waits for nothing.
    is_memory: bool,
    /// What `State::durable` says, for those without the lock.
    durable: AtomicU64,
    /// Whether there is a doubt, or the journal is closed.
    trouble: Arc<AtomicBool>,
    /// How many batches there were, for those who look whether one has ended.
    appends: AtomicU64,
    state: Mutex<State>,
    append_bells: Bells,
    sync_bells: Bells,
}

impl Journal {
    /// Goes on where the chain of `sink` ends, once all of it is durable. One chain has one
    /// journal.
    ///
    /// # Errors
    ///
    /// Returns what the sink says where it does not know its head, or cannot make it durable.
    pub fn open(sink: Arc<dyn AuditSink>) -> Result<Self, SinkError> {
        let head = durable_head(&*sink)?;
        Ok(Self::of(sink, State::new(head)))
    }

    /// As [`Journal::open`], with options: above all, a signer.
    ///
    /// A log that was signed before is read back to its last checkpoint. One that was not is read
    /// once as a whole.
    ///
    /// # Errors
    ///
    /// Fails as [`Journal::open`] does, and where another key signs the log: see
    /// [`Journal::change_key`].
    ///
    /// # Examples
    ///
    #[cfg_attr(feature = "ed25519", doc = "```")]
    #[cfg_attr(not(feature = "ed25519"), doc = "```ignore")]
    /// use std::sync::Arc;
    /// use std::time::Duration;
    ///
    /// use callgate_audit::{
    ///     Authenticity, Ed25519Signer, Journal, JournalOptions, MemorySink, Signer, VerifyOptions,
    ///     verify_reader,
    /// };
    ///
    /// // From a source of randomness; this one is for the example.
    /// let signer = Arc::new(Ed25519Signer::new("example.org/log", [7; 32])?);
    /// let sink = Arc::new(MemorySink::new());
    /// let options = JournalOptions::new().signer(signer.clone());
    /// let journal = Journal::open_with(sink.clone(), &options)?;
    ///
    /// // Keep the note elsewhere: it tells later whether the log still begins with these records.
    /// let note = journal.checkpoint(chrono::Utc::now(), Duration::from_secs(5))?;
    /// assert_eq!(note.size(), 0);
    ///
    /// let options = VerifyOptions::new().key(signer.key().clone()).anchored(note);
    /// let report = verify_reader(&*sink.contents(), &options)?;
    /// assert_eq!(report.authenticity, Authenticity::Ok);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn open_with(
        sink: Arc<dyn AuditSink>,
        options: &JournalOptions,
    ) -> Result<Self, OpenError> {
        let head = durable_head(&*sink).map_err(OpenError::Sink)?;
        let mut state = State::new(head);
        if let Some(signer) = &options.signer {
            let resumed = resume::resume(&*sink, head, &**signer)?;
            let every = options.every.unwrap_or(JournalOptions::EVERY).max(1);
            let interval = options.interval.unwrap_or(JournalOptions::INTERVAL);
            let due = (every, interval);
            let sealing = Sealing::new(Arc::clone(signer), due, resumed.tree, resumed.sealed);
            state.seals.is_signed = true;
            state.seals.note = resumed.note;
            state.sealing = Some(Box::new(sealing));
        }
        Ok(Self::of(sink, state))
    }

    fn of(sink: Arc<dyn AuditSink>, state: State) -> Self {
        let head = state.head;
        Self(Arc::new(Shared {
            is_memory: guarded(|| Ok(sink.is_memory())).unwrap_or(false),
            sink,
            durable: AtomicU64::new(head.records),
            trouble: state.trouble.flag(),
            appends: AtomicU64::new(0),
            state: Mutex::new(state),
            append_bells: Bells::default(),
            sync_bells: Bells::default(),
        }))
    }

    /// Writes `record`, and returns once it is as safe as `ask` says.
    ///
    /// # Errors
    ///
    /// Says why the record is not known to be as safe as that. It may stand in the log all the
    /// same: `ask.otherwise` says what becomes of it then.
    pub fn append(&self, record: &Record<'_>, ask: Ask) -> Result<Stored, AppendError> {
        let shared = &*self.0;
        if is_reserved(record) {
            let kind = record.kind();
            return Err(AppendError::Reserved { kind });
        }
        let (body, started) = shared.encode(record);
        let mut wait = Wait::new(ask.deadline);
        let mut state = shared.lock();
        if let Some(error) = state.trouble.closed() {
            return Err(AppendError::Closed(error.clone()));
        }
        state.latest = state.latest.max(record.time());
        let entry = state.entry(body, started, ask.otherwise);
        let is_durable = ask.durability == Durability::Durable;
        let (mut state, answer) = if is_durable {
            shared.store_for_sync(state, entry, &mut wait)
        } else {
            shared.store(state, entry, &mut wait)
        };
        let mut result = answer.result.map(|(seq, digest)| {
            let durability = Durability::Accepted;
            Stored::new(seq, digest, durability)
        });
        if let Ok(stored) = &mut result {
            let upto = stored.seq.saturating_add(1);
            let mut synced = Ok(());
            if is_durable {
                (state, synced) = shared.make_durable(state, upto, &mut wait);
            }
            if state.durable >= upto {
                stored.durability = Durability::Durable;
            }
            if let Err(error) = synced {
                if ask.otherwise == Otherwise::NotBegun {
                    state.push_late(stored.seq);
                }
                result = Err(error);
            }
        }
        shared.pass_on(&mut state, Task::Sync);
        drop(state);
        buffer::give(answer.body);
        result
    }

    /// Leaves `record` to whoever writes next: an append, a flush, or the drop of the last clone.
    ///
    /// It never fails and never waits for a sink, so that it may be called from a `Drop`. The
    /// queue holds 1 024 records; what finds no room is counted, and the count becomes a `gap`
    /// record. So does a checkpoint: the journal writes those by itself.
    pub fn queue(&self, record: &Record<'_>) {
        if is_reserved(record) {
            let mut state = self.0.lock();
            state.lost = state.lost.saturating_add(1);
            return;
        }
        let (body, started) = self.0.encode(record);
        let mut state = self.0.lock();
        state.push_detached(body, started, record.time());
        let spare = state.bodies.take();
        drop(state);
        buffer::give(spare);
    }

    /// Writes what is queued, and returns once everything written until now is durable.
    ///
    /// # Errors
    ///
    /// As [`Journal::append`].
    pub fn flush(&self, deadline: Duration) -> Result<(), AppendError> {
        self.0.flush(deadline)
    }

    /// Writes a checkpoint over all records until now, also where nothing came since the last one,
    /// and returns its note once it is durable. It carries the time `now`, or a later one that
    /// came with a record.
    ///
    /// # Errors
    ///
    /// As [`Journal::append`], and [`AppendError::NotSigned`] without a signer, or where it fails.
    pub fn checkpoint(
        &self,
        now: DateTime<Utc>,
        deadline: Duration,
    ) -> Result<SignedNote, AppendError> {
        self.0.checkpoint(now, None, deadline)
    }

    /// From now on `next` signs, whose key has the same name. The last signature of the key until
    /// now covers the record that names its successor: its secret can be destroyed then.
    ///
    /// # Errors
    ///
    /// As [`Journal::checkpoint`]. Where it is not known whether the key was changed, later calls
    /// find out: opening the log again accepts the key in force alone.
    pub fn change_key(
        &self,
        next: Arc<dyn Signer>,
        now: DateTime<Utc>,
        deadline: Duration,
    ) -> Result<SignedNote, AppendError> {
        if self
            .0
            .origin()
            .is_some_and(|origin| origin != next.key().name())
        {
            return Err(AppendError::NotSigned(SignError::BadName));
        }
        self.0.checkpoint(now, Some(next), deadline)
    }

    /// Writes a checkpoint, and has `anchor` keep its note.
    ///
    /// A journal never does that by itself, and holds nobody while the anchor takes its time: how
    /// often a host calls this is how much of a log can be written anew by whoever has its key.
    ///
    /// # Errors
    ///
    /// Fails where there is no checkpoint, and where the anchor does not keep it.
    pub fn anchor_to(
        &self,
        anchor: &dyn Anchor,
        now: DateTime<Utc>,
        deadline: Duration,
    ) -> Result<SignedNote, AnchorError> {
        let note = self
            .checkpoint(now, deadline)
            .map_err(AnchorError::Journal)?;
        anchor.publish(&note)?;
        Ok(note)
    }

    /// How far the log is signed; `None` without a signer.
    pub fn sealed(&self) -> Option<Sealed> {
        let state = self.0.lock();
        state.seals.is_signed.then(|| Sealed {
            records: state.seals.note.as_ref().map(SignedNote::size),
            failed: state.seals.failed.clone(),
        })
    }

    /// Whether the sink keeps its chain in memory alone: see [`AuditSink::is_memory`].
    pub fn is_memory(&self) -> bool {
        self.0.is_memory
    }

    /// Whether the journal writes.
    pub fn state(&self) -> JournalState {
        if !self.0.trouble.load(Ordering::Acquire) {
            return JournalState::Open;
        }
        self.0.lock().trouble.public()
    }

    /// Finds out what is not known, where the journal is in doubt. Every append does so first.
    ///
    /// # Errors
    ///
    /// [`AppendError::Unknown`] where the sink still gives no answer, [`AppendError::Closed`]
    /// where the answer closed the journal.
    pub fn settle(&self) -> Result<(), AppendError> {
        self.0.settle(SETTLE)
    }
}

impl Shared {
    /// Encodes and hashes `record`, without a lock.
    fn encode(&self, record: &Record<'_>) -> (Vec<u8>, Started) {
        let mut body = buffer::take();
        record.encode(self.durable.load(Ordering::Acquire), &mut body);
        let started = Started::of(&body);
        (body, started)
    }

    /// The name of the log, where it is signed.
    fn origin(&self) -> Option<String> {
        let state = self.lock();
        let note = state.seals.note.as_ref().map(SignedNote::origin);
        let sealing = state.sealing.as_ref().map(|one| one.origin());
        sealing.or(note).map(str::to_owned)
    }

    /// Nothing that holds the lock calls foreign code, so a panic leaves no half-made state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// Whether a record says what only the one that links it can know.
const fn is_reserved(record: &Record<'_>) -> bool {
    matches!(record, Record::Checkpoint(_) | Record::KeyChanged(_))
}

/// The head of a sink, once all of it is durable.
fn durable_head(sink: &dyn AuditSink) -> Result<Head, SinkError> {
    let head = guarded(|| sink.head())?;
    if head != Head::EMPTY {
        guarded(|| sink.sync(head))?;
    }
    Ok(head)
}

impl Drop for Shared {
    fn drop(&mut self) {
        let state = self.lock();
        let nothing = state.queue.is_empty()
            && state.lost == 0
            && !state.trouble.is_doubtful()
            && !state.is_unsealed();
        drop(state);
        if !nothing {
            // Nobody is left to tell.
            let _unwritten = self.flush(SETTLE);
        }
    }
}

impl fmt::Debug for Journal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let state = self.0.lock();
        f.debug_struct("Journal")
            .field("head", &state.head)
            .field("durable", &state.durable)
            .field("state", &state.trouble.public())
            .finish_non_exhaustive()
    }
}
