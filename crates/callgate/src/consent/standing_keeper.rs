//! The store of standing approvals, as the gate uses it.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use callgate_approval::standing::{
    Given, Spent, StandingApproval, StandingApprovalStore, StandingListed, StandingLoaded, Whose,
};
use callgate_approval::{ApprovalId, Listing, Step, StoreError, Taken};

use super::keeper::guarded;

/// A store whose panics are errors, and of which is known what it took.
#[derive(Clone)]
pub(crate) struct StandingKeeper(Arc<dyn StandingApprovalStore>);

impl fmt::Debug for StandingKeeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StandingKeeper").finish()
    }
}

impl StandingKeeper {
    pub(crate) const fn new(store: Arc<dyn StandingApprovalStore>) -> Self {
        Self(store)
    }

    /// An answer that was lost is looked for.
    pub(super) fn give(&self, new: &StandingApproval) -> Result<Given, StoreError> {
        match self.call(|store| store.give(new)) {
            Err(error) => match self.load(new.approval.id)?.standing {
                Some(there) if there == *new => Ok(Given::New),
                _ => Err(error),
            },
            given => given,
        }
    }

    pub(super) fn load(&self, id: ApprovalId) -> Result<StandingLoaded, StoreError> {
        self.call(|store| store.load(id))
    }

    pub(super) fn find(&self, whose: &Whose<'_>) -> Result<StandingListed, StoreError> {
        self.call(|store| store.find(whose))
    }

    /// An answer that was lost is looked for: a step that was taken is there as it was meant.
    pub(super) fn take(&self, step: &Step) -> Result<Taken, StoreError> {
        match self.call(|store| store.take(step)) {
            Err(error) => match self.load(step.next.id)?.standing {
                Some(there) if there.approval == step.next => Ok(Taken::Yes),
                _ => Err(error),
            },
            taken => taken,
        }
    }

    /// Of an answer that was lost nobody can tell: the use is lost, too.
    pub(super) fn spend(&self, id: ApprovalId) -> Result<Spent, StoreError> {
        self.call(|store| store.spend(id))
    }

    pub(super) fn list(&self, what: &Listing<'_>) -> Result<StandingListed, StoreError> {
        self.call(|store| store.list(what))
    }

    pub(super) fn forget_dead(&self, since: Duration) -> Result<u64, StoreError> {
        self.call(|store| store.forget_dead(since))
    }

    fn call<T>(
        &self,
        run: impl FnOnce(&dyn StandingApprovalStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        guarded(|| run(&*self.0))
    }
}
