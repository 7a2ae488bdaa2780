//! The store of approvals, as the gate uses it.

use std::fmt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Arc;
use std::time::Duration;

use callgate_approval::{
    Allowance, Approval, ApprovalId, ApprovalStore, Found, Listed, Listing, Loaded, Look, Opened,
    Step, StoreError, Taken,
};

/// A store whose panics are errors, and of which is known what it took.
#[derive(Clone)]
pub(crate) struct Keeper(Arc<dyn ApprovalStore>);

impl fmt::Debug for Keeper {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Keeper").finish()
    }
}

impl Keeper {
    pub(crate) const fn new(store: Arc<dyn ApprovalStore>) -> Self {
        Self(store)
    }

    pub(crate) fn find(&self, look: &Look<'_>) -> Result<Found, StoreError> {
        self.call(|store| store.find(look))
    }

    /// An answer that was lost is looked for.
    pub(crate) fn open(
        &self,
        new: &Approval,
        allowed: Option<Allowance>,
    ) -> Result<Opened, StoreError> {
        match self.call(|store| store.open(new, allowed)) {
            Ok(Opened::There(there)) if *there == *new => Ok(Opened::New),
            Err(error) => match self.load(new.id)?.approval {
                Some(there) if there == *new => Ok(Opened::New),
                _ => Err(error),
            },
            opened => opened,
        }
    }

    pub(crate) fn load(&self, id: ApprovalId) -> Result<Loaded, StoreError> {
        self.call(|store| store.load(id))
    }

    /// An answer that was lost is looked for: a step that was taken is there as it was meant.
    pub(crate) fn take(&self, step: &Step) -> Result<Taken, StoreError> {
        match self.call(|store| store.take(step)) {
            Err(error) => match self.load(step.next.id)?.approval {
                Some(there) if there == step.next => Ok(Taken::Yes),
                _ => Err(error),
            },
            taken => taken,
        }
    }

    pub(crate) fn list(&self, what: &Listing<'_>) -> Result<Listed, StoreError> {
        self.call(|store| store.list(what))
    }

    pub(crate) fn forget_dead(&self, since: Duration) -> Result<u64, StoreError> {
        self.call(|store| store.forget_dead(since))
    }

    fn call<T>(
        &self,
        run: impl FnOnce(&dyn ApprovalStore) -> Result<T, StoreError>,
    ) -> Result<T, StoreError> {
        guarded(|| run(&*self.0))
    }
}

/// A store that panics has failed.
pub(super) fn guarded<T>(call: impl FnOnce() -> Result<T, StoreError>) -> Result<T, StoreError> {
    catch_unwind(AssertUnwindSafe(call))
        .unwrap_or_else(|_| Err(StoreError::new("the store panicked")))
}
