//! The front of a log: many threads write one chain, and none of them is a thread of its own.

mod ask;
mod buffer;
mod entry;
mod lead;
mod state;
mod sync;
mod wait;

pub use ask::{AppendError, Ask, JournalState, Otherwise, Stored};

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use self::lead::guarded;
use self::state::State;
use self::wait::Wait;
use crate::chain::Started;
use crate::{AuditSink, Durability, Head, Record, SinkError};

/// How long [`Journal::settle`] waits for somebody else who writes.
const SETTLE: Duration = Duration::from_secs(5);

/// The one that writes a chain; clones write the same one.
///
/// A record is encoded and hashed by the thread that brings it. Then one of those who wait, the
/// leader, links all that is queued and hands it to the sink; another one leads the next batch.
/// Nobody but the leader is held by a slow sink: the others give up at their deadline.
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
    state: Mutex<State>,
    changed: Condvar,
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
        Ok(Self(Arc::new(Shared {
            sink,
            durable: AtomicU64::new(head.records),
            state: Mutex::new(State::new(head)),
            changed: Condvar::new(),
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
        state.bodies.restock();
        if let Some(error) = &state.closed {
            return Err(AppendError::Closed(error.clone()));
        }
        let slot = state.push(body, started, record.time(), ask.otherwise);
        let (seq, digest) = loop {
            if let Some(answer) = state.slots.answer(slot) {
                break answer?;
            }
            if !state.leading {
                // Whatever became of the batch, the slot says what became of this record.
                (state, _) = shared.lead(state);
                continue;
            }
            let late;
            (state, late) = wait.next(shared, state);
            if late && let Some(answer) = state.slots.answer(slot) {
                break answer?;
            }
            if late {
                state.give_up(slot);
                return Err(AppendError::TimedOut);
            }
        };
        let upto = seq.saturating_add(1);
        if ask.durability == Durability::Durable {
            let synced;
            (state, synced) = shared.make_durable(state, upto, &mut wait);
            if let Err(error) = synced {
                if ask.otherwise == Otherwise::NotBegun {
                    state.push_late(seq);
                }
                return Err(error);
            }
        }
        let durability = if state.durable >= upto {
            Durability::Durable
        } else {
            Durability::Accepted
        };
        Ok(Stored::new(seq, digest, durability))
    }

    /// Leaves `record` to whoever writes next: an append, a flush, or the drop of the last clone.
    ///
    /// It never fails and never waits for a sink, so that it may be called from a `Drop`. The
    /// queue holds 1 024 records; what finds no room is counted, and the count becomes a `gap`
    /// record.
    pub fn queue(&self, record: &Record<'_>) {
        let (body, started) = self.0.encode(record);
        let mut state = self.0.lock();
        state.bodies.restock();
        state.push_detached(body, started, record.time());
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
        self.0.lock().public()
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

    fn notify(&self, state: &State) {
        if state.waiting > 0 {
            self.changed.notify_all();
        }
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let state = self.lock();
        let nothing = state.queue.is_empty() && state.lost == 0 && state.doubt.is_none();
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
            .field("state", &state.public())
            .finish_non_exhaustive()
    }
}
