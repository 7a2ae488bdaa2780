//! Sinks whose calls are futures, for hosts with a runtime of their own.

use std::collections::VecDeque;
use std::fmt;
use std::future::Future;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::pin::Pin;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::task::{Context, Poll, Waker};
use std::thread::{self, ThreadId};
use std::time::{Duration, Instant};

use super::{AuditSink, SinkError};
use crate::{Batch, Head};

/// The answer of an [`AsyncAuditSink`], some time.
pub type SinkFuture<'a, T> = Pin<Box<dyn Future<Output = Result<T, SinkError>> + Send + 'a>>;

/// Where the records of one chain are stored, by calls that are awaited.
///
/// What each of them promises is what [`AuditSink`] says. [`bridge`] makes a sink of it.
pub trait AsyncAuditSink: Send + Sync {
    /// As [`AuditSink::head`].
    fn head(&self) -> SinkFuture<'_, Head>;

    /// As [`AuditSink::append`].
    fn append(&self, after: Head, batch: Batch<'static>) -> SinkFuture<'_, ()>;

    /// As [`AuditSink::sync`].
    fn sync(&self, upto: Head) -> SinkFuture<'_, ()>;

    /// As [`AuditSink::read`].
    fn read(&self, from: u64, max: usize) -> SinkFuture<'_, Batch<'static>>;
}

/// Makes a sink of one whose calls are awaited: the host spawns the driver on its runtime, and gives
/// the sink to a journal.
///
/// A call of the sink blocks the thread that makes it until the driver has the answer. After `timeout`
/// it is [`SinkError::Unknown`]; what was begun goes on, and the head is told after it has ended.
/// Appends and heads come one at a time and in order; a sync and a read run beside them.
///
/// **Never call the sink from the thread that drives it.** It would wait for itself. A runtime with
/// a single thread is no place for both: give the gate a thread where blocking is allowed, or the
/// driver a runtime of its own. Whoever calls from the thread that drove last is told so at
/// once, by [`SinkError::Unknown`].
///
/// Once the driver is dropped, the sink is [`SinkError::Poisoned`]. The driver ends when the sink is
/// dropped and all is done.
///
/// # Examples
///
/// ```
/// use std::time::Duration;
///
/// use callgate_audit::{
///     AsyncAuditSink, AuditSink, Batch, Head, MemorySink, SinkFuture, bridge,
/// };
///
/// /// Somewhere far away.
/// struct Far(MemorySink);
///
/// impl AsyncAuditSink for Far {
///     fn head(&self) -> SinkFuture<'_, Head> {
///         Box::pin(async { self.0.head() })
///     }
///     fn append(&self, after: Head, batch: Batch<'static>) -> SinkFuture<'_, ()> {
///         Box::pin(async move { self.0.append(after, &batch) })
///     }
///     fn sync(&self, upto: Head) -> SinkFuture<'_, ()> {
///         Box::pin(async move { self.0.sync(upto) })
///     }
///     fn read(&self, from: u64, max: usize) -> SinkFuture<'_, Batch<'static>> {
///         Box::pin(async move { self.0.read(from, max) })
///     }
/// }
///
/// let (sink, driver) = bridge(Far(MemorySink::new()), Duration::from_secs(4));
/// # fn spawn(driver: impl std::future::Future<Output = ()> + Send + 'static) {
/// #     struct Unpark(std::thread::Thread);
/// #     impl std::task::Wake for Unpark {
/// #         fn wake(self: std::sync::Arc<Self>) { self.0.unpark() }
/// #     }
/// #     std::thread::spawn(|| {
/// #         let waker = std::sync::Arc::new(Unpark(std::thread::current())).into();
/// #         let mut context = std::task::Context::from_waker(&waker);
/// #         let mut driver = std::pin::pin!(driver);
/// #         while driver.as_mut().poll(&mut context).is_pending() { std::thread::park() }
/// #     });
/// # }
/// // On the runtime of the host: `tokio::spawn(driver)`, say.
/// spawn(driver);
/// assert_eq!(sink.head()?, Head::EMPTY);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
pub fn bridge(
    sink: impl AsyncAuditSink + 'static,
    timeout: Duration,
) -> (BridgeSink, BridgeDriver) {
    let lanes = Arc::new(Lanes::default());
    let bridge = BridgeSink {
        sink: Arc::new(sink),
        timeout,
        lanes: Arc::clone(&lanes),
    };
    let running = Default::default();
    (bridge, BridgeDriver { lanes, running })
}

/// The side of a [`bridge`] that blocks.
pub struct BridgeSink {
    sink: Arc<dyn AsyncAuditSink>,
    timeout: Duration,
    lanes: Arc<Lanes>,
}

/// The side of a [`bridge`] that is awaited; it never fails.
#[must_use = "a driver does nothing unless it is spawned"]
pub struct BridgeDriver {
    lanes: Arc<Lanes>,
    /// What was begun, in each lane.
    running: [Option<Work>; LANES],
}

/// A call, from its beginning to its answer.
type Work = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Calls of one lane come one at a time and in order.
const LANES: usize = 3;
const WRITE: usize = 0;
const SYNC: usize = 1;
const READ: usize = 2;

/// Calls that wait for the driver.
#[derive(Default)]
struct Lanes(Mutex<Queues>);

#[derive(Default)]
struct Queues {
    waiting: [VecDeque<Work>; LANES],
    waker: Option<Waker>,
    /// The thread that drove last.
    driven_by: Option<ThreadId>,
    /// The sink is gone.
    over: bool,
    /// The driver is gone.
    abandoned: bool,
}

impl BridgeSink {
    /// Has the driver do `call`, and blocks until it has, or the time is up.
    fn ask<T: Send + 'static>(
        &self,
        lane: usize,
        call: impl FnOnce(Arc<dyn AsyncAuditSink>) -> Called<T> + Send + 'static,
    ) -> Result<T, SinkError> {
        let answer = Arc::new(Answer::default());
        let promise = Promise(Arc::clone(&answer));
        let sink = Arc::clone(&self.sink);
        let work = Box::pin(async move {
            if promise.begin() {
                let told = call(sink).await;
                promise.0.set(Stage::Told(told));
            }
        });
        let mut queues = self.lanes.lock();
        if queues.abandoned {
            return Err(SinkError::poisoned(NoDriver));
        }
        if queues.driven_by == Some(thread::current().id()) {
            return Err(SinkError::unknown(OwnThread));
        }
        if let Some(queue) = queues.waiting.get_mut(lane) {
            queue.push_back(work);
        }
        let waker = queues.waker.take();
        drop(queues);
        if let Some(waker) = waker {
            waker.wake();
        }
        answer.wait(self.timeout)
    }
}

/// A call that has its sink with it.
type Called<T> = Pin<Box<dyn Future<Output = Result<T, SinkError>> + Send>>;

impl AuditSink for BridgeSink {
    fn head(&self) -> Result<Head, SinkError> {
        self.ask(WRITE, |sink| Box::pin(async move { sink.head().await }))
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        let batch = batch.clone().into_owned();
        self.ask(WRITE, move |sink| {
            Box::pin(async move { sink.append(after, batch).await })
        })
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        self.ask(SYNC, move |sink| {
            Box::pin(async move { sink.sync(upto).await })
        })
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        self.ask(READ, move |sink| {
            Box::pin(async move { sink.read(from, max).await })
        })
    }
}

impl Drop for BridgeSink {
    fn drop(&mut self) {
        let mut queues = self.lanes.lock();
        queues.over = true;
        let waker = queues.waker.take();
        drop(queues);
        if let Some(waker) = waker {
            waker.wake();
        }
    }
}

impl Future for BridgeDriver {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<()> {
        let lanes = Arc::clone(&self.lanes);
        let mut queues = lanes.lock();
        queues.driven_by = Some(thread::current().id());
        // Before anything is looked at: what comes in from now on wakes.
        queues.waker = Some(context.waker().clone());
        drop(queues);
        for (lane, running) in self.running.iter_mut().enumerate() {
            loop {
                if running.is_none() {
                    *running = lanes.next(lane);
                }
                let Some(work) = running else { break };
                let polled = catch_unwind(AssertUnwindSafe(|| work.as_mut().poll(context)));
                match polled {
                    Ok(Poll::Pending) => break,
                    Ok(Poll::Ready(())) => *running = None,
                    Err(payload) => {
                        // The payload and the future are foreign: their drop may panic again.
                        let broken = running.take();
                        let _again = catch_unwind(AssertUnwindSafe(|| drop((payload, broken))));
                    }
                }
            }
        }
        let queues = lanes.lock();
        let idle = self.running.iter().all(Option::is_none)
            && queues.waiting.iter().all(VecDeque::is_empty);
        if queues.over && idle {
            Poll::Ready(())
        } else {
            Poll::Pending
        }
    }
}

impl Drop for BridgeDriver {
    fn drop(&mut self) {
        let mut queues = self.lanes.lock();
        queues.abandoned = true;
        let waiting = std::mem::take(&mut queues.waiting);
        drop(queues);
        // Whoever waits for one of these is told.
        drop(waiting);
    }
}

impl Lanes {
    /// Nothing that holds the lock calls foreign code.
    fn lock(&self) -> MutexGuard<'_, Queues> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn next(&self, lane: usize) -> Option<Work> {
        self.lock().waiting.get_mut(lane)?.pop_front()
    }
}

/// Where one call stands, for the one who waits for it.
struct Answer<T> {
    stage: Mutex<Stage<T>>,
    changed: Condvar,
}

enum Stage<T> {
    Waiting,
    Begun,
    /// Nobody waits any more.
    GivenUp,
    Told(Result<T, SinkError>),
}

impl<T> Default for Answer<T> {
    fn default() -> Self {
        Self {
            stage: Mutex::new(Stage::Waiting),
            changed: Condvar::new(),
        }
    }
}

impl<T> Answer<T> {
    fn lock(&self) -> MutexGuard<'_, Stage<T>> {
        self.stage.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn set(&self, stage: Stage<T>) {
        *self.lock() = stage;
        self.changed.notify_all();
    }

    fn wait(&self, timeout: Duration) -> Result<T, SinkError> {
        let since = Instant::now();
        let mut stage = self.lock();
        loop {
            if let Stage::Told(_) = *stage
                && let Stage::Told(told) = std::mem::replace(&mut *stage, Stage::GivenUp)
            {
                return told;
            }
            let left = timeout.saturating_sub(since.elapsed());
            if left.is_zero() {
                *stage = Stage::GivenUp;
                return Err(SinkError::unknown(TimedOut));
            }
            let woken = self.changed.wait_timeout(stage, left);
            (stage, _) = woken.unwrap_or_else(PoisonError::into_inner);
        }
    }
}

/// Whoever waits is told in any case: also where the driver is dropped, or the sink panics.
struct Promise<T>(Arc<Answer<T>>);

impl<T> Promise<T> {
    /// Whether anybody waits still. What nobody waits for is not begun.
    fn begin(&self) -> bool {
        let mut stage = self.0.lock();
        let waits = matches!(*stage, Stage::Waiting);
        if waits {
            *stage = Stage::Begun;
        }
        waits
    }
}

impl<T> Drop for Promise<T> {
    fn drop(&mut self) {
        let mut stage = self.0.lock();
        let error = match *stage {
            Stage::Waiting => SinkError::poisoned(NoDriver),
            Stage::Begun => SinkError::unknown(BrokenOff),
            Stage::GivenUp | Stage::Told(_) => return,
        };
        *stage = Stage::Told(Err(error));
        drop(stage);
        self.0.changed.notify_all();
    }
}

impl fmt::Debug for BridgeSink {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeSink")
            .field("timeout", &self.timeout)
            .finish_non_exhaustive()
    }
}

impl fmt::Debug for BridgeDriver {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BridgeDriver").finish_non_exhaustive()
    }
}

/// The time is up.
#[derive(Debug, thiserror::Error)]
#[error("the sink did not answer in time: is its driver being run?")]
struct TimedOut;

/// It would wait for itself.
#[derive(Debug, thiserror::Error)]
#[error("this thread drives the sink, and cannot wait for it: call from another one")]
struct OwnThread;

/// Nobody drives any more.
#[derive(Debug, thiserror::Error)]
#[error("the driver of the sink is gone")]
struct NoDriver;

/// It was begun, and nobody knows how it ended.
#[derive(Debug, thiserror::Error)]
#[error("the sink panicked, or its driver was dropped")]
struct BrokenOff;
