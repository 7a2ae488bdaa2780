//! Approvals in memory.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use callgate_types::Digest;
use callgate_types::quick_hash::Build;
use chrono::{DateTime, TimeDelta, Utc};

use crate::store::{
    Allowance, ApprovalStore, Found, Listed, Listing, Loaded, Look, Opened, StoreError, Taken,
};
use crate::{Approval, ApprovalId, Step};

/// Most approvals that are kept.
const MOST: usize = 100_000;

/// Approvals in memory: for one process, for as long as it lives.
///
/// It reads no clock itself: it is told one. Once it has 100 000 approvals it takes no more before
/// dead ones are forgotten, which it does by itself.
///
/// # Examples
///
/// ```
/// use callgate_approval::MemoryApprovals;
///
/// let store = MemoryApprovals::new(chrono::Utc::now);
/// # drop(store);
/// ```
pub struct MemoryApprovals {
    clock: Box<dyn Fn() -> DateTime<Utc> + Send + Sync>,
    kept: Mutex<Kept>,
}

#[derive(Default)]
struct Kept {
    // Ids come from the gate and bindings are digests: nobody can choose them so that they collide.
    all: HashMap<ApprovalId, Approval, Build>,
    /// The one with this binding that was asked last.
    last: HashMap<Digest, ApprovalId, Build>,
    /// When each subject of a tenant asked, oldest first: at most [`MOST`] times each.
    asked: Asked,
}

/// When each subject asked: of each tenant, and outside of all.
#[derive(Default)]
struct Asked {
    of_tenants: HashMap<Box<str>, Times>,
    of_none: Times,
}

type Times = HashMap<Box<str>, Vec<DateTime<Utc>>>;

impl Asked {
    fn times(&self, tenant: Option<&str>, subject: &str) -> &[DateTime<Utc>] {
        let times = match tenant {
            Some(tenant) => self.of_tenants.get(tenant),
            None => Some(&self.of_none),
        };
        let times = times.and_then(|times| times.get(subject));
        times.map_or(&[], Vec::as_slice)
    }

    /// Hands over the times of a subject, to be changed.
    fn with<R>(
        &mut self,
        tenant: Option<&str>,
        subject: &str,
        change: impl FnOnce(&mut Vec<DateTime<Utc>>) -> R,
    ) -> R {
        match tenant {
            Some(tenant) => with(&mut self.of_tenants, tenant, |times| {
                with(times, subject, change)
            }),
            None => with(&mut self.of_none, subject, change),
        }
    }

    /// Forgets what was asked until `then`.
    fn forget(&mut self, then: DateTime<Utc>) {
        let forget = |times: &mut Times| {
            times.retain(|_, times| {
                times.drain(..until(times, then));
                !times.is_empty()
            });
            !times.is_empty()
        };
        self.of_tenants.retain(|_, times| forget(times));
        forget(&mut self.of_none);
    }
}

/// Hands over what `map` has for `key`; a new one where it has nothing.
fn with<V: Default, R>(
    map: &mut HashMap<Box<str>, V>,
    key: &str,
    change: impl FnOnce(&mut V) -> R,
) -> R {
    // Most keys are there: then none is made.
    if let Some(value) = map.get_mut(key) {
        return change(value);
    }
    change(map.entry(key.into()).or_default())
}

impl MemoryApprovals {
    /// An empty store whose time is that of `clock`.
    pub fn new(clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self {
            clock: Box::new(clock),
            kept: Mutex::default(),
        }
    }

    fn lock(&self) -> (DateTime<Utc>, MutexGuard<'_, Kept>) {
        // Nothing is left half done: every change is one insertion, or can be lost.
        let kept = self.kept.lock().unwrap_or_else(PoisonError::into_inner);
        ((self.clock)(), kept)
    }
}

impl fmt::Debug for MemoryApprovals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MemoryApprovals").finish_non_exhaustive()
    }
}

impl ApprovalStore for MemoryApprovals {
    fn find(&self, look: &Look<'_>) -> Result<Found, StoreError> {
        let (now, kept) = self.lock();
        let last = kept.last.get(&look.binding);
        let approval = last.and_then(|id| kept.all.get(id)).cloned();
        let times = kept.asked.times(look.tenant, look.subject.as_str());
        let asked = count(times, before(now, look.within));
        Ok(Found::new(now, approval, asked))
    }

    fn open(&self, new: &Approval, allowed: Option<Allowance>) -> Result<Opened, StoreError> {
        let (now, mut kept) = self.lock();
        let question = &new.question;
        let last = kept.last.get(&question.binding);
        if let Some(there) = last.and_then(|id| kept.all.get(id))
            && there.holds_place(now)
        {
            return Ok(Opened::There(Box::new(there.clone())));
        }
        if now >= new.expires_at || kept.all.contains_key(&new.id) {
            return Err(StoreError::new(
                "an approval that is new and has not expired",
            ));
        }
        if kept.all.len() >= MOST {
            kept.forget(now);
        }
        if kept.all.len() >= MOST {
            return Err(StoreError::new("the store of approvals is full"));
        }
        let (tenant, subject) = (question.tenant.as_deref(), question.subject.as_str());
        let is_allowed = kept.asked.with(tenant, subject, |times| {
            if let Some(allowed) = allowed {
                let from = before(now, allowed.within);
                if count(times, from) >= allowed.at_most {
                    return false;
                }
                times.drain(..until(times, from));
            } else if times.len() >= MOST {
                // Nobody bounds them here, and no bound is as high.
                times.drain(..MOST / 2);
            }
            // A clock that was set back puts nothing before what was asked already.
            times.push(times.last().map_or(now, |last| now.max(*last)));
            true
        });
        if !is_allowed {
            return Ok(Opened::TooMany);
        }
        kept.last.insert(question.binding, new.id);
        kept.all.insert(new.id, new.clone());
        Ok(Opened::New)
    }

    fn load(&self, id: ApprovalId) -> Result<Loaded, StoreError> {
        let (now, kept) = self.lock();
        Ok(Loaded::new(now, kept.all.get(&id).cloned()))
    }

    fn take(&self, step: &Step) -> Result<Taken, StoreError> {
        let (now, mut kept) = self.lock();
        let Some(held) = kept.all.get_mut(&step.next.id) else {
            return Ok(Taken::Moved);
        };
        if held.revision.checked_add(1) != Some(step.next.revision) {
            return Ok(Taken::Moved);
        }
        if !step.is_in_time(now) {
            return Ok(Taken::OutOfTime);
        }
        held.clone_from(&step.next);
        Ok(Taken::Yes)
    }

    fn list(&self, what: &Listing<'_>) -> Result<Listed, StoreError> {
        let (now, kept) = self.lock();
        let mut all: Vec<&Approval> = kept
            .all
            .values()
            .filter(|approval| what.takes(approval, now))
            .collect();
        all.sort_unstable_by_key(|approval| (approval.asked_at, approval.id));
        all.truncate(what.most.min(Listing::MOST));
        Ok(Listed::new(now, all.into_iter().cloned().collect()))
    }

    fn forget_dead(&self, since: Duration) -> Result<u64, StoreError> {
        let (now, mut kept) = self.lock();
        let had = kept.all.len();
        kept.forget(before(now, since));
        let gone = had.saturating_sub(kept.all.len());
        Ok(u64::try_from(gone).unwrap_or(u64::MAX))
    }
}

impl Kept {
    /// Forgets what was dead at `then` already.
    fn forget(&mut self, then: DateTime<Utc>) {
        self.all.retain(|_, approval| !approval.is_dead(then));
        let all = &self.all;
        self.last.retain(|_, id| all.contains_key(id));
        self.asked.forget(then);
    }
}

/// How many of them are after `from`.
fn count(times: &[DateTime<Utc>], from: DateTime<Utc>) -> u64 {
    let count = times.len().saturating_sub(until(times, from));
    u64::try_from(count).unwrap_or(u64::MAX)
}

/// How many of them are not after `from`.
fn until(times: &[DateTime<Utc>], from: DateTime<Utc>) -> usize {
    times.partition_point(|time| *time <= from)
}

fn before(now: DateTime<Utc>, time: Duration) -> DateTime<Utc> {
    let time = TimeDelta::from_std(time).unwrap_or(TimeDelta::MAX);
    now.checked_sub_signed(time)
        .unwrap_or(DateTime::<Utc>::MIN_UTC)
}
