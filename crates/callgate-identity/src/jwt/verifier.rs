//! Checking the tokens of one issuer.

use std::fmt;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, PoisonError, RwLock};

use callgate_types::{Json, JsonKind, JsonRef, Method, Principal, PrincipalId, Verification};
use chrono::{DateTime, Utc};

use super::actors::{actors, may_act};
use super::claim_map::ClaimMap;
use super::key::Key;
use super::spiffe::SpiffeRules;
use super::times::{Leeway, Times};
use super::token::Token;
use super::{JwtVerifierBuilder, KeySet, Verified};
use crate::{CredentialError, UnverifiedCredential};

/// Checks the tokens of one issuer, for one host.
///
/// What is checked, in which order, and what each refusal is called, is in `docs/spec/identity.md`.
/// The algorithm is that of the key; `exp`, `iss`, `aud` and `sub` are required; the time is passed
/// in. It fetches nothing: the host hands keys in, and new ones when they change.
#[derive(Debug)]
pub struct JwtVerifier {
    pub(super) rules: Rules,
    keys: RwLock<Arc<Keys>>,
    /// How often the keys were replaced.
    generation: AtomicU64,
}

/// What is asked of a token.
pub(super) struct Rules {
    pub(super) issuer: Box<str>,
    pub(super) audiences: Vec<Box<str>>,
    pub(super) parties: Option<Vec<Box<str>>>,
    pub(super) types: Vec<Box<str>>,
    pub(super) map: ClaimMap,
    pub(super) leeway: Leeway,
    pub(super) spiffe: Option<SpiffeRules>,
}

/// The keys in force, and those that still are for a while.
#[derive(Debug)]
struct Keys {
    current: KeySet,
    previous: Option<(KeySet, DateTime<Utc>)>,
}

impl JwtVerifier {
    /// Starts a verifier of the tokens that `issuer` made for `audience`, signed with `keys`.
    pub fn builder(
        issuer: impl Into<Box<str>>,
        audience: impl Into<Box<str>>,
        keys: KeySet,
    ) -> JwtVerifierBuilder {
        JwtVerifierBuilder::new(issuer.into(), audience.into(), keys)
    }

    /// Starts a verifier of SPIFFE JWT-SVIDs of workloads in `trust_domain`, made for `audience`.
    ///
    /// The id of a principal is the whole SPIFFE id; it is an agent unless the map says otherwise.
    pub fn spiffe(
        trust_domain: impl Into<Box<str>>,
        audience: impl Into<Box<str>>,
        keys: KeySet,
    ) -> JwtVerifierBuilder {
        JwtVerifierBuilder::of_spiffe(trust_domain.into(), audience.into(), keys)
    }

    pub(super) fn new(rules: Rules, keys: KeySet) -> Self {
        Self {
            rules,
            keys: RwLock::new(Arc::new(Keys {
                current: keys,
                previous: None,
            })),
            generation: AtomicU64::new(0),
        }
    }

    /// The issuer, or the trust domain.
    pub fn issuer(&self) -> &str {
        &self.rules.issuer
    }

    /// Whether the tokens are SPIFFE JWT-SVIDs.
    pub const fn is_spiffe(&self) -> bool {
        self.rules.spiffe.is_some()
    }

    /// Puts new keys in force. The keys so far check tokens until `overlap`, and then no more;
    /// `None` ends them at once, as a key that was stolen has to be. Where both have a key of the
    /// same id, the new one counts.
    pub fn replace_keys(&self, keys: KeySet, overlap: Option<DateTime<Utc>>) {
        let mut held = self.keys.write().unwrap_or_else(PoisonError::into_inner);
        let previous = overlap.map(|until| (held.current.clone(), until));
        *held = Arc::new(Keys {
            current: keys,
            previous,
        });
        // Still under the lock: who reads the new number finds the new keys.
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// How often the keys were replaced: what was checked before that has to be checked again.
    pub(super) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Checks `credential` at the time `now`.
    ///
    /// # Errors
    ///
    /// The first of the checks that fails.
    pub fn verify(
        &self,
        credential: &UnverifiedCredential,
        now: DateTime<Utc>,
    ) -> Result<Verified, CredentialError> {
        let token = Token::of(credential)?;
        let header = token.header(&self.rules.types)?;
        let keys = Arc::clone(&self.keys.read().unwrap_or_else(PoisonError::into_inner));
        let (first, second) = keys.find(header.key, now)?;
        let mut refusal = CredentialError::BadSignature;
        let mut signed_by = |(key, _): &Candidate<'_>| {
            if header.algorithm != Some(key.algorithm()) {
                refusal = CredentialError::WrongAlgorithm;
                return false;
            }
            let (message, signature) = token.signed();
            key.has_signed(message, signature)
        };
        let found = [Some(first), second].into_iter().flatten();
        let found = found.into_iter().find(|candidate| signed_by(candidate));
        let Some((_, key_ends)) = found else {
            return Err(refusal);
        };
        let claims = token.claims()?;
        let mut times = self.rules.judge(&claims, now)?;
        times.until = key_ends.map_or(times.until, |end| times.until.min(end));
        self.rules.principals(&claims, &times, credential)
    }
}

/// A key that may have signed, and when it ends.
type Candidate<'a> = (&'a Key, Option<DateTime<Utc>>);

impl Keys {
    /// The key that a token names. A token that names none may be of the only key there is now, or
    /// of the only one there was before.
    fn find(
        &self,
        id: Option<&str>,
        now: DateTime<Utc>,
    ) -> Result<(Candidate<'_>, Option<Candidate<'_>>), CredentialError> {
        let previous = self.previous.as_ref().filter(|(_, until)| now < *until);
        let before = || {
            let (keys, until) = previous?;
            Some((keys.find(id).ok()?, Some(*until)))
        };
        match self.current.find(id) {
            Ok(key) if id.is_none() => Ok(((key, None), before())),
            Ok(key) => Ok(((key, None), None)),
            // A key that was put aside hides one of the same id before it.
            Err(CredentialError::UnusableKey) => Err(CredentialError::UnusableKey),
            Err(unknown) => Ok((before().ok_or(unknown)?, None)),
        }
    }
}

impl Rules {
    /// What the claims say of issuer, audience, subject, times and party.
    fn judge(&self, claims: &Json, now: DateTime<Utc>) -> Result<Times, CredentialError> {
        let root = claims.root();
        self.judge_issuer(root)?;
        self.judge_audience(root)?;
        let subject = root.get("sub").ok_or(CredentialError::MissingSubject)?;
        let subject = subject.as_str().filter(|subject| !subject.is_empty());
        let subject = subject.ok_or(CredentialError::BadSubject)?;
        if let Some(spiffe) = &self.spiffe {
            spiffe.judge(subject)?;
        }
        let times = self.leeway.judge(claims, now)?;
        if let Some(parties) = &self.parties {
            let party = root.get("azp").or_else(|| root.get("client_id"));
            let party = party.and_then(JsonRef::as_str);
            let listed = |party: &str| parties.iter().any(|known| **known == *party);
            if !party.is_some_and(listed) {
                return Err(CredentialError::WrongParty);
            }
        }
        Ok(times)
    }

    fn judge_issuer(&self, root: JsonRef<'_>) -> Result<(), CredentialError> {
        // The trust domain of the subject is the issuer of an SVID.
        if self.spiffe.is_some() {
            return Ok(());
        }
        let issuer = root.get("iss").ok_or(CredentialError::MissingIssuer)?;
        match issuer.as_str() {
            Some(issuer) if *issuer == *self.issuer => Ok(()),
            _ => Err(CredentialError::WrongIssuer),
        }
    }

    fn judge_audience(&self, root: JsonRef<'_>) -> Result<(), CredentialError> {
        let audience = root.get("aud").ok_or(CredentialError::MissingAudience)?;
        let is_ours = |name: JsonRef<'_>| {
            let name = name.as_str();
            name.is_some_and(|name| self.audiences.iter().any(|known| **known == *name))
        };
        let for_us = match audience.kind() {
            JsonKind::Array => audience.items().any(is_ours),
            _ => is_ours(audience),
        };
        for_us.then_some(()).ok_or(CredentialError::WrongAudience)
    }

    /// The principals of a token whose signature and claims were checked.
    fn principals(
        &self,
        claims: &Json,
        times: &Times,
        credential: &UnverifiedCredential,
    ) -> Result<Verified, CredentialError> {
        let root = claims.root();
        let subject = root.get("sub").and_then(JsonRef::as_str);
        let subject = subject.ok_or(CredentialError::MissingSubject)?;
        let map = &self.map;
        let tenant = map.tenant_of(root)?;
        let roles = map.roles_of(root)?;
        let actors = actors(root, subject, &self.issuer, map)?;
        let mut verification = self.verification(times);
        if let Some(proved) = times.proved {
            verification = verification.at(proved);
        }
        let mut principal = Principal::verified(map.principal_id(root)?, verification);
        if let Some(tenant) = &tenant {
            principal = principal.member_of(tenant.clone(), roles);
        }
        for (tenant, roles) in map.memberships(root)? {
            principal = principal.member_of(tenant, roles);
        }
        if let Some(roles) = map.crossing_of(root)? {
            principal = principal.crossing_tenants(roles);
        }
        if let Some(limit) = map.limit_of(root)? {
            principal = principal.limited_to(limit);
        }
        if let Some(actor) = may_act(root, &self.issuer, map)? {
            principal = principal.lets_act([actor]);
        }
        if let Some(attributes) = map.attributes_of(root)? {
            principal = principal.with_attributes(attributes);
        }
        // When an actor has proved who it is, the token does not say.
        let actor = |id: PrincipalId| Principal::verified(id, self.verification(times));
        Ok(Verified {
            principal,
            actors: actors.into_iter().map(actor).collect(),
            tenant,
            token_id: root.get("jti").and_then(JsonRef::as_str).map(Box::from),
            digest: *credential.digest(),
            until: times.until,
        })
    }

    fn verification(&self, times: &Times) -> Verification {
        let method = match self.spiffe {
            Some(_) => Method::JwtSvid,
            None => Method::Jwt,
        };
        Verification::new(method, self.issuer.clone()).until(times.until)
    }
}

impl fmt::Debug for Rules {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules")
            .field("issuer", &self.issuer)
            .field("audiences", &self.audiences)
            .finish_non_exhaustive()
    }
}
