//! The step of the limits in the judging of one call.

use std::sync::Arc;

use callgate_policy::Use;
use callgate_policy::document::OnExceed;
use callgate_types::Code;

use crate::cause::Cause;
use crate::consent::deny;
use crate::judged::Judged;
use crate::limits::{Limits, Over, Reservation, Taken, oversized, uncountable};

/// Reserves what a call would use, and keeps hold of it.
pub(crate) struct Meter<'g> {
    limits: Source<'g>,
    /// What is reserved for the call.
    reserved: Option<Reservation>,
}

/// Against what a call is measured.
enum Source<'g> {
    /// Against the limits alone: nothing is used so far, and nothing is reserved.
    Nothing,
    /// Against what is used; a gate without a store counts nothing, so everything exceeds.
    Store(Option<&'g Arc<Limits>>),
}

/// No store says how much is used.
#[derive(Debug)]
pub(crate) struct Unavailable;

impl<'g> Meter<'g> {
    /// Measures against the limits alone.
    pub(crate) const fn dry() -> Self {
        Self {
            limits: Source::Nothing,
            reserved: None,
        }
    }

    /// Reserves, where `reserved` is not all already.
    pub(crate) const fn new(
        limits: Option<&'g Arc<Limits>>,
        reserved: Option<Reservation>,
    ) -> Self {
        Self {
            limits: Source::Store(limits),
            reserved,
        }
    }

    /// Reserves what `uses` say, and takes them; leaves them where they do not fit, and says what does
    /// not.
    pub(crate) fn take<'p>(
        &mut self,
        uses: &mut Vec<Use<'p>>,
    ) -> Result<Vec<Over<'p>>, Unavailable> {
        let limits = match &self.limits {
            Source::Nothing => return Ok(oversized(uses)),
            Source::Store(limits) => limits,
        };
        if let Some(over) = uncountable(uses) {
            return self.take_rest(uses, over);
        }
        match self.reserved.take() {
            // Judged again by another policy: what is reserved already is not reserved twice.
            Some(reserved) if reserved.covers(uses) => {
                self.reserved = Some(reserved);
                return Ok(Vec::new());
            }
            Some(reserved) => reserved.give_back(),
            None => {}
        }
        match limits.ok_or(Unavailable)?.reserve(uses, false) {
            Taken::Held(reserved) => {
                self.reserved = Some(reserved);
                Ok(Vec::new())
            }
            Taken::Exceeded(over) => Ok(over),
            Taken::Unavailable => Err(Unavailable),
        }
    }

    /// As [`Meter::take`], where some of `uses` cannot be counted, which are `over`. Where those ask,
    /// the others say whether the call is denied all the same: nobody is asked about one that is.
    fn take_rest<'p>(
        &mut self,
        uses: &[Use<'p>],
        mut over: Vec<Over<'p>>,
    ) -> Result<Vec<Over<'p>>, Unavailable> {
        let asks = |over: &Over<'_>| over.one.limit().on_exceed == OnExceed::Ask;
        let countable = uses.iter().filter(|one| one.amount().is_some());
        let mut rest: Vec<Use<'p>> = countable.cloned().collect();
        if !rest.is_empty() && over.iter().all(asks) {
            over.append(&mut self.take(&mut rest)?);
            over.sort_by(|one, other| one.one.limit().id.cmp(&other.one.limit().id));
            // It does not run before somebody agrees.
            self.give_back();
        }
        Ok(over)
    }

    /// Reserves for a call that was asked about, and agreed to: also beyond limits that ask. What
    /// cannot be counted is not. The call is denied where that cannot be reserved.
    pub(crate) fn take_agreed(&mut self, judged: &mut Judged<'_>) {
        let mut uses = std::mem::take(&mut judged.uses);
        uses.retain(|one| one.amount().is_some());
        if uses.is_empty() {
            return;
        }
        let Source::Store(Some(limits)) = &self.limits else {
            return deny(judged, Code::LimitsUnavailable);
        };
        match limits.reserve(&mut uses, true) {
            Taken::Held(reserved) => self.reserved = Some(reserved),
            Taken::Exceeded(over) => {
                deny(judged, Code::LimitExceeded);
                if let Some(first) = over.first() {
                    judged.cause = Cause::of_limit(first);
                }
                judged.over = over;
            }
            Taken::Unavailable => deny(judged, Code::LimitsUnavailable),
        }
    }

    /// What is reserved, for a call that may run.
    pub(crate) fn into_reservation(self) -> Option<Reservation> {
        self.reserved
    }

    /// Gives back what was reserved for a call that does not run; waits for the store.
    pub(crate) fn give_back(&mut self) {
        if let Some(reserved) = self.reserved.take() {
            reserved.give_back();
        }
    }
}
