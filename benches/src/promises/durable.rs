//! Records that survive loss of power: what a sync costs, how many share one, and opening a log.
//!
//! The floors are bare files of the same shape: zeros that are durable, written over line by line.

use std::error::Error;
use std::fs::{self, File, OpenOptions};
use std::io::{self, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Barrier};
use std::thread;
use std::time::{Duration, Instant};

use callgate::audit::{
    Ask, Batch, Durability, FileSink, FileSinkOptions, Head, Journal, PolicyLoadedRecord, Record,
};
use callgate::{AuditSink, SinkError};
use callgate_types::Digest;
use chrono::DateTime;
use tempfile::TempDir;

use super::{Promise, Scaling};

// A closure that names its folder keeps it: files that are gone are not written.

/// Records of a producer in a round with many.
const EACH: usize = 16;
const PRODUCERS: usize = 64;
/// Records of a round with one producer.
const ALONE: usize = 64;
/// How long the lines are, about.
const LINE: usize = 700;
/// How long the bare file is.
const BARE: usize = 8 << 20;

pub(super) fn promises() -> Vec<Promise> {
    vec![
        Promise::durations("durable/1", one_producer)
            .at_most(1.2)
            .rounds(41, 3),
        Promise::scaling("durable/64/a sync", many_share_a_sync)
            .at_least(0.8)
            .rounds(21, 3),
        Promise::durations("durable/64/p99", many_wait)
            .at_most(5.0)
            .rounds(21, 3),
        Promise::durations("open", open).at_most(1.2).rounds(41, 3),
    ]
}

/// The median time until a record is durable; against that of a bare write and sync. The two take
/// turns record by record.
fn one_producer() -> Result<Scaling, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let journal = Journal::open(Arc::new(FileSink::open(folder.path().join("log"))?))?;
    let mut bare = Bare::new(&folder)?;
    Ok(Box::new(move || {
        let _folder = &folder;
        let (mut ours, mut floor) = (Vec::new(), Vec::new());
        for number in 0..ALONE {
            let mut measure_ours = || append(&journal).map(|time| ours.push(time));
            let mut measure_floor = || bare.write(1).map(|time| floor.push(time));
            if number % 2 == 0 {
                measure_ours()?;
                measure_floor()?;
            } else {
                measure_floor()?;
                measure_ours()?;
            }
        }
        Some((quantile(ours, 0.5)?, quantile(floor, 0.5)?))
    }))
}

/// How many records share a sync where 64 threads wait; against 64.
fn many_share_a_sync() -> Result<Scaling, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let sink = Arc::new(Counted {
        inner: FileSink::open(folder.path().join("log"))?,
        syncs: AtomicU64::new(0),
        _folder: folder,
    });
    let journal = Journal::open(Arc::clone(&sink) as Arc<dyn AuditSink>)?;
    Ok(Box::new(move || {
        let before = sink.syncs.load(Ordering::Relaxed);
        let records = to_f64(all(&journal)?.len());
        let syncs = sink.syncs.load(Ordering::Relaxed).saturating_sub(before);
        let syncs = to_f64(usize::try_from(syncs).ok()?);
        Some((records / syncs, to_f64(PRODUCERS)))
    }))
}

/// How long all but one of a hundred wait at most, where 64 threads do; against a bare write of 64
/// lines and a sync that nobody is in the way of.
fn many_wait() -> Result<Scaling, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let journal = Journal::open(Arc::new(FileSink::open(folder.path().join("log"))?))?;
    let mut bare = Bare::new(&folder)?;
    Ok(Box::new(move || {
        let _folder = &folder;
        let mut floor: Vec<f64> = (0..8)
            .map(|_| bare.write(PRODUCERS))
            .collect::<Option<_>>()?;
        let ours = all(&journal)?;
        floor.extend(
            (0..8)
                .map(|_| bare.write(PRODUCERS))
                .collect::<Option<Vec<_>>>()?,
        );
        Some((quantile(ours, 0.99)?, quantile(floor, 0.5)?))
    }))
}

/// Opening a log of a hundred segments after a crash; against one of two.
fn open() -> Result<Scaling, Box<dyn Error>> {
    let folder = tempfile::tempdir()?;
    let logs = [("ours", 100), ("floor", 2)].map(|(name, segments)| {
        let log = folder.path().join(name);
        fill(&log, segments).map(|()| log)
    });
    let [ours, floor] = logs;
    let (ours, floor) = (ours?, floor?);
    let mut ours_first = false;
    Ok(Box::new(move || {
        let _folder = &folder;
        ours_first = !ours_first;
        let time = |log: &Path| {
            tear(log).ok()?;
            let start = Instant::now();
            let sink = FileSink::open(log).ok()?;
            let time = start.elapsed();
            (sink.torn().len() == 1).then(|| nanoseconds(time))
        };
        if ours_first {
            let ours = time(&ours)?;
            Some((ours, time(&floor)?))
        } else {
            let floor = time(&floor)?;
            Some((time(&ours)?, floor))
        }
    }))
}

/// A log of so many segments. Whatever their number, the last one is about half full: it is what is
/// read.
fn fill(log: &Path, segments: usize) -> Result<(), Box<dyn Error>> {
    const FULL: usize = 512 << 10;
    const LOOK: usize = 16;
    let options = FileSinkOptions::new().segment_bytes(512 << 10);
    let journal = Journal::open(Arc::new(options.open(log)?))?;
    let append = |records: usize| {
        (0..records).try_for_each(|_| {
            let ask = Ask::new(Durability::Accepted, DEADLINE);
            journal.append(&record(), ask).map(drop)
        })
    };
    while segments_of(log)?.len() < segments {
        append(LOOK)?;
    }
    append(FULL / 2 / LINE)?;
    Ok(())
}

/// Leaves half a record at the end of a log, as a crash does.
fn tear(log: &Path) -> io::Result<()> {
    let segments = segments_of(log)?;
    let last = segments.into_iter().max().ok_or(io::ErrorKind::NotFound)?;
    let mut file = OpenOptions::new().append(true).open(last)?;
    file.write_all(br#"{"v":1,"kind":"policy_lo"#)
}

fn segments_of(log: &Path) -> io::Result<Vec<PathBuf>> {
    let mut segments: Vec<PathBuf> = fs::read_dir(log)?
        .map(|entry| entry.map(|entry| entry.path()))
        .collect::<io::Result<_>>()?;
    segments.retain(|path| {
        path.extension()
            .is_some_and(|extension| extension == "jsonl")
    });
    Ok(segments)
}

const DEADLINE: Duration = Duration::from_secs(60);

fn record() -> Record<'static> {
    const NAME: &str = "a policy whose name is as long as names may be, so that the lines are about \
        as long as those of decisions with small arguments; what stands in it is of no account, and \
        so it goes on until it has two hundred and fifty-six bytes, which is here, or there.";
    Record::PolicyLoaded(PolicyLoadedRecord::new(
        DateTime::UNIX_EPOCH,
        NAME,
        Digest::ZERO,
    ))
}

/// Appends a durable record; in nanoseconds.
fn append(journal: &Journal) -> Option<f64> {
    let ask = Ask::new(Durability::Durable, DEADLINE);
    let start = Instant::now();
    journal.append(&record(), ask).ok()?;
    Some(nanoseconds(start.elapsed()))
}

/// What each record of 64 producers took. They begin once all of them are there.
fn all(journal: &Journal) -> Option<Vec<f64>> {
    let ready = Barrier::new(PRODUCERS);
    thread::scope(|scope| {
        let producers: Vec<_> = (0..PRODUCERS)
            .map(|_| {
                scope.spawn(|| {
                    ready.wait();
                    (0..EACH)
                        .map(|_| append(journal))
                        .collect::<Option<Vec<_>>>()
                })
            })
            .collect();
        let ended = producers.into_iter().map(|one| one.join().ok().flatten());
        let all: Option<Vec<Vec<f64>>> = ended.collect();
        all.map(|all| all.concat())
    })
}

/// A file of durable zeros, which lines are written over.
struct Bare {
    file: File,
    line: Vec<u8>,
    place: usize,
}

impl Bare {
    fn new(folder: &TempDir) -> io::Result<Self> {
        let mut file = File::create_new(folder.path().join("bare"))?;
        file.write_all(&vec![0; BARE])?;
        file.sync_all()?;
        Ok(Self {
            file,
            line: vec![b'x'; LINE],
            place: 0,
        })
    }

    /// Writes so many lines, and syncs; in nanoseconds.
    fn write(&mut self, lines: usize) -> Option<f64> {
        let bytes = self.line.repeat(lines);
        if self.place.saturating_add(bytes.len()) > BARE {
            self.place = 0;
        }
        let place = SeekFrom::Start(u64::try_from(self.place).ok()?);
        let start = Instant::now();
        self.file.seek(place).ok()?;
        self.file.write_all(&bytes).ok()?;
        self.file.sync_data().ok()?;
        let time = start.elapsed();
        self.place = self.place.saturating_add(bytes.len());
        Some(nanoseconds(time))
    }
}

/// Counts the syncs of a sink.
struct Counted {
    inner: FileSink,
    syncs: AtomicU64,
    /// Removed behind the sink.
    _folder: TempDir,
}

impl AuditSink for Counted {
    fn head(&self) -> Result<Head, SinkError> {
        self.inner.head()
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        self.inner.append(after, batch)
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        self.syncs.fetch_add(1, Ordering::Relaxed);
        self.inner.sync(upto)
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        self.inner.read(from, max)
    }
}

fn quantile(mut times: Vec<f64>, share: f64) -> Option<f64> {
    times.sort_by(f64::total_cmp);
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "a share of a small count"
    )]
    let place = (to_f64(times.len()) * share) as usize;
    times.get(place).copied()
}

fn nanoseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e9
}

#[expect(clippy::cast_precision_loss, reason = "small counts")]
const fn to_f64(count: usize) -> f64 {
    count as f64
}
