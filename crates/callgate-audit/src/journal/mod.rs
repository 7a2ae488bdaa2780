//! The front of a log: many threads write one chain, and none of them is a thread of its own.

mod ask;
mod buffer;
mod entry;
mod lead;
mod state;
mod store;
mod sync;
mod trouble;
mod turns;
mod wait;

pub use ask::{AppendError, Ask, JournalState, Otherwise, Stored};

use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use self::lead::guarded;
use self::state::State;
use self::turns::{Bells, Task};
use self::wait::Wait;
use crate::chain::Started;
use crate::{AuditSink, Durability, Head, Record, SinkError};

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
        let head = guarded(|| sink.head())?;
        if head != Head::EMPTY {
            guarded(|| sink.sync(head))?;
        }
        let state = State::new(head);
        Ok(Self(Arc::new(Shared {
            sink,
            durable: AtomicU64::new(head.records),
            trouble: state.trouble.flag(),
            appends: AtomicU64::new(0),
            state: Mutex::new(state),
            append_bells: Bells::default(),
            sync_bells: Bells::default(),
        })))
    }

    /// Writes `record`, and returns once it is as safe as `ask` says.
    ///
    /// # Errors
    ///
    /// Says why the record is not known to be as safe as that. It may stand in the log all the
    /// same: `ask.otherwise` says what becomes of it then.
    pub fn append(&self, record: &Record<'_>, ask: Ask) -> Result<Stored, AppendError> {
        let shared = &*self.0;
        let (body, started) = shared.encode(record);
        let mut wait = Wait::new(ask.deadline);
        let mut state = shared.lock();
        if let Some(error) = state.trouble.closed() {
            return Err(AppendError::Closed(error.clone()));
        }
        let slot = state.push(body, started, record.time(), ask.otherwise);
        let is_durable = ask.durability == Durability::Durable;
        let (mut state, answer) = if is_durable {
            shared.store_for_sync(state, slot, &mut wait)
        } else {
            shared.store(state, slot, &mut wait)
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
    /// record.
    pub fn queue(&self, record: &Record<'_>) {
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

    /// Nothing that holds the lock calls foreign code, so a panic leaves no half-made state.
    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let state = self.lock();
        let nothing = state.queue.is_empty() && state.lost == 0 && !state.trouble.is_doubtful();
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
