//! From what was shown to a caller.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::Duration;

use callgate_types::{Caller, CallerError, Digest, Principal, PrincipalId};
use chrono::{DateTime, TimeDelta, Utc};

use super::cache::{Cache, Entry};
use super::presented::{Presented, Shown, TenantOf};
use super::token::claimed_issuer;
use super::{JwtVerifier, Verified};
use crate::{CredentialError, UnverifiedCredential};

/// Makes callers of what was shown for them, and remembers them.
///
/// A chain is checked once. Until the first of its credentials ends, keys are replaced, or the most
/// time has passed that a caller is remembered, it is found by a digest. A refusal is not remembered.
///
/// # Examples
///
/// ```
/// use callgate_identity::UnverifiedCredential;
/// use callgate_identity::jwt::{ClaimMap, JwtVerifier, KeySet, Presented, Resolver};
/// # use callgate_types::Delegation;
///
/// let keys = KeySet::parse(
///     r#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "kid": "2026-05",
///         "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#,
/// )?;
/// let idp = JwtVerifier::builder("https://idp.example", "support-desk", keys)
///     .claims(ClaimMap::new().tenant("/tenant").roles("/roles"))
///     .build()?;
/// let resolver = Resolver::new(4096).verifier(idp);
///
/// let presented = Presented::of(UnverifiedCredential::new("no token at all"))
///     .acting_as("agent:support-bot".parse()?, Delegation::new())
///     .in_own_tenant();
/// // What is refused is a caller, too: every call of it is denied, and recorded.
/// let caller = resolver.caller(&presented, "2026-05-04T10:00:00Z".parse()?);
/// assert_eq!(
///     caller.refusal().map(ToString::to_string).as_deref(),
///     Some("credential refused: not_a_token"),
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug)]
pub struct Resolver {
    verifiers: Vec<JwtVerifier>,
    revoked: Option<Arc<dyn RevokedCredentials>>,
    cache: Cache,
    max_age: Duration,
    /// The latest time that was passed in, in microseconds since 1970.
    latest: AtomicI64,
}

/// Knows which credentials were revoked.
///
/// It is asked when a credential is checked, and not when a caller is found that was resolved
/// before: whoever revokes also tells the resolver to forget.
pub trait RevokedCredentials: std::fmt::Debug + Send + Sync {
    /// Whether `credential` was revoked; `None` where nobody can tell, which counts as revoked.
    fn is_revoked(&self, credential: &Verified) -> Option<bool>;
}

impl Resolver {
    /// Most callers that can be remembered.
    pub const MAX_CAPACITY: usize = 1 << 20;

    /// How far a later time may lie before an earlier one: less is the disorder of threads.
    const DISORDER: i64 = 60_000_000;

    /// How much later a time has to be to be noted.
    const NOTED: i64 = 1_000_000;

    /// A resolver that knows no issuer yet, and remembers up to `capacity` callers, for 5 minutes
    /// each.
    pub fn new(capacity: usize) -> Self {
        Self {
            verifiers: Vec::new(),
            revoked: None,
            cache: Cache::new(capacity.min(Self::MAX_CAPACITY)),
            max_age: Duration::from_secs(300),
            latest: AtomicI64::new(i64::MIN),
        }
    }

    /// Accepts the tokens that `verifier` checks.
    #[must_use]
    pub fn verifier(mut self, verifier: JwtVerifier) -> Self {
        self.verifiers.push(verifier);
        self
    }

    /// A caller is remembered for so long at most.
    #[must_use]
    pub const fn max_age(mut self, most: Duration) -> Self {
        self.max_age = most;
        self
    }

    /// Asks `revoked` of every credential that is checked.
    #[must_use]
    pub fn revoked_by(mut self, revoked: impl RevokedCredentials + 'static) -> Self {
        self.revoked = Some(Arc::new(revoked));
        self
    }

    /// The verifier of the tokens of `issuer`, whose keys may be replaced.
    pub fn verifier_of(&self, issuer: &str) -> Option<&JwtVerifier> {
        self.verifiers
            .iter()
            .find(|verifier| verifier.issuer() == issuer)
    }

    /// The caller for whom `presented` was shown, at the time `now`; a refused one where it cannot
    /// be resolved.
    pub fn caller(&self, presented: &Presented, now: DateTime<Utc>) -> Caller {
        self.resolve(presented, now).unwrap_or_else(Caller::refused)
    }

    /// As [`Resolver::caller`], for who wants to know at once.
    ///
    /// # Errors
    ///
    /// The first credential that is refused, the subject's first, or else what is wrong with the
    /// chain.
    pub fn resolve(
        &self,
        presented: &Presented,
        now: DateTime<Utc>,
    ) -> Result<Caller, CallerError> {
        let micros = now.timestamp_micros();
        self.note(micros)?;
        let generation = self.generation();
        if let Some(caller) = self.cache.get(&presented.key, generation, micros) {
            return Ok(caller);
        }
        let forgotten = self.cache.forgotten();
        let caller = self.check(presented, now)?;
        let most = TimeDelta::from_std(self.max_age).unwrap_or(TimeDelta::MAX);
        let remembered = now.checked_add_signed(most).unwrap_or(now);
        let until = caller
            .expires()
            .map_or(remembered, |end| end.min(remembered));
        let entry = Entry {
            caller: caller.clone(),
            credentials: presented.credentials().copied().collect(),
            generation,
            forgotten,
            from: micros,
            until: until.timestamp_micros(),
        };
        self.cache.put(presented.key, entry);
        Ok(caller)
    }

    /// Forgets all callers that were resolved from the credential with this digest: it was
    /// revoked.
    pub fn forget_credential(&self, digest: &Digest) {
        self.cache.forget_credential(digest);
    }

    /// Forgets all callers of whose chain `principal` is a part.
    pub fn forget_principal(&self, principal: &PrincipalId) {
        self.cache.forget_principal(principal);
    }

    /// Goes on from `now`, though a later time was passed in before: that one was wrong.
    pub fn trust_clock(&self, now: DateTime<Utc>) {
        self.latest.store(now.timestamp_micros(), Ordering::Relaxed);
    }

    /// Notes the time, and refuses one that lies before what was noted.
    fn note(&self, now: i64) -> Result<(), CredentialError> {
        let latest = self.latest.load(Ordering::Relaxed);
        if now.saturating_add(Self::DISORDER) < latest {
            return Err(CredentialError::ClockMovedBack);
        }
        // Written about once a second, and not by every thread at every call.
        if now > latest.saturating_add(Self::NOTED) {
            self.latest.fetch_max(now, Ordering::Relaxed);
        }
        Ok(())
    }

    /// Changes with the keys of every verifier.
    fn generation(&self) -> u64 {
        let all = self.verifiers.iter().map(JwtVerifier::generation);
        all.fold(0, u64::wrapping_add)
    }

    fn check(&self, presented: &Presented, now: DateTime<Utc>) -> Result<Caller, CallerError> {
        let subject = self.verify(&presented.subject, now)?;
        let tenant = match &presented.tenant {
            TenantOf::Host(tenant) => Some(tenant.clone()),
            TenantOf::Token => {
                let tenant = subject.tenant().ok_or(CredentialError::MissingTenant)?;
                Some(tenant.into())
            }
            TenantOf::Nobody => None,
        };
        let mut chain = subject.into_caller();
        for (shown, delegation) in &presented.actors {
            let actor = match shown {
                Shown::Host(id) => Principal::asserted(id.clone()),
                Shown::Credential(credential) => {
                    let actor = self.verify(credential, now)?.into_actor();
                    actor.ok_or(CredentialError::BadActor)?
                }
            };
            chain = chain.acting_with(actor, delegation.clone());
        }
        let chain = chain.sub_agents_at_most(presented.ceiling.clone());
        match tenant {
            Some(tenant) => chain.in_tenant(tenant),
            None => chain.without_tenant(),
        }
    }

    fn verify(
        &self,
        credential: &UnverifiedCredential,
        now: DateTime<Utc>,
    ) -> Result<Verified, CredentialError> {
        let verified = self.verifier_for(credential)?.verify(credential, now)?;
        if let Some(revoked) = &self.revoked
            && revoked.is_revoked(&verified) != Some(false)
        {
            return Err(CredentialError::Revoked);
        }
        Ok(verified)
    }

    /// The verifier of the issuer that a credential claims; it checks whether that is so.
    fn verifier_for(
        &self,
        credential: &UnverifiedCredential,
    ) -> Result<&JwtVerifier, CredentialError> {
        if let [only] = &*self.verifiers {
            return Ok(only);
        }
        let claimed = claimed_issuer(credential)?;
        let found = self.verifiers.iter().find(|verifier| {
            let claimed = if verifier.is_spiffe() {
                claimed.trust_domain.as_deref()
            } else {
                claimed.issuer.as_deref()
            };
            claimed == Some(verifier.issuer())
        });
        found.ok_or(match claimed.issuer {
            Some(_) => CredentialError::UnknownIssuer,
            None => CredentialError::MissingIssuer,
        })
    }
}
