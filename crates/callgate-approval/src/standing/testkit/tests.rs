//! The kit finds every planted flaw.
#![expect(clippy::arithmetic_side_effects, reason = "uses of tests are few")]

use std::time::Duration;

use chrono::Utc;

use super::check;
use crate::standing::{
    Given, MemoryStandingApprovals, Spent, StandingApproval, StandingApprovalStore, StandingListed,
    StandingLoaded, Whose,
};
use crate::{ApprovalId, Listing, Step, StoreError, Taken};

#[derive(Clone, Copy, PartialEq, Eq)]
enum Flaw {
    None,
    LosesTheCondition,
    OverwritesAnId,
    SpendsForEver,
    SpendsTheRevoked,
    SpendsTooLate,
    GivesUsesBack,
    IgnoresTheWindow,
    FindsOfOthers,
    FindsTheUsedUp,
    ForgetsTheUntold,
    TakesAnyNumber,
    ListsBackwards,
    ForgetsTheLiving,
    LooksBeforeItSpends,
}

struct Flawed {
    flaw: Flaw,
    memory: MemoryStandingApprovals,
}

impl Flawed {
    fn new(flaw: Flaw) -> Self {
        Self {
            flaw,
            memory: MemoryStandingApprovals::new(Utc::now),
        }
    }

    fn is(&self, flaw: Flaw) -> bool {
        self.flaw == flaw
    }
}

impl StandingApprovalStore for Flawed {
    fn give(&self, new: &StandingApproval) -> Result<Given, StoreError> {
        match self.memory.give(new) {
            Ok(Given::TooMany) if self.is(Flaw::TakesAnyNumber) => Ok(Given::New),
            Err(_) if self.is(Flaw::OverwritesAnId) => Ok(Given::New),
            given => given,
        }
    }

    fn load(&self, id: ApprovalId) -> Result<StandingLoaded, StoreError> {
        let mut loaded = self.memory.load(id)?;
        if let Some(standing) = &mut loaded.standing {
            if self.is(Flaw::LosesTheCondition) {
                let digest = standing.approval.question.arguments;
                standing.arguments = crate::standing::Arguments::Same(digest);
            }
            if self.is(Flaw::GivesUsesBack) && standing.approval.revision > 0 {
                standing.used = 0;
            }
        }
        Ok(loaded)
    }

    fn find(&self, whose: &Whose<'_>) -> Result<StandingListed, StoreError> {
        let mut found = self.memory.find(whose)?;
        let all = self.memory.list(&Listing::new().with_ended())?.standing;
        match self.flaw {
            Flaw::FindsOfOthers => found.standing.extend(
                all.into_iter()
                    .filter(|one| &*one.approval.question.tool != whose.tool),
            ),
            Flaw::FindsTheUsedUp => found
                .standing
                .extend(all.into_iter().filter(|one| one.used >= one.uses)),
            Flaw::ForgetsTheUntold => found.standing.retain(|one| !one.is_unrecorded()),
            _ => {}
        }
        Ok(found)
    }

    fn take(&self, step: &Step) -> Result<Taken, StoreError> {
        let mut step = step.clone();
        if self.is(Flaw::IgnoresTheWindow) {
            (step.from, step.before) = (None, None);
        }
        self.memory.take(&step)
    }

    fn spend(&self, id: ApprovalId) -> Result<Spent, StoreError> {
        let before = self.memory.load(id)?.standing;
        if self.is(Flaw::LooksBeforeItSpends)
            && let Some(before) = before.filter(|one| one.is_in_force(Utc::now()))
        {
            std::thread::sleep(Duration::from_millis(2));
            self.memory.spend(id)?;
            let left = before.uses.checked_sub(before.used + 1);
            return Ok(left.map_or(Spent::UsedUp, Spent::Left));
        }
        match self.memory.spend(id)? {
            Spent::UsedUp if self.is(Flaw::SpendsForEver) => Ok(Spent::Left(0)),
            Spent::OutOfTime if self.is(Flaw::SpendsTooLate) => Ok(Spent::Left(0)),
            Spent::NotInForce if self.is(Flaw::SpendsTheRevoked) => Ok(Spent::Left(1)),
            spent => Ok(spent),
        }
    }

    fn list(&self, what: &Listing<'_>) -> Result<StandingListed, StoreError> {
        let mut listed = self.memory.list(what)?;
        if self.is(Flaw::ListsBackwards) {
            listed.standing.reverse();
        }
        Ok(listed)
    }

    fn forget_dead(&self, since: Duration) -> Result<u64, StoreError> {
        let since = if self.is(Flaw::ForgetsTheLiving) {
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
    finds(Flaw::LosesTheCondition, "keeps all");
    finds(Flaw::OverwritesAnId, "keeps all");
    finds(Flaw::SpendsForEver, "spends no more");
    finds(Flaw::SpendsTheRevoked, "spends in force");
    finds(Flaw::SpendsTooLate, "spends in time");
    finds(Flaw::GivesUsesBack, "takes a step once");
    finds(Flaw::IgnoresTheWindow, "keeps the window");
    finds(Flaw::FindsOfOthers, "finds whose");
    finds(Flaw::FindsTheUsedUp, "finds whose");
    finds(Flaw::ForgetsTheUntold, "finds whose");
    finds(Flaw::TakesAnyNumber, "bounds how many");
    finds(Flaw::ListsBackwards, "lists in order");
    finds(Flaw::ForgetsTheLiving, "forgets the dead");
    finds(Flaw::LooksBeforeItSpends, "spends no more at once");
}

#[test]
fn store_that_does_not_open() {
    let error = check(|| Err::<MemoryStandingApprovals, _>("no such file"));
    assert_eq!(
        error.unwrap_err().to_string(),
        "the store breaks `opens`: expected a store, found no such file"
    );
}
