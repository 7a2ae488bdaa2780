//! The check of one record after the other.

use std::path::Path;

use callgate_types::Digest;

use super::calls::Calls;
use super::end::End;
use super::examine::{self, Examined, Kind};
use super::part::Run;
use super::pins::Pins;
use super::seal::Seals;
use super::source::Open;
use super::start::Start;
use super::{Fault, FaultKind, VerifyOptions};
use crate::checkpoint::{Checkpoint, KeyChange, Pruned, StatementFault};
use crate::{Head, LineFault, Tree, chain};

/// What has been verified so far.
pub(super) struct Checker<'p> {
    options: &'p VerifyOptions,
    start: Start,
    head: Head,
    /// The head before the last record.
    before: Head,
    /// Unknown as long as the removed records before it are.
    tree: Option<Tree>,
    seals: Seals<'p>,
    suspect: Option<Suspect<'p>>,
    /// Where the last good record stands.
    last: Place<'p>,
    erasures: u64,
    calls: Calls,
    pins: Pins,
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
    pub(super) fn new(options: &'p VerifyOptions, start: Start) -> Self {
        let head = start.head();
        let tree = start.tree().cloned();
        Self {
            options,
            head,
            before: head,
            seals: Seals::new(options, head.records),
            suspect: None,
            last: (None, 0),
            erasures: 0,
            calls: Calls::default(),
            pins: Pins::new(&options.heads, head.records),
            fault: None,
            torn: false,
            tree,
            start,
        }
    }

    /// Before the first line: whether what was kept elsewhere fits the start.
    pub(super) fn begin(&mut self, place: Place<'p>) -> Next {
        let unknown = Digest::ZERO == self.head.digest && self.head.records > 0;
        if !unknown && let Err(expected) = self.pins.reach(self.head) {
            let found = self.head.digest;
            let record = self.head.records.saturating_sub(1);
            return self.stop_at(record, place, FaultKind::WrongHead { expected, found });
        }
        self.anchors(place)
    }

    pub(super) const fn head(&self) -> Head {
        self.head
    }

    /// A file begins, named after record `first`.
    pub(super) fn segment(&mut self, path: &'p Path, first: u64) -> Next {
        let expected = self.head.records;
        if self.suspect.is_some() || first == expected || self.start.skips_file(first) {
            return Next::Wanted;
        }
        let found = first;
        self.stop((Some(path), 0), FaultKind::WrongSegment { expected, found })
    }

    /// A line does not end.
    pub(super) fn open(&mut self, open: &Open<'p>) -> Next {
        if self.suspect.is_some() {
            return Next::Done;
        }
        let bytes = open.bytes;
        self.torn = open.is_end && open.is_last;
        let kind = match (open.is_end, open.is_last) {
            (false, _) => FaultKind::Line(LineFault::TooLong),
            (true, true) => FaultKind::Torn { bytes },
            (true, false) => FaultKind::Unended,
        };
        self.stop(open.place, kind)
    }

    /// Whether these records follow, and nothing is known from elsewhere about any one of them.
    pub(super) fn accepts(&self, run: &Run) -> bool {
        let behind = run.first.saturating_add(1)..=run.end;
        let follows = run.first == self.head.records && run.prev == self.head.digest;
        follows
            && self.suspect.is_none()
            && self.tree.is_some()
            && !self.start.is_skipping()
            && !self.pins.is_in(&behind)
            && !self.seals.is_anchored_in(behind)
    }

    /// Takes in records that it accepts; the last of them stands at `last`.
    pub(super) fn run(&mut self, run: &Run, last: Place<'p>) {
        if let Some(tree) = &mut self.tree {
            for node in &run.nodes {
                tree.push_node(node.level, node.digest);
            }
        }
        run.calls.iter().for_each(|call| self.calls.note(*call));
        self.erasures = self.erasures.saturating_add(run.erasures);
        self.before = Head::new(run.end.saturating_sub(1), run.before);
        self.head = Head::new(run.end, run.digest);
        self.last = last;
        self.seals.other();
    }

    /// Checks the next line, of which is known what it is by itself.
    pub(super) fn line(
        &mut self,
        line: &[u8],
        place: Place<'p>,
        found: &Result<Examined, LineFault>,
    ) -> Next {
        if let Some(suspect) = self.suspect.take() {
            self.decide(&suspect, Some(line));
            return Next::Done;
        }
        match self.start.skip(line) {
            None => {}
            Some(Ok(())) => return Next::Wanted,
            Some(Err(kind)) => {
                return self.stop_at(self.head.records.saturating_sub(1), place, kind);
            }
        }
        let record = match found {
            Ok(record) => record,
            Err(fault) => return self.stop(place, FaultKind::Line(*fault)),
        };
        let expected = self.head.records;
        if record.seq != expected {
            let found = record.seq;
            return self.stop(place, FaultKind::OutOfSequence { expected, found });
        }
        if self.start.takes_on_its_word(expected) {
            self.head = Head::new(expected, record.prev);
            if self.begin(place) == Next::Done {
                return Next::Done;
            }
        }
        let behind = Head::new(expected.saturating_add(1), record.digest);
        if record.prev != self.head.digest {
            self.suspect = Some(Suspect {
                place,
                behind,
                says: record.prev,
            });
            return Next::Wanted;
        }
        if let Err(expected) = self.pins.reach(behind) {
            let found = behind.digest;
            return self.stop(place, FaultKind::WrongHead { expected, found });
        }
        if let Err(fault) = self.statement(line, place, record) {
            return self.stop(place, FaultKind::Statement(fault));
        }
        if let Some(call) = record.call {
            self.calls.note(call);
        }
        self.accept(behind, place)
    }

    /// What the record says about the log itself.
    fn statement(
        &mut self,
        line: &[u8],
        place: Place<'p>,
        record: &Examined,
    ) -> Result<(), StatementFault> {
        let seq = record.seq;
        match record.kind {
            Kind::Checkpoint => {
                let rest = examine::rest(line);
                let checkpoint = Checkpoint::read(rest, seq, self.tree.as_ref())?;
                self.seals.checkpoint(&checkpoint.note, place);
                if self.tree.is_none() && self.start.takes_tree_on_its_word() {
                    self.tree = Some(checkpoint.tree);
                }
            }
            Kind::KeyChanged => {
                let change = KeyChange::read(examine::rest(line))?;
                self.seals.key_changed(&change, seq, place);
            }
            Kind::Pruned => {
                Pruned::read(examine::rest(line), seq)?;
                self.seals.other();
            }
            Kind::Erased => {
                self.erasures = self.erasures.saturating_add(1);
                self.seals.other();
            }
            Kind::Other => self.seals.other(),
        }
        Ok(())
    }

    /// The record is good, and the log reaches to `behind`.
    fn accept(&mut self, behind: Head, place: Place<'p>) -> Next {
        self.before = self.head;
        self.head = behind;
        self.last = place;
        if let Some(tree) = &mut self.tree {
            tree.push(behind.digest);
        } else if let Some(pruned) = self.start.pruned_until(behind.records) {
            if pruned.digest != behind.digest {
                let (expected, found) = (pruned.digest, behind.digest);
                self.head = self.before;
                return self.stop(place, FaultKind::Pruned { expected, found });
            }
            self.tree = Some(pruned.tree.clone());
        }
        self.anchors(place)
    }

    /// Holds the anchored notes of this size against the log.
    #[inline]
    fn anchors(&mut self, place: Place<'p>) -> Next {
        let size = self.head.records;
        if !self.seals.is_anchored(size) {
            return Next::Wanted;
        }
        match self.seals.anchored(size, self.tree.as_ref(), place) {
            Ok(()) => Next::Wanted,
            Err(kind) => {
                self.head = self.before;
                self.stop_at(size.saturating_sub(1), place, kind)
            }
        }
    }

    /// Says which of two records was changed; `next` is the line behind the suspect.
    fn decide(&mut self, suspect: &Suspect<'p>, next: Option<&[u8]>) {
        let pinned = |head| self.options.heads.contains(&head);
        let next = next.and_then(chain::tail);
        let says = next.map(|(seq, prev)| Head::new(seq, prev.digest()));
        // Whoever names a head vouches for the record before it. Where nobody does, it may be
        // either of the two; most of the bytes are those of the first.
        let second_is_good = says == Some(suspect.behind) || pinned(suspect.behind);
        let first_is_good = pinned(self.head) || self.head == self.start.head();
        if first_is_good || (says.is_some() && !second_is_good) {
            let (expected, found) = (self.head.digest, suspect.says);
            self.stop(suspect.place, FaultKind::BrokenLink { expected, found });
        } else {
            let (expected, found) = (suspect.says, self.head.digest);
            self.head = self.before;
            self.stop(self.last, FaultKind::Changed { expected, found });
        }
    }

    /// The log stops being good with the next record.
    pub(super) fn stop(&mut self, place: Place<'_>, kind: FaultKind) -> Next {
        self.stop_at(self.head.records, place, kind)
    }

    fn stop_at(&mut self, record: u64, place: Place<'_>, kind: FaultKind) -> Next {
        self.fault = Some(Fault::new(record, place, kind));
        Next::Done
    }

    /// The log ends, or a fault was found.
    pub(super) fn end(mut self) -> End<'p> {
        if let Some(suspect) = self.suspect.take() {
            self.decide(&suspect, None);
        }
        End {
            options: self.options,
            verified_from: self.start.head().records,
            pruned: self.start.pruned(),
            is_reached: self.start.is_reached(),
            head: self.head,
            tree: self.tree.filter(|tree| tree.size() == self.head.records),
            erasures: self.erasures,
            dangling: self.calls.count(),
            pins: self.pins,
            fault: self.fault,
            torn: self.torn,
            seals: self.seals,
        }
    }
}
