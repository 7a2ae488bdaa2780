//! One log in several places.

use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError, TryLockError};
use std::time::{Duration, Instant};

use super::{AuditSink, SinkError, guarded};
use crate::{Batch, Head};

/// How many records a mirror that catches up gets at once.
const STEP: usize = 1024;
/// How long an optional mirror that failed is left alone; twice as long each further time.
const FIRST_PAUSE: Duration = Duration::from_millis(500);
const LAST_PAUSE: Duration = Duration::from_secs(60);

/// A sink that keeps one log in several places: a primary, and mirrors of it.
///
/// The primary says where the log ends. A batch goes to it first, and then to the mirrors, one after
/// the other. A mirror that lacks records gets them from the primary.
///
/// * A **required** mirror must have what is acknowledged. Where it fails, nobody knows whether the
///   batch counts: it is [`SinkError::Unknown`], and the head is known again once the mirror has
///   caught up.
/// * An **optional** mirror holds up no decision but for the time that it takes. Where it fails it is
///   left alone for half a second, then longer, up to a minute, and catches up afterwards, a step with
///   each batch. [`FanOut::mirrors`] says how it stands: look at it.
///
/// A mirror that is down is behind. A mirror that has another record in some place is a **fork**: one of
/// the two logs was changed, or somebody else writes it. Nothing more is written to it. A required
/// one closes the log ([`SinkError::Poisoned`]), an optional one says [`MirrorState::Forked`].
///
/// # Examples
///
/// ```
/// use std::sync::Arc;
///
/// use callgate_audit::{FanOut, FileSink, Journal, MemorySink, MirrorState};
///
/// let folder = tempfile::tempdir()?;
/// let primary = Arc::new(FileSink::open(folder.path())?);
/// let sink = Arc::new(FanOut::new(primary).optional(Arc::new(MemorySink::new())));
/// let journal = Journal::open(sink.clone())?;
/// # let record = callgate_audit::Record::Gap(callgate_audit::GapRecord::new(chrono::Utc::now(), 3));
/// # let ask = callgate_audit::Ask::new(callgate_audit::Durability::Durable, std::time::Duration::from_secs(5));
/// journal.append(&record, ask)?;
/// assert!(matches!(sink.mirrors()[0], MirrorState::Current(head) if head.records == 1));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub struct FanOut {
    primary: Arc<dyn AuditSink>,
    mirrors: Vec<Mirror>,
}

struct Mirror {
    sink: Arc<dyn AuditSink>,
    required: bool,
    /// Held by the one that writes it: batches come one at a time.
    writing: Mutex<()>,
    status: Mutex<Status>,
}

struct Status {
    state: MirrorState,
    /// It is left alone until then.
    later: Option<Instant>,
    pause: Duration,
}

/// How a mirror stands.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub enum MirrorState {
    /// Nothing is known of it yet.
    New,
    /// It has the records up to here, as the primary had when they were last compared.
    Current(Head),
    /// It ends here, and catches up.
    Behind(Head),
    /// It failed; it is tried again.
    Down(SinkError),
    /// It is another log: it ends here, and the primary does not pass there. It is left alone for
    /// good.
    Forked(Head),
}

/// What became of a mirror.
enum Trouble {
    Failed(SinkError),
    /// The primary cannot be read.
    Primary(SinkError),
    Forked(Head),
}

impl FanOut {
    /// A log that is kept in `primary` alone, so far.
    pub fn new(primary: Arc<dyn AuditSink>) -> Self {
        let mirrors = Vec::new();
        Self { primary, mirrors }
    }

    /// Adds a mirror that must have what is acknowledged.
    #[must_use]
    pub fn required(self, mirror: Arc<dyn AuditSink>) -> Self {
        self.with(mirror, true)
    }

    /// Adds a mirror that may fail.
    #[must_use]
    pub fn optional(self, mirror: Arc<dyn AuditSink>) -> Self {
        self.with(mirror, false)
    }

    /// How each mirror stands, in the order in which they were added.
    pub fn mirrors(&self) -> Vec<MirrorState> {
        let states = self.mirrors.iter();
        states.map(|mirror| mirror.status().state.clone()).collect()
    }

    /// Gives every mirror all records that it lacks, those that are left alone for a while included.
    ///
    /// It may run beside everything else; a mirror that is long behind is best caught up so, on a
    /// thread that nobody waits for.
    ///
    /// # Errors
    ///
    /// What stands in the way of a required mirror, or of reading the primary. An optional one says
    /// it by its state.
    pub fn catch_up(&self) -> Result<(), SinkError> {
        let end = guarded(|| self.primary.head())?;
        for mirror in &self.mirrors {
            mirror.catch_up_to(end, &*self.primary)?;
        }
        Ok(())
    }

    fn with(mut self, sink: Arc<dyn AuditSink>, required: bool) -> Self {
        self.mirrors.push(Mirror {
            sink,
            required,
            writing: Mutex::new(()),
            status: Mutex::new(Status {
                state: MirrorState::New,
                later: None,
                pause: FIRST_PAUSE,
            }),
        });
        self
    }
}

impl AuditSink for FanOut {
    /// The end of the primary, once every required mirror has it.
    fn head(&self) -> Result<Head, SinkError> {
        let end = self.primary.head()?;
        for mirror in self.mirrors.iter().filter(|mirror| mirror.required) {
            mirror.catch_up_to(end, &*self.primary)?;
        }
        Ok(end)
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        self.primary.append(after, batch)?;
        // All of them get it, though one fails.
        let told = self.mirrors.iter().map(|mirror| {
            if mirror.required {
                mirror.append(after, batch, &*self.primary)
            } else {
                mirror.try_append(after, batch, &*self.primary);
                Ok(())
            }
        });
        told.fold(Ok(()), Result::and)
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        self.primary.sync(upto)?;
        let told = self.mirrors.iter().map(|mirror| mirror.sync(upto));
        told.fold(Ok(()), Result::and)
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        self.primary.read(from, max)
    }
}

impl Mirror {
    /// Gives a required mirror a batch that the primary has, and all before it.
    fn append(
        &self,
        after: Head,
        batch: &Batch<'_>,
        primary: &dyn AuditSink,
    ) -> Result<(), SinkError> {
        let _writing = lock(&self.writing);
        if let Some(head) = self.forked() {
            return self.settle(Err(Trouble::Forked(head)));
        }
        let result = self.put(after, batch, primary, usize::MAX);
        self.settle(result)
    }

    /// Gives an optional mirror a batch that the primary has, unless it is left alone. One that is
    /// behind gets a step of what it lacks.
    fn try_append(&self, after: Head, batch: &Batch<'_>, primary: &dyn AuditSink) {
        let status = self.status();
        let forked = matches!(status.state, MirrorState::Forked(_));
        if forked || status.later.is_some_and(|later| Instant::now() < later) {
            return;
        }
        drop(status);
        let _writing = match self.writing.try_lock() {
            Ok(writing) => writing,
            Err(TryLockError::Poisoned(poisoned)) => poisoned.into_inner(),
            // It is catching up right now, and will see this batch, or the next one will.
            Err(TryLockError::WouldBlock) => return,
        };
        let result = self.put(after, batch, primary, 1);
        // It says so by its state.
        let _optional = self.settle(result);
    }

    fn catch_up_to(&self, end: Head, primary: &dyn AuditSink) -> Result<(), SinkError> {
        let _writing = lock(&self.writing);
        if let Some(head) = self.forked() {
            return self.settle(Err(Trouble::Forked(head)));
        }
        let result = guarded(|| self.sink.head())
            .map_err(Trouble::Failed)
            .and_then(|head| self.follow(head, end, primary, usize::MAX));
        self.settle(result)
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        let state = self.status().state.clone();
        let current = matches!(state, MirrorState::Current(head) if head.records >= upto.records);
        if !current && !self.required {
            return Ok(());
        }
        match guarded(|| self.sink.sync(upto)) {
            Ok(()) => Ok(()),
            // It lacks records: what was asked is not known to be safe there.
            Err(error) => self.settle(Err(Trouble::Failed(error))),
        }
    }

    /// Where the mirror ends, once it has the batch, or `steps` steps of what it lacks before it.
    fn put(
        &self,
        after: Head,
        batch: &Batch<'_>,
        primary: &dyn AuditSink,
        steps: usize,
    ) -> Result<MirrorState, Trouble> {
        match guarded(|| self.sink.append(after, batch)) {
            Ok(()) => Ok(MirrorState::Current(batch.end())),
            Err(SinkError::Conflict(head)) => self.follow(head, batch.end(), primary, steps),
            Err(error) => Err(Trouble::Failed(error)),
        }
    }

    /// Takes a mirror that ends at `head` to `end`, where the primary ended, in at most `steps`
    /// steps.
    fn follow(
        &self,
        mut head: Head,
        end: Head,
        primary: &dyn AuditSink,
        steps: usize,
    ) -> Result<MirrorState, Trouble> {
        for _ in 0..steps {
            if head == end {
                return Ok(MirrorState::Current(head));
            }
            // The first record behind the mirror's end must name it, or else it is another log.
            let next = guarded(|| primary.read(head.records, STEP)).map_err(Trouble::Primary)?;
            if next.start() != head {
                return Err(Trouble::Forked(head));
            }
            if next.records() == 0 {
                // Somebody caught it up further than we knew.
                return Ok(MirrorState::Current(head));
            }
            head = match guarded(|| self.sink.append(head, &next)) {
                Ok(()) => next.end(),
                Err(SinkError::Conflict(found)) if found.records > head.records => found,
                Err(SinkError::Conflict(found)) => return Err(Trouble::Forked(found)),
                Err(error) => return Err(Trouble::Failed(error)),
            };
        }
        if head == end {
            return Ok(MirrorState::Current(head));
        }
        Ok(MirrorState::Behind(head))
    }

    /// Keeps what became of it; says what it means for the whole.
    fn settle(&self, result: Result<MirrorState, Trouble>) -> Result<(), SinkError> {
        let mut status = self.status();
        let (state, told) = match result {
            Ok(state) => {
                status.later = None;
                status.pause = FIRST_PAUSE;
                status.state = state;
                return Ok(());
            }
            // Nothing is wrong with the mirror.
            Err(Trouble::Primary(error)) => return Err(error),
            Err(Trouble::Forked(head)) => {
                let forked = SinkError::poisoned(MirrorForked { head });
                (MirrorState::Forked(head), forked)
            }
            Err(Trouble::Failed(error)) => {
                let failed = MirrorFailed {
                    source: error.clone(),
                };
                let told = match error {
                    SinkError::Poisoned(_) | SinkError::Full => SinkError::poisoned(failed),
                    _ => SinkError::unknown(failed),
                };
                (MirrorState::Down(error), told)
            }
        };
        status.state = state;
        status.later = Instant::now().checked_add(status.pause);
        status.pause = status.pause.saturating_mul(2).min(LAST_PAUSE);
        if self.required { Err(told) } else { Ok(()) }
    }

    /// Where it ends, if it is another log.
    fn forked(&self) -> Option<Head> {
        match self.status().state {
            MirrorState::Forked(head) => Some(head),
            _ => None,
        }
    }

    fn status(&self) -> MutexGuard<'_, Status> {
        lock(&self.status)
    }
}

/// A panic leaves nothing half-done behind these.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl fmt::Debug for FanOut {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("FanOut")
            .field("mirrors", &self.mirrors())
            .finish_non_exhaustive()
    }
}

/// A required mirror failed.
#[derive(Debug, thiserror::Error)]
#[error("a mirror of the log failed")]
struct MirrorFailed {
    source: SinkError,
}

/// A required mirror is another log.
#[derive(Debug, thiserror::Error)]
#[error("a mirror of the log ends at {head}, where the log does not pass")]
struct MirrorForked {
    head: Head,
}
