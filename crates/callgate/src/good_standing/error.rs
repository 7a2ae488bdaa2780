//! Why a task was not begun, and what became of a revocation.

use callgate_identity::standing::{Bar, StoreError, TargetFault, TaskFault};

use crate::AuditError;

/// Why a task was not begun. Nothing was granted.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum BeginTaskError {
    /// The gate was built without a store of standing.
    #[error("a task needs a gate with a standing store")]
    NoStore,
    /// What it is to cover cannot be.
    #[error(transparent)]
    Task(#[from] TaskFault),
    /// The caller could not be resolved, or has ended.
    #[error("the caller may do nothing")]
    Caller,
    /// Something is against the caller.
    #[error("the caller is not in good standing")]
    Barred(Bar),
    /// It is not known whether anything is against the caller.
    #[error("it is not known who is in good standing")]
    Stale,
    /// Its time is over before it begins.
    #[error("the time of the task is over")]
    Over,
    /// A task of this id was begun in this tenant, and its id is not free yet.
    #[error("a task of this id was begun before")]
    Taken,
    /// The log did not take the record.
    #[error("the task cannot be recorded")]
    Record(#[source] AuditError),
    /// The store did not take it. The log says that it was begun, and cancelled.
    #[error("the task cannot be shared")]
    Store(#[source] StoreError),
}

/// What is amiss with a revocation, a quarantine, or the end of a task.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum RestrictError {
    /// The gate was built without a store of standing. Nothing was done.
    #[error("a revocation needs a gate with a standing store")]
    NoStore,
    /// An id or a tenant cannot be. Nothing was done.
    #[error(transparent)]
    Target(#[from] TargetFault),
    /// Whoever asks for it does not belong to the tenant. Nothing was done.
    #[error("whoever revokes has to belong to the tenant")]
    OtherTenant,
    /// No task of this id was begun in this tenant. Nothing was done.
    #[error("no task of this id was begun")]
    UnknownTask,
    /// It is in force in this process, and not known to be in the store: others may not know. The gate
    /// goes on trying to tell them for as long as it lives.
    #[error("it is in force here, and others may not know of it")]
    Unshared {
        /// Why the store did not take it.
        #[source]
        store: StoreError,
        /// Why the log did not take the record, where it did not either.
        record: Option<AuditError>,
    },
    /// It is in force everywhere, and the log did not take the record, which stays waiting.
    #[error("it is in force, and is not recorded yet")]
    Unrecorded(#[source] AuditError),
}

impl RestrictError {
    /// Whether it is in force in this process all the same.
    pub const fn is_in_force(&self) -> bool {
        matches!(self, Self::Unshared { .. } | Self::Unrecorded(_))
    }
}

/// Why a quarantine was not lifted.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum LiftError {
    /// The gate was built without a store of standing.
    #[error("a quarantine needs a gate with a standing store")]
    NoStore,
    /// Nothing is in quarantine by this name.
    #[error("nothing of this name is in quarantine")]
    NotQuarantined,
    /// Whoever asks for it does not belong to the tenant.
    #[error("whoever lifts a quarantine has to belong to the tenant")]
    OtherTenant,
    /// Somebody else has to lift it.
    #[error("the quarantine was not to be lifted by `{0}`")]
    NotByThem(callgate_types::PrincipalId),
    /// The log did not take the record. It was not lifted.
    #[error("the end of the quarantine cannot be recorded")]
    Record(#[source] AuditError),
    /// The store does not answer. It is recorded, and not known to be lifted.
    #[error("the quarantine is not known to be lifted")]
    Store(#[source] StoreError),
}
