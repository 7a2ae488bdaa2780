//! Many threads in many orders: whoever waits is woken, and what was told is true.
//!
//! Nobody here waits as long as [`LONG`] for anything but a call that was lost: a deadline of that
//! length that comes is a failure.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread;
use std::time::Duration;

use callgate_audit::{
    AppendError, Ask, AuditSink, Batch, Durability, Head, Journal, MemorySink, Otherwise, SinkError,
};

use crate::model::{Due, check};
use crate::rig::{numbered, story, unknown};

const ROUNDS: u64 = 10_000;
const LONG: Duration = Duration::from_secs(20);
const SHORT: Duration = Duration::from_micros(30);

/// Numbers that look random and are the same in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut mixed = self.0;
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (mixed ^ (mixed >> 31)) % bound
    }

    fn pause(&mut self) {
        for _ in 0..self.below(6) {
            thread::yield_now();
        }
    }
}

/// A sink in memory that lets others run at every turn, and fails at times.
struct Restless {
    inner: MemorySink,
    seed: AtomicU64,
    /// One call in so many fails; none where it is 0.
    fails: AtomicU64,
}

impl Restless {
    fn new(seed: u64) -> Self {
        Self {
            inner: MemorySink::new(),
            seed: AtomicU64::new(seed),
            fails: AtomicU64::new(if seed.is_multiple_of(2) { 0 } else { 6 }),
        }
    }

    fn work<T>(&self, work: impl Fn() -> Result<T, SinkError>) -> Result<T, SinkError> {
        let mut random = Random(self.seed.fetch_add(0x1234_5678_9abc, Ordering::Relaxed));
        random.pause();
        let fails = self.fails.load(Ordering::Relaxed);
        if fails == 0 || random.below(fails) > 0 {
            return work();
        }
        if random.below(2) == 0 {
            drop(work());
        }
        Err(unknown())
    }
}

impl AuditSink for Restless {
    fn head(&self) -> Result<Head, SinkError> {
        self.work(|| self.inner.head())
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        self.work(|| self.inner.append(after, batch))
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        self.work(|| self.inner.sync(upto))
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        self.inner.read(from, max)
    }
}

/// Some records of one thread, each with what the log must hold of it.
fn produce(journal: &Journal, first: u64, mut random: Random) -> Vec<(u64, Due)> {
    let records = first..first + 1 + random.below(3);
    records
        .map(|number| {
            random.pause();
            let durability = match random.below(2) {
                0 => Durability::Accepted,
                _ => Durability::Durable,
            };
            let deadline = if random.below(4) == 0 { SHORT } else { LONG };
            let ask = Ask::new(durability, deadline);
            let ask = match random.below(3) {
                0 => ask,
                1 => ask.opens(),
                _ => ask.keeps(),
            };
            if random.below(8) == 0 {
                check_patience(&journal.flush(deadline), deadline);
            }
            let told = journal.append(&numbered(number), ask);
            check_patience(&told, deadline);
            let due = match (told, ask.otherwise) {
                (Ok(_), _) => Due::Acknowledged,
                (Err(_), Otherwise::Keep) => Due::Kept,
                (Err(_), Otherwise::NotBegun) => Due::Denied,
                (Err(_), _) => Due::Forgotten,
            };
            (number, due)
        })
        .collect()
}

#[track_caller]
fn check_patience<T>(told: &Result<T, AppendError>, deadline: Duration) {
    let late = matches!(told, Err(AppendError::TimedOut));
    assert!(!late || deadline == SHORT, "nobody came to wake it");
}

fn round(seed: u64) {
    let mut random = Random(seed);
    let sink = Arc::new(Restless::new(seed));
    let journal = loop {
        if let Ok(journal) = Journal::open(Arc::clone(&sink) as Arc<_>) {
            break journal;
        }
    };
    let threads = 2 + random.below(4);
    let due: HashMap<u64, Due> = thread::scope(|scope| {
        let threads: Vec<_> = (0..threads)
            .map(|thread| {
                let random = Random(random.below(u64::MAX));
                let journal = &journal;
                scope.spawn(move || produce(journal, thread * 10, random))
            })
            .collect();
        let ended = threads.into_iter();
        ended.flat_map(|thread| thread.join().unwrap()).collect()
    });
    sink.fails.store(0, Ordering::Relaxed);
    journal.flush(LONG).unwrap();
    drop(journal);
    let log = String::from_utf8(sink.inner.contents()).unwrap();
    check(&story(&log), &due);
}

#[test]
fn nobody_is_forgotten() {
    for seed in 0..ROUNDS {
        round(seed);
    }
}
