//! Standing approvals in memory.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use chrono::{DateTime, TimeDelta, Utc};

use super::StandingApproval;
use super::store::{
    Given, MOST, Spent, StandingApprovalStore, StandingListed, StandingLoaded, Whose,
};
use crate::{ApprovalId, Listing, Step, StoreError, Taken};

/// Most standing approvals that are kept.
const ROOM: usize = 100_000;

/// Standing approvals in memory: for one process, for as long as it lives.
///
/// It reads no clock itself: it is told one. Once it has 100 000 it takes no more before those whose
/// time is over are forgotten, which it does by itself.
pub struct MemoryStandingApprovals {
    clock: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    kept: Mutex<HashMap<ApprovalId, StandingApproval>>,
}

impl MemoryStandingApprovals {
    /// An empty store whose time is that of `clock`.
    pub fn new(clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self {
            clock: Box::new(clock),
            kept: Mutex::default(),
        }
    }

    fn lock(
        &self,
    ) -> (
        DateTime<Utc>,
        MutexGuard<'_, HashMap<ApprovalId, StandingApproval>>,
    ) {
        // Nothing is left half done: every change is one insertion, or one count.
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        ((self.clock)(), kept)
    }
}

impl fmt::Debug for MemoryStandingApprovals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryStandingApprovals")
            .finish_non_exhaustive()
    }
}

impl StandingApprovalStore for MemoryStandingApprovals {
    fn give(&self, new: &StandingApproval) -> Result<Given, StoreError> {
        let (now, mut kept) = self.lock();
        if now >= new.approval.expires_at || kept.contains_key(&new.approval.id) {
            return Err(StoreError::new(
                "expected a standing approval that is new and has not expired",
            ));
        }
        if kept.len() >= ROOM {
            kept.retain(|_, standing| !standing.is_dead(now));
        }
        if kept.len() >= ROOM {
            return Err(StoreError::new("the store of standing approvals is full"));
        }
        let whose = Whose::of(new);
        let open = Listing::new();
        let there = kept.values().filter(|one| whose.is_of(one));
        if there.filter(|one| one.is_listed(&open, now)).count() >= MOST {
            return Ok(Given::TooMany);
        }
        kept.insert(new.approval.id, new.clone());
        Ok(Given::New)
    }

    fn load(&self, id: ApprovalId) -> Result<StandingLoaded, StoreError> {
        let (now, kept) = self.lock();
        Ok(StandingLoaded::new(now, kept.get(&id).cloned()))
    }

    fn find(&self, whose: &Whose<'_>) -> Result<StandingListed, StoreError> {
        let (now, kept) = self.lock();
        let of_these = || kept.values().filter(|one| whose.is_of(one));
        let mut found = first_to_end(of_these().filter(|one| one.is_in_force(now)));
        let untold = of_these().filter(|one| one.is_unrecorded() && !one.is_in_force(now));
        found.extend(first_to_end(untold));
        let found = found.into_iter().cloned().collect();
        Ok(StandingListed::new(now, found))
    }

    fn take(&self, step: &Step) -> Result<Taken, StoreError> {
        let (now, mut kept) = self.lock();
        let Some(held) = kept.get_mut(&step.next.id) else {
            return Ok(Taken::Moved);
        };
        if held.approval.revision.checked_add(1) != Some(step.next.revision) {
            return Ok(Taken::Moved);
        }
        if !step.is_in_time(now) {
            return Ok(Taken::OutOfTime);
        }
        held.approval.clone_from(&step.next);
        Ok(Taken::Yes)
    }

    fn spend(&self, id: ApprovalId) -> Result<Spent, StoreError> {
        let (now, mut kept) = self.lock();
        let held = kept.get_mut(&id);
        Ok(held.map_or(Spent::NotInForce, |held| held.spend(now)))
    }

    fn list(&self, what: &Listing<'_>) -> Result<StandingListed, StoreError> {
        let (now, kept) = self.lock();
        let mut all: Vec<&StandingApproval> = kept
            .values()
            .filter(|standing| standing.is_listed(what, now))
            .collect();
        all.sort_unstable_by_key(|one| (one.approval.asked_at, one.approval.id));
        all.truncate(what.most.min(Listing::MOST));
        let all = all.into_iter().cloned().collect();
        Ok(StandingListed::new(now, all))
    }

    fn forget_dead(&self, since: Duration) -> Result<u64, StoreError> {
        let (now, mut kept) = self.lock();
        let since = TimeDelta::from_std(since).unwrap_or(TimeDelta::MAX);
        let then = now
            .checked_sub_signed(since)
            .unwrap_or(DateTime::<Utc>::MIN_UTC);
        let had = kept.len();
        kept.retain(|_, standing| !standing.is_dead(then));
        let gone = had.saturating_sub(kept.len());
        Ok(u64::try_from(gone).unwrap_or(u64::MAX))
    }
}

/// As many as are found, those first that end first.
fn first_to_end<'a>(all: impl Iterator<Item = &'a StandingApproval>) -> Vec<&'a StandingApproval> {
    let mut all: Vec<&StandingApproval> = all.collect();
    all.sort_unstable_by_key(|one| (one.approval.expires_at, one.approval.id));
    all.truncate(MOST);
    all
}
