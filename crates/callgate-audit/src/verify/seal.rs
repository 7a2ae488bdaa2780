//! Who vouches for the records: keys, checkpoints, and notes that were kept elsewhere.
//!
//! What is wrong here is a fault of authenticity: the check of the chain goes on.

use std::ops::RangeInclusive;

use super::chain::Place;
use super::{AuthenticityFault, Fault, FaultKind, VerifyOptions};
use crate::checkpoint::KeyChange;
use crate::{SignedNote, Tree, VerifyingKey};

pub(super) struct Seals<'p> {
    options: &'p VerifyOptions,
    /// What the origin must be.
    origin: Option<&'p str>,
    /// `None` without a key, and as long as it is open which of several it is.
    in_force: Option<VerifyingKey>,
    /// The key that follows, if the next record is a checkpoint that it has signed, too.
    next: Option<VerifyingKey>,
    /// The size of the last valid checkpoint.
    pub(super) sealed: Option<u64>,
    /// Notes that are to come, the last one first.
    anchors: Vec<&'p SignedNote>,
    /// How many are about records that are not read.
    pub(super) unchecked: usize,
    /// The most cosignatures that count on one note.
    pub(super) cosignatures: usize,
    pub(super) fault: Option<Fault>,
}

impl<'p> Seals<'p> {
    /// The log is read from record `from` on.
    pub(super) fn new(options: &'p VerifyOptions, from: u64) -> Self {
        let first = options.keys.first();
        let (origin, in_force) = (options.origin.as_deref(), first.cloned());
        let open = from > 0 && options.keys.len() > 1;
        let mut anchors: Vec<_> = options.anchored.iter().collect();
        anchors.sort_by_key(|note| note.size());
        anchors.reverse();
        let all = anchors.len();
        anchors.retain(|note| note.size() >= from);
        Self {
            options,
            origin: origin.or(first.map(VerifyingKey::name)),
            in_force: in_force.filter(|_| !open),
            next: None,
            sealed: None,
            unchecked: all.saturating_sub(anchors.len()),
            anchors,
            cosignatures: 0,
            fault: None,
        }
    }

    /// A record says nothing about the log itself.
    #[inline]
    pub(super) fn other(&mut self) {
        if self.next.is_some() {
            self.next = None;
        }
    }

    /// A checkpoint, the note of which says what the log is there.
    pub(super) fn checkpoint(&mut self, note: &SignedNote, place: Place<'_>) {
        let next = self.next.take();
        let seq = note.size();
        self.check_origin(note.origin(), seq, place);
        if self.options.keys.is_empty() {
            return;
        }
        if !self.is_valid(note) {
            return self.fault(seq, place, AuthenticityFault::NotSigned);
        }
        self.sealed = Some(seq);
        if let Some(next) = next
            && note.is_signed_by(&next)
        {
            self.in_force = Some(next);
        }
    }

    /// Another key is to sign from now on.
    pub(super) fn key_changed(&mut self, change: &KeyChange, seq: u64, place: Place<'_>) {
        self.next = None;
        self.check_origin(&change.origin, seq, place);
        if self.in_force.is_none() {
            let mut keys = self.options.keys.iter();
            self.in_force = keys.find(|key| key.to_string() == change.from).cloned();
        }
        let Some(key) = &self.in_force else { return };
        if key.to_string() != change.from {
            return;
        }
        match change.to.parse::<VerifyingKey>() {
            Ok(to) if to.name() == change.origin => self.next = Some(to),
            Ok(_) => self.fault(seq, place, AuthenticityFault::Origin),
            Err(error) => self.fault(seq, place, AuthenticityFault::NextKey(error)),
        }
    }

    /// Whether a note was kept elsewhere about the first `size` records.
    #[inline]
    pub(super) fn is_anchored(&self, size: u64) -> bool {
        self.anchors.last().is_some_and(|note| note.size() == size)
    }

    /// Whether one was kept about a number of records in `sizes`, all of which are still to come.
    pub(super) fn is_anchored_in(&self, sizes: RangeInclusive<u64>) -> bool {
        let next = self.anchors.last();
        next.is_some_and(|note| sizes.contains(&note.size()))
    }

    /// Holds the notes of this size against the tree; without one, nothing can be said.
    ///
    /// # Errors
    ///
    /// The log is not the one that the note is about.
    pub(super) fn anchored(
        &mut self,
        size: u64,
        tree: Option<&Tree>,
        place: Place<'_>,
    ) -> Result<(), FaultKind> {
        while self.is_anchored(size)
            && let Some(note) = self.anchors.pop()
        {
            let Some(tree) = tree else {
                self.unchecked = self.unchecked.saturating_add(1);
                continue;
            };
            self.check_origin(note.origin(), size, place);
            if !self.options.keys.is_empty() && !self.is_valid(note) {
                self.fault(size, place, AuthenticityFault::AnchorNotSigned);
            }
            let (expected, found) = (note.root(), tree.root());
            if expected != found {
                self.anchors.push(note);
                return Err(FaultKind::Anchored { expected, found });
            }
            self.cosignatures = self.cosignatures.max(self.cosignatures_on(note));
        }
        Ok(())
    }

    /// The largest size that was never reached.
    pub(super) fn unreached(&self) -> Option<u64> {
        self.anchors.first().map(|note| note.size())
    }

    /// The key in force behind what was read.
    pub(super) fn key(&self) -> Option<&VerifyingKey> {
        self.in_force.as_ref()
    }

    pub(super) fn fault(&mut self, record: u64, place: Place<'_>, why: AuthenticityFault) {
        let kind = FaultKind::Authenticity(why);
        self.fault
            .get_or_insert_with(|| Fault::new(record, place, kind));
    }

    fn check_origin(&mut self, origin: &str, record: u64, place: Place<'_>) {
        if self.origin.is_some_and(|expected| expected != origin) {
            self.fault(record, place, AuthenticityFault::Origin);
        }
    }

    /// Whether the key in force has signed; where it is open which one that is, this decides.
    fn is_valid(&mut self, note: &SignedNote) -> bool {
        if self.in_force.is_none() {
            let mut keys = self.options.keys.iter();
            self.in_force = keys.find(|key| note.is_signed_by(key)).cloned();
            return self.in_force.is_some();
        }
        let mut key = self.in_force.iter();
        key.any(|key| note.is_signed_by(key))
    }

    fn cosignatures_on(&self, note: &SignedNote) -> usize {
        let Some((witnesses, _)) = &self.options.witnesses else {
            return 0;
        };
        let signed = |key: &&VerifyingKey| note.cosigned_by(key).is_some();
        let mut names: Vec<_> = witnesses
            .iter()
            .filter(signed)
            .map(VerifyingKey::name)
            .collect();
        // A witness counts once, however many keys it has.
        names.sort_unstable();
        names.dedup();
        names.len()
    }
}
