//! What keeps a caller from being.

use crate::{Caller, DelegationFault, PrincipalId};

/// Why a caller could not be resolved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CallerError {
    /// A principal does not belong to the tenant of the call.
    #[error("`{principal}` does not belong to tenant `{tenant}`")]
    NotAMember {
        /// Who does not belong.
        principal: PrincipalId,
        /// The tenant.
        tenant: Box<str>,
    },
    /// The name of the tenant is empty, too long, or has control characters.
    #[error("expected a tenant name of 1 to 256 bytes without control characters")]
    BadTenant,
    /// The chain is too long.
    #[error(
        "expected at most {} actors in a chain, found {found}",
        Caller::MAX_ACTORS
    )]
    TooManyActors {
        /// How many there are.
        found: usize,
    },
    /// An actor stands twice in the chain.
    #[error("`{actor}` stands twice in the chain of actors")]
    Loop {
        /// The actor that comes back.
        actor: PrincipalId,
    },
    /// An actor poses as the subject.
    #[error("`{actor}` is both the subject and an actor")]
    ActorIsSubject {
        /// The actor.
        actor: PrincipalId,
    },
    /// An actor is not among those that may act for the principal before it.
    #[error("`{actor}` may not act for `{principal}`")]
    MayNotAct {
        /// Who acts.
        actor: PrincipalId,
        /// For whom.
        principal: PrincipalId,
    },
    /// A delegation cannot be.
    #[error("a delegation cannot be: {0}")]
    BadDelegation(DelegationFault),
    /// A credential was refused.
    #[error("credential refused: {code}")]
    Credential {
        /// Why, as a stable word.
        code: &'static str,
    },
}
