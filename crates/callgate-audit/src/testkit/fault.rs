//! A sink that fails on demand.

use std::collections::VecDeque;
use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::Duration;

use crate::{AuditSink, Batch, Head, SinkError};

/// What a sink does instead of its work.
#[derive(Clone)]
#[non_exhaustive]
pub enum Fault {
    /// It does nothing, and says this.
    Refuse(SinkError),
    /// It does its work, and says this.
    WorkThenFail(SinkError),
    /// It panics.
    Panic,
    /// It does its work, and panics.
    WorkThenPanic,
    /// It does its work after so long.
    Slow(Duration),
    /// It does its work once this has returned.
    First(Arc<dyn Fn() + Send + Sync>),
    /// It does nothing, and says that its chain ends here: as its head, or in a conflict.
    Claim(Head),
}

impl fmt::Debug for Fault {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refuse(error) => f.debug_tuple("Refuse").field(error).finish(),
            Self::WorkThenFail(error) => f.debug_tuple("WorkThenFail").field(error).finish(),
            Self::Panic => f.write_str("Panic"),
            Self::WorkThenPanic => f.write_str("WorkThenPanic"),
            Self::Slow(time) => f.debug_tuple("Slow").field(time).finish(),
            Self::First(_) => f.write_str("First"),
            Self::Claim(head) => f.debug_tuple("Claim").field(head).finish(),
        }
    }
}

/// A sink that stands before another one and fails on demand, for tests of what is above it.
///
/// Each kind of call has a queue of faults, which its calls take one by one; where there is none,
/// the sink behind it works as ever.
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
/// use std::time::Duration;
///
/// use callgate_audit::testkit::{Fault, FaultSink};
/// use callgate_audit::{Ask, Durability, GapRecord, Journal, MemorySink, Record, SinkError};
///
/// let sink = Arc::new(FaultSink::new(MemorySink::new()));
/// let journal = Journal::open(sink.clone())?;
/// let record = Record::Gap(GapRecord::new(chrono::Utc::now(), 3));
/// let ask = Ask::new(Durability::Accepted, Duration::from_secs(5));
///
/// sink.on_append(Fault::Refuse(SinkError::Full));
/// journal.append(&record, ask).unwrap_err();
/// # Ok::<(), SinkError>(())
/// ```
#[derive(Debug, Default)]
pub struct FaultSink<S> {
    inner: S,
    heads: Queue,
    appends: Queue,
    syncs: Queue,
    reads: Queue,
}

type Queue = Mutex<VecDeque<Fault>>;

impl<S> FaultSink<S> {
    /// Stands before `inner`, and does not fail yet.
    pub fn new(inner: S) -> Self {
        Self {
            inner,
            heads: Queue::default(),
            appends: Queue::default(),
            syncs: Queue::default(),
            reads: Queue::default(),
        }
    }

    /// The sink behind it.
    pub const fn inner(&self) -> &S {
        &self.inner
    }

    /// What becomes of the next `head` for which nothing is said yet.
    pub fn on_head(&self, fault: Fault) {
        push(&self.heads, fault);
    }

    /// What becomes of the next `append` for which nothing is said yet.
    pub fn on_append(&self, fault: Fault) {
        push(&self.appends, fault);
    }

    /// What becomes of the next `sync` for which nothing is said yet.
    pub fn on_sync(&self, fault: Fault) {
        push(&self.syncs, fault);
    }

    /// What becomes of the next `read` for which nothing is said yet.
    pub fn on_read(&self, fault: Fault) {
        push(&self.reads, fault);
    }

    /// Forgets all that is still to become of anything.
    pub fn calm(&self) {
        for queue in [&self.heads, &self.appends, &self.syncs, &self.reads] {
            queue.lock().unwrap_or_else(PoisonError::into_inner).clear();
        }
    }
}

impl<S: AuditSink> AuditSink for FaultSink<S> {
    fn head(&self) -> Result<Head, SinkError> {
        act(&self.heads, Ok, || self.inner.head())
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        let claim = |head| Err(SinkError::Conflict(head));
        act(&self.appends, claim, || self.inner.append(after, batch))
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        let claim = |head| Err(SinkError::Conflict(head));
        act(&self.syncs, claim, || self.inner.sync(upto))
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        let claim = |head| Ok(Batch::empty(head));
        act(&self.reads, claim, || self.inner.read(from, max))
    }
}

#[expect(clippy::panic, reason = "a test asked for it")]
fn panics() -> ! {
    panic!("on demand")
}

fn push(queue: &Queue, fault: Fault) {
    let mut queue = queue.lock().unwrap_or_else(PoisonError::into_inner);
    queue.push_back(fault);
}

fn act<T>(
    queue: &Queue,
    claim: impl FnOnce(Head) -> Result<T, SinkError>,
    work: impl FnOnce() -> Result<T, SinkError>,
) -> Result<T, SinkError> {
    let mut faults = queue.lock().unwrap_or_else(PoisonError::into_inner);
    let next = faults.pop_front();
    drop(faults);
    match next {
        None => work(),
        Some(Fault::Refuse(error)) => Err(error),
        Some(Fault::WorkThenFail(error)) => work().and(Err(error)),
        Some(Fault::Panic) => panics(),
        Some(Fault::WorkThenPanic) => {
            work()?;
            panics()
        }
        Some(Fault::Slow(time)) => {
            thread::sleep(time);
            work()
        }
        Some(Fault::First(first)) => {
            first();
            work()
        }
        Some(Fault::Claim(head)) => claim(head),
    }
}
