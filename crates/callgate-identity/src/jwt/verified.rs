//! What a token turned out to say.

use callgate_types::{Caller, CallerBuilder, Digest, Principal};
use chrono::{DateTime, Utc};

/// What a token says, whose signature and claims were checked.
#[derive(Clone, Debug)]
pub struct Verified {
    pub(super) principal: Principal,
    pub(super) actors: Vec<Principal>,
    pub(super) tenant: Option<Box<str>>,
    pub(super) token_id: Option<Box<str>>,
    pub(super) digest: Digest,
    pub(super) until: DateTime<Utc>,
}

impl Verified {
    /// Who the token speaks of.
    pub const fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Who acts for the principal by the token's `act`, nearest to it first.
    pub fn actors(&self) -> &[Principal] {
        &self.actors
    }

    /// The tenant that the token names.
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// The id of the token (`jti`), by which issuers revoke.
    pub fn token_id(&self) -> Option<&str> {
        self.token_id.as_deref()
    }

    /// The digest of the token's text.
    pub const fn digest(&self) -> &Digest {
        &self.digest
    }

    /// From when on the token is not accepted any more, the allowed skew included.
    pub const fn expires(&self) -> DateTime<Utc> {
        self.until
    }

    /// Starts a caller: the principal, and whoever acts for it by the token. More may act yet.
    pub fn into_caller(self) -> CallerBuilder {
        let start = Caller::of(self.principal);
        self.actors.into_iter().fold(start, CallerBuilder::acting)
    }

    /// The principal, to act for another one.
    ///
    /// `None` where somebody acts for it already: whose authority would be used, the subject's or
    /// that one's, no chain could say.
    pub fn into_actor(self) -> Option<Principal> {
        self.actors.is_empty().then_some(self.principal)
    }
}
