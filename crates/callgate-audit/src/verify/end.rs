//! The answers, once a log has been read to its end or to its first fault.

use super::chain::Place;
use super::pins::Pins;
use super::seal::Seals;
use super::{
    Authenticity, AuthenticityFault, Completeness, Fault, FaultKind, Integrity, Report, Trusted,
    VerifyOptions,
};
use crate::{Head, Tree};

/// What was found until then.
pub(super) struct End<'p> {
    pub(super) options: &'p VerifyOptions,
    pub(super) verified_from: u64,
    pub(super) pruned: Option<u64>,
    /// Whether what was known to be good is in the log.
    pub(super) is_reached: bool,
    pub(super) head: Head,
    pub(super) tree: Option<Tree>,
    pub(super) erasures: u64,
    pub(super) dangling: u64,
    pub(super) pins: Pins,
    pub(super) fault: Option<Fault>,
    pub(super) torn: bool,
    pub(super) seals: Seals<'p>,
}

impl End<'_> {
    /// The log ends at `place`.
    pub(super) fn report(mut self, place: Place<'_>) -> Report {
        // Where it is torn, that is its end.
        let torn = self.fault.clone();
        let place = torn
            .as_ref()
            .map_or(place, |fault| (fault.segment.as_deref(), fault.offset));
        let integrity = self.integrity();
        let completeness = self.completeness(integrity, place);
        let authenticity = self.authenticity(integrity, place);
        let is_good = matches!(integrity, Integrity::Ok | Integrity::Torn);
        let trusted = is_good.then(|| Trusted::of(self.head, self.tree.clone()));
        Report {
            records: self.head.records,
            head: self.head,
            root: self.tree.as_ref().map(Tree::root),
            verified_from: self.verified_from,
            pruned: self.pruned,
            integrity,
            completeness,
            authenticity,
            erasures: self.erasures,
            dangling: self.dangling,
            sealed: self.seals.sealed,
            key: self.seals.key().cloned(),
            cosignatures: self.seals.cosignatures,
            unchecked_anchors: self.seals.unchecked,
            trusted,
            // Whatever is wrong with signatures was found on the way to the fault of the chain.
            first_fault: self.seals.fault.or(self.fault),
        }
    }

    fn integrity(&self) -> Integrity {
        match &self.fault {
            Some(_) if self.torn => Integrity::Torn,
            Some(_) => Integrity::Broken,
            None if self.head.records == 0 || !self.is_reached => Integrity::Empty,
            None => Integrity::Ok,
        }
    }

    fn completeness(&mut self, integrity: Integrity, place: Place<'_>) -> Completeness {
        let start = (!self.is_reached).then_some(self.verified_from);
        let missing = self.pins.unreached();
        let missing = missing.max(self.seals.unreached()).max(start);
        let asked = self.options.anchored.len() > self.seals.unchecked;
        match missing {
            None if self.pins.is_any() || asked => Completeness::Ok,
            Some(expected) if integrity != Integrity::Broken => {
                let short = || Fault::new(self.head.records, place, FaultKind::Short { expected });
                self.fault.get_or_insert_with(short);
                Completeness::Short
            }
            _ => Completeness::NotChecked,
        }
    }

    fn authenticity(&mut self, integrity: Integrity, place: Place<'_>) -> Authenticity {
        let keyed = !self.options.keys.is_empty();
        if integrity == Integrity::Broken && self.seals.fault.is_none() {
            let kind = self.fault.as_ref().map(|fault| &fault.kind);
            let signed = matches!(
                kind,
                Some(FaultKind::Statement(_) | FaultKind::Anchored { .. })
            );
            return if keyed && signed {
                Authenticity::Failed
            } else {
                Authenticity::NotChecked
            };
        }
        if keyed && let Some(fault) = self.unsealed() {
            self.seals.fault(self.head.records, place, fault);
        }
        if let Some((_, expected)) = self.options.witnesses {
            let found = self.seals.cosignatures;
            if found < expected {
                let fault = AuthenticityFault::Cosignatures { expected, found };
                self.seals.fault(self.head.records, place, fault);
            }
        }
        match (&self.seals.fault, keyed) {
            (Some(_), _) => Authenticity::Failed,
            (None, true) => Authenticity::Ok,
            (None, false) => Authenticity::NotChecked,
        }
    }

    /// Whether too much stands behind the last checkpoint.
    fn unsealed(&self) -> Option<AuthenticityFault> {
        let trusted = self.options.start.as_ref().map(|_| self.verified_from);
        // The checkpoint itself is not under it, and is not what it is about.
        let sealed = self.seals.sealed.map(|size| size.saturating_add(1));
        let Some(upto) = sealed.max(trusted.filter(|from| *from > 0)) else {
            return Some(AuthenticityFault::NoCheckpoint);
        };
        let most = self
            .options
            .max_unsealed
            .unwrap_or(VerifyOptions::MAX_UNSEALED);
        let records = self.head.records.saturating_sub(upto);
        (records > most).then_some(AuthenticityFault::Unsealed { records, most })
    }
}
