//! Rules about a journal that stands on the sink.

use std::collections::BTreeMap;
use std::io;
use std::sync::Arc;
use std::thread;
use std::time::Duration;

use chrono::DateTime;

use super::super::broken::{Finding, told};
use super::super::fault::{Fault, FaultSink};
use super::super::kit::Kit;
use super::no_error;
use crate::{
    AppendError, Ask, AuditSink, Durability, GapRecord, Journal, Record, SinkError, Stored,
};

const THREADS: u64 = 4;
const EACH: u64 = 25;

pub(super) fn settles_doubt<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    let unknown = || SinkError::unknown(io::Error::other("no answer came"));
    let cases = [
        (
            "an append that was refused",
            Fault::Refuse(unknown()),
            false,
        ),
        (
            "an append that was stored",
            Fault::WorkThenFail(unknown()),
            true,
        ),
        ("a panic before an append", Fault::Panic, false),
        ("a panic after an append", Fault::WorkThenPanic, true),
    ];
    for (what, fault, is_stored) in cases {
        let sink = Arc::new(FaultSink::new(kit.openings.fresh()?));
        let journal = open(&sink)?;
        write(&journal, 1, Durability::Durable)?;
        sink.on_append(fault);
        let when = format!("writing on after {what} of which nobody knew");
        if append(&journal, 2, Durability::Accepted).is_ok() {
            return Err(Finding::new(when, "an error", "success"));
        }
        let third = append(&journal, 3, Durability::Durable);
        let third = third.map_err(|error| Finding::new(&when, "success", told(&error)))?;
        let expected: &[u64] = if is_stored { &[1, 2, 3] } else { &[1, 3] };
        let numbers = numbers(&when, sink.inner())?;
        if numbers != expected || usize::try_from(third.seq) != Ok(expected.len().saturating_sub(1))
        {
            let list = |numbers: &[u64]| format!("the records {numbers:?}");
            return Err(Finding::new(when, list(expected), list(&numbers)));
        }
    }
    Ok(())
}

pub(super) fn many_threads<S: AuditSink + 'static>(kit: &Kit<S>) -> Result<(), Finding> {
    let sink = Arc::new(FaultSink::new(kit.openings.fresh()?));
    let journal = open(&sink)?;
    let results: Vec<Result<Vec<(u64, u64)>, Finding>> = thread::scope(|scope| {
        let threads: Vec<_> = (0..THREADS)
            .map(|thread| {
                let journal = &journal;
                scope.spawn(move || {
                    let numbers =
                        (0..EACH).map(|number| thread.saturating_mul(EACH).saturating_add(number));
                    let stored = numbers.map(|number| {
                        let durability = if number % 3 == 0 {
                            Durability::Durable
                        } else {
                            Durability::Accepted
                        };
                        write(journal, number, durability).map(|stored| (stored.seq, number))
                    });
                    stored.collect()
                })
            })
            .collect();
        let panic = |_| Err(Finding::new("writing with many threads", "no panic", "one"));
        let joined = threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(panic));
        joined.collect()
    });
    let mut expected = BTreeMap::new();
    for result in results {
        expected.extend(result?);
    }
    let when = "reading what many threads have written";
    let found = numbers(when, sink.inner())?;
    if found.iter().ne(expected.values()) {
        let expected = format!("{} records, each where it was said to be", expected.len());
        return Err(Finding::new(when, expected, format_args!("{found:?}")));
    }
    Ok(())
}

fn open<S: AuditSink + 'static>(sink: &Arc<FaultSink<S>>) -> Result<Journal, Finding> {
    let sink: Arc<dyn AuditSink> = Arc::clone(sink) as _;
    no_error("opening a journal", Journal::open(sink))
}

fn append(journal: &Journal, number: u64, durability: Durability) -> Result<Stored, AppendError> {
    let record = Record::Gap(GapRecord::new(DateTime::UNIX_EPOCH, number));
    journal.append(&record, Ask::new(durability, Duration::from_secs(30)))
}

fn write(journal: &Journal, number: u64, durability: Durability) -> Result<Stored, Finding> {
    append(journal, number, durability)
        .map_err(|error| Finding::new("writing through a journal", "success", told(&error)))
}

/// The numbers of all records, in their order.
fn numbers(when: &str, sink: &impl AuditSink) -> Result<Vec<u64>, Finding> {
    let head = no_error(when, sink.head())?;
    let mut numbers = Vec::new();
    let mut from = 0;
    while from < head.records {
        let batch = no_error(when, sink.read(from, 1000))?;
        if batch.records() == 0 {
            return Err(Finding::new(when, format_args!("record {from}"), "nothing"));
        }
        numbers.extend(batch.lines().map(|line| number(line).unwrap_or(u64::MAX)));
        from = batch.end().records;
    }
    Ok(numbers)
}

fn number(line: &[u8]) -> Option<u64> {
    let line = str::from_utf8(line).ok()?;
    let (_, rest) = line.split_once(r#""lost":"#)?;
    rest.split_once(',')?.0.parse().ok()
}
