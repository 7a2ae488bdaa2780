//! A host that writes a log on a machine, and knows what it was told.

use std::borrow::Cow;
use std::path::Path;

use super::super::FileSinkError;
use super::super::log::Log;
use super::super::options::FileSinkOptions;
use super::machine::Machine;
use super::sim::Sim;
use crate::sink::{AuditSink as _, SinkError};
use crate::{Batch, Head, Integrity, VerifyOptions, verify_reader};

/// Where the log is.
pub(super) const LOG: &str = "/data/audit";

/// Who writes the log, and what it must hold.
#[derive(Debug)]
pub(super) struct Host {
    pub(super) machine: Machine,
    pub(super) options: FileSinkOptions,
    pub(super) log: Option<Log<Sim>>,
    head: Head,
    durable: u64,
    next: u64,
    /// What may be in the log, in this order: records by their number.
    pub(super) possible: Vec<u64>,
    /// How many of these must be there.
    pub(super) due: usize,
}

impl Host {
    pub(super) fn new(machine: Machine, options: FileSinkOptions) -> Self {
        Self {
            machine,
            options,
            log: None,
            head: Head::EMPTY,
            durable: 0,
            next: 0,
            possible: Vec::new(),
            due: 0,
        }
    }

    /// Opens the log; says which records are in it.
    pub(super) fn stored(&mut self) -> Result<Vec<u64>, FileSinkError> {
        self.log = None;
        self.log = Some(Log::open(
            self.machine.disk(),
            Path::new(LOG),
            &self.options,
        )?);
        Ok(numbers(&whole(&self.machine)))
    }

    /// Opens the log, and looks whether it holds what it must.
    pub(super) fn open(&mut self) -> Result<(), FileSinkError> {
        let stored = self.stored()?;
        let head = self.log.as_ref().unwrap().head().unwrap();
        assert!(
            stored.len() >= self.due && self.possible.starts_with(&stored),
            "{} of {:?} are due, found {stored:?}",
            self.due,
            self.possible
        );
        let report = verify_reader(&*whole(&self.machine), &VerifyOptions::new()).unwrap();
        assert!(report.first_fault.is_none(), "{:?}", report.first_fault);
        assert_eq!(report.head, head);
        // Opening makes all of it durable.
        self.due = stored.len();
        self.possible = stored;
        self.head = head;
        self.durable = head.records;
        Ok(())
    }

    /// Appends so many records at once, each with so many bytes of text.
    pub(super) fn append(&mut self, records: u64, bytes: usize) -> Result<(), SinkError> {
        let mut lines = Vec::new();
        let mut end = self.head;
        for _ in 0..records {
            let (durable, number) = (self.durable, self.next);
            let text = "x".repeat(bytes);
            let body = format!(
                r#"{{"v":1,"kind":"gap","time":"2026-11-20T12:00:00.000000Z","durable":{durable},"lost":{number},"text":"{text}""#
            );
            end = end.link(body.as_bytes(), &mut lines);
            self.possible.push(number);
            self.next += 1;
        }
        let log = self.log.as_ref().unwrap();
        let batch = Batch::of(Cow::Owned(lines), self.head, end);
        log.append(self.head, &batch)?;
        self.head = end;
        Ok(())
    }

    /// Makes all of it durable.
    pub(super) fn sync(&mut self) -> Result<(), SinkError> {
        self.log.as_ref().unwrap().sync(self.head)?;
        self.due = self.possible.len();
        self.durable = self.head.records;
        Ok(())
    }

    /// The process ends without a word.
    pub(super) fn kill(&mut self) {
        self.machine.kill();
        self.log = None;
    }

    /// Power is lost.
    pub(super) fn crash(&mut self, arrives: impl FnMut() -> bool) {
        self.machine.crash(arrives);
        self.log = None;
    }
}

/// The numbers of the records of `log`, those that tell of a recovery left out; the last possible
/// number where a damaged one has none.
fn numbers(log: &[u8]) -> Vec<u64> {
    let log = String::from_utf8_lossy(log);
    let lines = log.lines().filter(|line| line.contains(r#""kind":"gap""#));
    let number = |line: &str| {
        let (_, rest) = line.split_once(r#""lost":"#)?;
        rest.split_once(',')?.0.parse().ok()
    };
    lines.map(|line| number(line).unwrap_or(u64::MAX)).collect()
}

/// All segments of the log, one after the other, without their padding.
pub(super) fn whole(machine: &Machine) -> Vec<u8> {
    let names = machine.names(LOG);
    let segments = names.iter().filter(|name| name.starts_with('0'));
    let trimmed = segments.map(|name| {
        let mut bytes = machine.content(&format!("{LOG}/{name}"));
        let padding = bytes.iter().rev().take_while(|byte| **byte == 0).count();
        bytes.truncate(bytes.len() - padding);
        bytes
    });
    trimmed.collect::<Vec<_>>().concat()
}

/// What the verifier says of the log.
pub(super) fn integrity(machine: &Machine) -> Integrity {
    let report = verify_reader(&*whole(machine), &VerifyOptions::new()).unwrap();
    report.integrity
}
