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
    /// The head before the last record.
    before: Head,
    suspect: Option<Suspect<'p>>,
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
struct Suspect<'p> {
    place: Place<'p>,
    behind: Head,
    says: Digest,
}

impl<'p> Checker<'p> {
    pub(super) fn new(options: &'p VerifyOptions) -> Self {
        Self {
            options,
            head: Head::EMPTY,
            before: Head::EMPTY,
            suspect: None,
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

    /// Whether a record does not follow, and the next one is to tell which of two was changed.
    pub(super) const fn is_suspicious(&self) -> bool {
        self.suspect.is_some()
    }

    /// Checks the next line.
    pub(super) fn line(&mut self, line: &[u8], place: Place<'p>) -> Next {
        if let Some(suspect) = self.suspect.take() {
            self.decide(&suspect, Some(line));
            return Next::Done;
        }
        let record = match line::read(line) {
            Ok(record) => record,
            Err(fault) => {
                self.fault(place, FaultKind::Line(fault));
                return Next::Done;
            }
        };
        let expected = self.head.records;
        if record.seq != expected {
            let found = record.seq;
            self.fault(place, FaultKind::OutOfSequence { expected, found });
            return Next::Done;
        }
        let behind = Head::new(expected.saturating_add(1), chain::digest(line));
        if !record.prev.is(self.head.digest) {
            self.suspect = Some(Suspect {
                place,
                behind,
                says: record.prev.digest(),
            });
            return Next::Wanted;
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
                return Next::Done;
            }
        }
        self.before = self.head;
        self.head = behind;
        self.last = place;
        Next::Wanted
    }

    /// Says which of two records was changed; `next` is the line behind the suspect.
    fn decide(&mut self, suspect: &Suspect<'p>, next: Option<&[u8]>) {
        let pinned = self.options.head;
        let next = next.and_then(chain::tail);
        let says = next.map(|(seq, prev)| Head::new(seq, prev.digest()));
        // Whoever names a head vouches for the record before it. Where nobody does, it may be
        // either of the two; most of the bytes are those of the first.
        let second_is_good = says == Some(suspect.behind) || pinned == Some(suspect.behind);
        let first_is_good = pinned == Some(self.head) || self.head == Head::EMPTY;
        if first_is_good || (says.is_some() && !second_is_good) {
            let (expected, found) = (self.head.digest, suspect.says);
            self.fault(suspect.place, FaultKind::BrokenLink { expected, found });
        } else {
            let (expected, found) = (suspect.says, self.head.digest);
            self.head = self.before;
            self.fault(self.last, FaultKind::Changed { expected, found });
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
        if let Some(suspect) = self.suspect.take() {
            self.decide(&suspect, None);
        }
        let integrity = match (&self.fault, self.head.records) {
            (Some(_), _) if self.torn => Integrity::Torn,
            (Some(_), _) => Integrity::Broken,
            (None, 0) => Integrity::Empty,
            (None, _) => Integrity::Ok,
        };
        let completeness = match (self.options.head, integrity) {
            (Some(_), _) if self.pinned => Completeness::Ok,
            (Some(head), _) if integrity != Integrity::Broken => {
                if self.fault.is_none() {
                    let expected = head.records;
                    self.fault(end, FaultKind::Short { expected });
                }
                Completeness::Short
            }
            _ => Completeness::NotChecked,
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
