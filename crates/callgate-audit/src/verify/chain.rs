//! The check of one record after the other.

use std::path::Path;

use callgate_types::Digest;

use super::{Authenticity, Completeness, Fault, FaultKind, Integrity, Report, VerifyOptions};
use crate::line;
use crate::{Head, chain};

/// What has been verified so far.
pub(super) struct Checker<'p> {
    options: &'p VerifyOptions,
    head: Head,
    /// Where the last good record stands.
    last: Place<'p>,
    erasures: u64,
    pinned: bool,
    fault: Option<Fault>,
    torn: bool,
}

/// Where a line begins: in which file, at which byte.
pub(super) type Place<'p> = (Option<&'p Path>, u64);

/// Whether the next line is wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Wanted,
    /// A fault was found.
    Done,
}

/// A record that does not follow; the one after it tells which of the two was changed.
pub(super) struct Suspect<'p> {
    place: Place<'p>,
    before: Head,
    behind: Head,
    says: Digest,
}

impl<'p> Checker<'p> {
    pub(super) fn new(options: &'p VerifyOptions) -> Self {
        Self {
            options,
            head: Head::EMPTY,
            last: (None, 0),
            erasures: 0,
            pinned: options.head.is_none_or(|head| head == Head::EMPTY),
            fault: None,
            torn: false,
        }
    }

    pub(super) const fn head(&self) -> Head {
        self.head
    }

    /// Checks the next line. A record that does not follow is given back.
    pub(super) fn line(&mut self, line: &[u8], place: Place<'p>) -> Result<Next, Suspect<'p>> {
        let record = match line::read(line) {
            Ok(record) => record,
            Err(fault) => {
                self.fault(place, FaultKind::Line(fault));
                return Ok(Next::Done);
            }
        };
        let expected = self.head.records;
        if record.seq != expected {
            let found = record.seq;
            self.fault(place, FaultKind::OutOfSequence { expected, found });
            return Ok(Next::Done);
        }
        let behind = Head::new(expected.saturating_add(1), chain::digest(line));
        if record.prev != self.head.digest {
            return Err(Suspect {
                place,
                before: self.head,
                behind,
                says: record.prev,
            });
        }
        self.erasures = self
            .erasures
            .saturating_add(u64::from(record.kind == b"erased"));
        if let Some(head) = self.options.head
            && head.records == behind.records
        {
            self.pinned = head == behind;
            if !self.pinned {
                let (expected, found) = (head.digest, behind.digest);
                self.fault(place, FaultKind::WrongHead { expected, found });
                return Ok(Next::Done);
            }
        }
        self.head = behind;
        self.last = place;
        Ok(Next::Wanted)
    }

    /// Says which of two records was changed; `next` is the line behind the suspect.
    pub(super) fn decide(&mut self, suspect: Suspect<'p>, next: Option<&[u8]>) {
        let next = next.and_then(chain::tail);
        let vouched = next.map(|(seq, prev)| Head::new(seq, prev)) == Some(suspect.behind)
            || self.options.head == Some(suspect.behind);
        // Without a witness it may be either; most of the bytes are those of the one before.
        let witness = next.is_some();
        let before = suspect.before;
        if before.records > 0 && (vouched || !witness) {
            self.fault = Some(Fault::new(
                before.records.saturating_sub(1),
                self.last,
                FaultKind::Changed {
                    expected: suspect.says,
                    found: before.digest,
                },
            ));
        } else {
            self.fault = Some(Fault::new(
                before.records,
                suspect.place,
                FaultKind::BrokenLink {
                    expected: before.digest,
                    found: suspect.says,
                },
            ));
        }
    }

    /// The log stops being good with the next record.
    pub(super) fn fault(&mut self, place: Place<'_>, kind: FaultKind) {
        self.fault = Some(Fault::new(self.head.records, place, kind));
    }

    /// The log ends within a line.
    pub(super) fn torn(&mut self, place: Place<'_>, bytes: u64) {
        self.torn = true;
        self.fault(place, FaultKind::Torn { bytes });
    }

    /// The log ends at `end`, or at the fault.
    pub(super) fn report(mut self, end: Place<'_>) -> Report {
        let integrity = match (&self.fault, self.head.records) {
            (Some(_), _) if self.torn => Integrity::Torn,
            (Some(_), _) => Integrity::Broken,
            (None, 0) => Integrity::Empty,
            (None, _) => Integrity::Ok,
        };
        let completeness = match (self.options.head, integrity) {
            (None, _) => Completeness::NotChecked,
            (Some(_), _) if self.pinned => Completeness::Ok,
            (Some(_), Integrity::Broken) => Completeness::NotChecked,
            (Some(head), _) => {
                if self.fault.is_none() {
                    let expected = head.records;
                    self.fault(end, FaultKind::Short { expected });
                }
                Completeness::Short
            }
        };
        Report {
            records: self.head.records,
            head: self.head,
            integrity,
            completeness,
            authenticity: Authenticity::NotChecked,
            erasures: self.erasures,
            first_fault: self.fault,
        }
    }
}
