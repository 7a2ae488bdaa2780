//! Sinks that are awaited: answers in time and late, drivers that are where they should not be, or gone.

use std::future::{Future, poll_fn};
use std::pin::pin;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll, Wake, Waker};
use std::thread::{self, JoinHandle, Thread};
use std::time::{Duration, Instant};

use callgate_audit::{
    AsyncAuditSink, AuditSink as _, Batch, BridgeDriver, BridgeSink, Head, Journal, JournalState,
    MemorySink, SinkError, SinkFuture, bridge,
};

use crate::rig::{LONG, durable, numbered, story};

struct Unpark(Thread);

impl Wake for Unpark {
    fn wake(self: Arc<Self>) {
        self.0.unpark();
    }
}

/// A runtime of a few lines: it drives one future to its end.
fn drive(future: impl Future<Output = ()>) {
    let waker = Arc::new(Unpark(thread::current())).into();
    let mut context = Context::from_waker(&waker);
    let mut future = pin!(future);
    while future.as_mut().poll(&mut context).is_pending() {
        thread::park();
    }
}

fn spawn(driver: BridgeDriver) -> JoinHandle<()> {
    thread::spawn(|| drive(driver))
}

/// A sink in memory, whose appends wait for a door where it is shut.
#[derive(Default)]
struct Far {
    memory: MemorySink,
    door: Door,
    appends: AtomicUsize,
    panics: AtomicBool,
}

#[derive(Default)]
struct Door {
    shut: AtomicBool,
    waker: Mutex<Option<Waker>>,
}

impl Door {
    async fn pass(&self) {
        poll_fn(|context| {
            *self.waker.lock().unwrap() = Some(context.waker().clone());
            if self.shut.load(Ordering::SeqCst) {
                Poll::Pending
            } else {
                Poll::Ready(())
            }
        })
        .await;
    }

    fn shut(&self) {
        self.shut.store(true, Ordering::SeqCst);
    }

    fn open(&self) {
        self.shut.store(false, Ordering::SeqCst);
        if let Some(waker) = self.waker.lock().unwrap().take() {
            waker.wake();
        }
    }
}

/// What the tests keep of it.
struct Shared(Arc<Far>);

impl AsyncAuditSink for Shared {
    fn head(&self) -> SinkFuture<'_, Head> {
        Box::pin(async { self.0.memory.head() })
    }

    fn append(&self, after: Head, batch: Batch<'static>) -> SinkFuture<'_, ()> {
        Box::pin(async move {
            self.0.appends.fetch_add(1, Ordering::SeqCst);
            self.0.door.pass().await;
            assert!(!self.0.panics.load(Ordering::SeqCst), "on demand");
            self.0.memory.append(after, &batch)
        })
    }

    fn sync(&self, upto: Head) -> SinkFuture<'_, ()> {
        Box::pin(async move { self.0.memory.sync(upto) })
    }

    fn read(&self, from: u64, max: usize) -> SinkFuture<'_, Batch<'static>> {
        Box::pin(async move { self.0.memory.read(from, max) })
    }
}

fn far(timeout: Duration) -> (Arc<Far>, BridgeSink, BridgeDriver) {
    let far = Arc::new(Far::default());
    let (sink, driver) = bridge(Shared(Arc::clone(&far)), timeout);
    (far, sink, driver)
}

fn batch(after: Head, number: u64) -> Batch<'static> {
    let (mut lines, mut body) = (Vec::new(), Vec::new());
    numbered(number).encode(0, &mut body);
    let end = after.link(&body, &mut lines);
    assert_eq!(end.records, after.records + 1);
    Batch::parse(lines).unwrap()
}

const SOON: Duration = Duration::from_millis(50);

#[track_caller]
fn is_unknown<T: std::fmt::Debug>(told: Result<T, SinkError>, why: &str) {
    match told {
        Err(SinkError::Unknown(cause)) => assert_eq!(cause.to_string(), why),
        told => panic!("expected an unknown outcome, found {told:?}"),
    }
}

const LATE: &str = "the sink did not answer in time: is its driver being run?";

#[cfg(feature = "testkit")]
#[test]
fn conforms() {
    callgate_audit::testkit::check(|| {
        let (_, sink, driver) = far(LONG);
        spawn(driver);
        Ok::<_, SinkError>(sink)
    })
    .unwrap();
}

#[test]
fn many_threads_and_an_end() {
    let (far, sink, driver) = far(LONG);
    let driving = spawn(driver);
    let journal = Journal::open(Arc::new(sink)).unwrap();
    thread::scope(|scope| {
        for own in 0..8 {
            let journal = &journal;
            scope.spawn(move || {
                for number in 0..50 {
                    journal
                        .append(&numbered(own * 50 + number), durable())
                        .unwrap();
                }
            });
        }
    });
    drop(journal);
    // The sink is gone, and so is what drove it.
    driving.join().unwrap();
    let text = String::from_utf8(far.memory.contents()).unwrap();
    assert_eq!(story(&text).len(), 400);
}

#[test]
fn append_that_takes_too_long() {
    let (far, sink, driver) = far(Duration::from_millis(200));
    spawn(driver);
    let journal = Journal::open(Arc::new(sink)).unwrap();
    far.door.shut();
    journal.append(&numbered(1), durable().opens()).unwrap_err();
    assert!(matches!(journal.state(), JournalState::InDoubt));
    // Where the log ends is told behind the append, not beside it.
    journal.settle().unwrap_err();
    assert!(matches!(journal.state(), JournalState::InDoubt));
    far.door.open();
    journal.append(&numbered(2), durable()).unwrap();
    journal.flush(LONG).unwrap();
    let text = String::from_utf8(far.memory.contents()).unwrap();
    assert_eq!(story(&text), ["gap 1", "gap 2", "not_begun 0 late"]);
}

#[test]
fn sync_and_read_run_beside_an_append() {
    let (far, sink, driver) = far(LONG);
    spawn(driver);
    let first = batch(Head::EMPTY, 1);
    sink.append(Head::EMPTY, &first).unwrap();
    far.door.shut();
    let second = batch(first.end(), 2);
    thread::scope(|scope| {
        let appending = scope.spawn(|| sink.append(first.end(), &second));
        while far.appends.load(Ordering::SeqCst) < 2 {
            thread::yield_now();
        }
        sink.sync(first.end()).unwrap();
        assert_eq!(sink.read(0, 9).unwrap().records(), 1);
        far.door.open();
        appending.join().unwrap().unwrap();
    });
}

#[test]
fn what_nobody_waits_for_is_not_begun() {
    let (far, sink, driver) = far(SOON);
    let first = batch(Head::EMPTY, 1);
    // Nobody drives yet.
    is_unknown(sink.append(Head::EMPTY, &first), LATE);
    is_unknown(sink.head(), LATE);
    spawn(driver);
    let since = Instant::now();
    while sink.head().is_err() && since.elapsed() < Duration::from_secs(20) {}
    assert_eq!(sink.head().unwrap(), Head::EMPTY);
    assert_eq!(far.appends.load(Ordering::SeqCst), 0);
}

#[test]
fn call_from_the_thread_that_drives() {
    let (_, sink, mut driver) = far(LONG);
    let mut context = Context::from_waker(Waker::noop());
    assert!(
        std::pin::Pin::new(&mut driver)
            .poll(&mut context)
            .is_pending()
    );
    let since = Instant::now();
    let own = "this thread drives the sink, and cannot wait for it: call from another one";
    is_unknown(sink.head(), own);
    is_unknown(sink.append(Head::EMPTY, &batch(Head::EMPTY, 1)), own);
    assert!(since.elapsed() < Duration::from_secs(20));
    // Somebody else drives now.
    spawn(driver);
    let since = Instant::now();
    while sink.head().is_err() && since.elapsed() < Duration::from_secs(20) {}
    assert_eq!(sink.head().unwrap(), Head::EMPTY);
}

#[test]
fn driver_that_is_gone() {
    let (_, sink, driver) = far(LONG);
    drop(driver);
    let told = sink.head();
    let Err(SinkError::Poisoned(cause)) = told else {
        panic!("expected a poisoned sink, found {told:?}");
    };
    assert_eq!(cause.to_string(), "the driver of the sink is gone");
}

#[test]
fn driver_that_goes_while_somebody_waits() {
    let (far, sink, mut driver) = far(LONG);
    far.door.shut();
    let first = batch(Head::EMPTY, 1);
    thread::scope(|scope| {
        // One call is under way, another one waits behind it.
        let begun = scope.spawn(|| sink.append(Head::EMPTY, &first));
        let mut context = Context::from_waker(Waker::noop());
        while far.appends.load(Ordering::SeqCst) < 1 {
            let driver = std::pin::Pin::new(&mut driver);
            assert!(driver.poll(&mut context).is_pending());
        }
        let waiting = scope.spawn(|| sink.head());
        thread::sleep(SOON);
        drop(driver);
        let broken = "the sink panicked, or its driver was dropped";
        is_unknown(begun.join().unwrap(), broken);
        let told = waiting.join().unwrap();
        assert!(matches!(told, Err(SinkError::Poisoned(_))), "{told:?}");
    });
}

#[test]
fn sink_that_panics() {
    let (far, sink, driver) = far(LONG);
    spawn(driver);
    far.panics.store(true, Ordering::SeqCst);
    let first = batch(Head::EMPTY, 1);
    let broken = "the sink panicked, or its driver was dropped";
    is_unknown(sink.append(Head::EMPTY, &first), broken);
    // The driver is well.
    far.panics.store(false, Ordering::SeqCst);
    sink.append(Head::EMPTY, &first).unwrap();
    assert_eq!(sink.head().unwrap(), first.end());
}

#[test]
fn errors_of_the_sink_are_passed_on() {
    let (_, sink, driver) = far(LONG);
    spawn(driver);
    let first = batch(Head::EMPTY, 1);
    sink.append(Head::EMPTY, &first).unwrap();
    let told = sink.append(Head::EMPTY, &batch(Head::EMPTY, 2));
    assert!(matches!(told, Err(SinkError::Conflict(head)) if head == first.end()));
}
