//! Encoding a record, and appending it to memory.

use std::error::Error;
use std::hint::black_box;
use std::sync::Arc;
use std::time::Duration;

use callgate::audit::{Ask, Durability, Journal};
use sha2::{Digest as _, Sha256};

use super::recorded::Recorded;
use super::scaling::of_two_threads;
use super::{Promise, Scaling, Sides, each};
use crate::RingSink;
use crate::workload::{Calls, Kind, Recording, Size, Workload};

pub(super) fn promises() -> Vec<Promise> {
    vec![
        Promise::new("encode", encode).at_most(0.4).allocating(0),
        Promise::new("append", append).at_most(1.25).allocating(0),
        Promise::scaling("append/threads", two_threads)
            .at_least(0.8)
            .rounds(101, 5),
        Promise::new("record", record).at_most(2.0),
    ]
}

/// Encoding a record; against `serde_json` of the same record, both into a buffer that is there.
fn encode() -> Result<Sides, Box<dyn Error>> {
    let (mut ours, mut floor) = (Vec::with_capacity(4096), Vec::with_capacity(4096));
    Ok(Sides::new(
        each(made()?, move |recorded| {
            recorded
                .parts
                .with_record(|record| record.encode(black_box(0), &mut ours));
            black_box(&ours);
        }),
        each(made()?, move |recorded| {
            floor.clear();
            // A buffer takes what is written to it.
            let _written = serde_json::to_writer(&mut floor, black_box(&recorded.typed));
            black_box(&floor);
        }),
    ))
}

/// Appending a record to memory; against encoding it, and SHA-256 of its line.
fn append() -> Result<Sides, Box<dyn Error>> {
    let journal = journal()?;
    let mut body = Vec::with_capacity(4096);
    Ok(Sides::new(
        each(made()?, move |recorded| append_one(&journal, recorded)),
        each(made()?, move |recorded| {
            encode_and_hash(&mut body, recorded);
        }),
    ))
}

/// Two threads that append to one chain; against two that encode and hash, and share nothing.
fn two_threads() -> Result<Scaling, Box<dyn Error>> {
    // Each thread has records of its own.
    let (ours, floor) = ([made()?, made()?], [made()?, made()?]);
    let journal = journal()?;
    let mut floor_first = false;
    Ok(Box::new(move || {
        let append = || |recorded: &Recorded| append_one(&journal, recorded);
        let parts = || {
            let mut body = Vec::with_capacity(4096);
            move |recorded: &Recorded| encode_and_hash(&mut body, recorded)
        };
        floor_first = !floor_first;
        if floor_first {
            let floor = of_two_threads(&floor, parts)?;
            Some((of_two_threads(&ours, append)?, floor))
        } else {
            Some((
                of_two_threads(&ours, append)?,
                of_two_threads(&floor, parts)?,
            ))
        }
    }))
}

/// Appending a record to memory; against hashing its finished line and copying it.
fn record() -> Result<Sides, Box<dyn Error>> {
    let journal = journal()?;
    let mut log: Vec<u8> = Vec::with_capacity(4096);
    Ok(Sides::new(
        each(made()?, move |recorded| append_one(&journal, recorded)),
        each(made()?, move |recorded: &Recorded| {
            let line = black_box(&*recorded.line);
            black_box(Sha256::digest(line));
            log.clear();
            log.extend_from_slice(line);
            black_box(&log);
        }),
    ))
}

fn made() -> Result<Vec<Recorded>, Box<dyn Error>> {
    let calls = Calls::new(Size::S1000, Kind::Allowed)?.ours;
    let workload = Workload::new(Size::S1000, Recording::Text)?;
    Recorded::all(&workload.snapshot, calls)
}

fn journal() -> Result<Journal, Box<dyn Error>> {
    Ok(Journal::open(Arc::new(RingSink::new()))?)
}

fn append_one(journal: &Journal, recorded: &Recorded) {
    let ask = Ask::new(Durability::Accepted, Duration::from_secs(5));
    recorded.parts.with_record(|record| {
        drop(black_box(journal.append(black_box(record), ask)));
    });
}

fn encode_and_hash(body: &mut Vec<u8>, recorded: &Recorded) {
    recorded
        .parts
        .with_record(|record| record.encode(black_box(0), body));
    black_box(&body);
    black_box(Sha256::digest(black_box(&recorded.line)));
}
