//! The kit finds every planted flaw.
#![expect(
    clippy::arithmetic_side_effects,
    reason = "revisions of tests are small"
)]

use std::sync::Arc;
use std::sync::Mutex;
use std::time::Duration;

use chrono::{DateTime, Utc};

use super::check;
use crate::{
    Allowance, Approval, ApprovalId, ApprovalStore, Found, Listed, Listing, Loaded, Look,
    MemoryApprovals, Opened, Step, StoreError, Taken,
};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    LosesTheReason,
    FindsAnything,
    OpensTwice,
    NeverFrees,
    IgnoresTheRevision,
    IgnoresTheWindow,
    CountsNothing,
    CountsAllTenants,
    ListsBackwards,
    ForgetsTheLiving,
    LooksBeforeItTakes,
}

struct Flawed {
    flaw: Flaw,
    memory: MemoryApprovals,
    opened: Mutex<Vec<ApprovalId>>,
}

impl Flawed {
    fn new(flaw: Flaw) -> Self {
        Self {
            flaw,
            memory: MemoryApprovals::new(Utc::now),
            opened: Mutex::default(),
        }
    }

    fn altered(&self, approval: Option<Approval>) -> Option<Approval> {
        let mut approval = approval?;
        if self.flaw == Flaw::LosesTheReason {
            Arc::make_mut(&mut approval.question).preview = "".into();
        }
        Some(approval)
    }

    fn raw(&self, id: ApprovalId) -> Option<Approval> {
        self.memory.load(id).unwrap().approval
    }
}

impl ApprovalStore for Flawed {
    fn find(&self, look: &Look<'_>) -> Result<Found, StoreError> {
        let mut found = self.memory.find(look)?;
        if self.flaw == Flaw::FindsAnything && found.approval.is_none() {
            let first = self.opened.lock().unwrap().first().copied();
            found.approval = first.and_then(|id| self.raw(id));
        }
        if self.flaw == Flaw::CountsNothing {
            found.asked = 0;
        }
        Ok(found)
    }

    fn open(&self, new: &Approval, allowed: Option<Allowance>) -> Result<Opened, StoreError> {
        let mut new = new.clone();
        self.opened.lock().unwrap().push(new.id);
        match self.flaw {
            Flaw::OpensTwice if self.memory.load(new.id)?.approval.is_none() => {
                Arc::make_mut(&mut new.question).binding =
                    callgate_types::Digest::of(new.id.as_bytes());
            }
            Flaw::NeverFrees => new.expires_at = DateTime::<Utc>::MAX_UTC,
            Flaw::CountsAllTenants => Arc::make_mut(&mut new.question).tenant = None,
            _ => {}
        }
        let allowed = allowed.filter(|_| self.flaw != Flaw::CountsNothing);
        self.memory.open(&new, allowed)
    }

    fn load(&self, id: ApprovalId) -> Result<Loaded, StoreError> {
        let loaded = self.memory.load(id)?;
        Ok(Loaded::new(loaded.now, self.altered(loaded.approval)))
    }

    fn take(&self, step: &Step) -> Result<Taken, StoreError> {
        let mut step = step.clone();
        match self.flaw {
            Flaw::IgnoresTheWindow => (step.from, step.before) = (None, None),
            Flaw::IgnoresTheRevision => {
                let held = self.raw(step.next.id);
                step.next.revision = held.map_or(1, |held| held.revision + 1);
            }
            Flaw::LooksBeforeItTakes => {
                let held = self.raw(step.next.id);
                if held.is_none_or(|held| held.revision + 1 != step.next.revision) {
                    return Ok(Taken::Moved);
                }
                std::thread::sleep(Duration::from_millis(2));
                let held = self.raw(step.next.id);
                step.next.revision = held.map_or(1, |held| held.revision + 1);
            }
            _ => {}
        }
        self.memory.take(&step)
    }

    fn list(&self, what: &Listing<'_>) -> Result<Listed, StoreError> {
        let mut listed = self.memory.list(what)?;
        if self.flaw == Flaw::ListsBackwards {
            listed.approvals.reverse();
        }
        Ok(listed)
    }

    fn forget_dead(&self, since: Duration) -> Result<u64, StoreError> {
        let since = if self.flaw == Flaw::ForgetsTheLiving {
            Duration::ZERO
        } else {
            since
        };
        self.memory.forget_dead(since)
    }
}

#[track_caller]
fn finds(flaw: Flaw, rules: &str) {
    let found = check(|| Ok::<_, StoreError>(Flawed::new(flaw)));
    let found = found.map_or_else(|broken| broken.rule.to_string(), |()| "nothing".into());
    assert_eq!(found, rules);
}

#[test]
fn sound_store() {
    finds(Flaw::None, "nothing");
}

#[test]
fn planted_flaws() {
    finds(Flaw::LosesTheReason, "keeps all");
    finds(Flaw::FindsAnything, "finds by binding");
    finds(Flaw::OpensTwice, "keeps all");
    finds(Flaw::NeverFrees, "keeps all");
    finds(Flaw::IgnoresTheRevision, "takes a step once");
    finds(Flaw::IgnoresTheWindow, "keeps the window");
    finds(Flaw::CountsNothing, "counts asks");
    finds(Flaw::CountsAllTenants, "keeps all");
    finds(Flaw::ListsBackwards, "lists in order");
    finds(Flaw::ForgetsTheLiving, "forgets the dead");
    finds(Flaw::LooksBeforeItTakes, "lets one through");
}

#[test]
fn store_that_does_not_open() {
    let error = check(|| Err::<MemoryApprovals, _>("no such file"));
    assert_eq!(
        error.unwrap_err().to_string(),
        "the store breaks `opens`: expected a store, found no such file"
    );
}
