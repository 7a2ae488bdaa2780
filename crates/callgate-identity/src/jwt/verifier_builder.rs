//! Putting a verifier together.

use std::time::Duration;

use callgate_types::PrincipalKind;

use super::spiffe::SpiffeRules;
use super::times::Leeway;
use super::verifier::Rules;
use super::{ClaimMap, JwtVerifier, KeySet};

/// Collects what is asked of tokens; see [`JwtVerifier::builder`].
#[derive(Debug)]
pub struct JwtVerifierBuilder {
    issuer: Box<str>,
    audiences: Vec<Box<str>>,
    parties: Option<Vec<Box<str>>>,
    types: Vec<Box<str>>,
    map: ClaimMap,
    skew: Duration,
    most: Option<Duration>,
    spiffe: Option<SpiffeRules>,
    keys: KeySet,
}

impl JwtVerifierBuilder {
    /// The largest skew between two clocks that can be allowed: 5 minutes.
    pub const MAX_SKEW: Duration = Duration::from_secs(300);

    pub(super) fn new(issuer: Box<str>, audience: Box<str>, keys: KeySet) -> Self {
        Self {
            issuer,
            audiences: vec![audience],
            parties: None,
            types: vec!["jwt".into(), "at+jwt".into()],
            map: ClaimMap::new(),
            skew: Duration::from_secs(60),
            most: None,
            spiffe: None,
            keys,
        }
    }

    pub(super) fn of_spiffe(trust_domain: Box<str>, audience: Box<str>, keys: KeySet) -> Self {
        let mut builder = Self::new(trust_domain.clone(), audience, keys);
        builder.types = vec!["jwt".into(), "jose".into()];
        builder.map = ClaimMap::new().kind(PrincipalKind::Agent);
        builder.spiffe = Some(SpiffeRules {
            trust_domain,
            paths: Vec::new(),
        });
        builder
    }

    /// Tokens for this audience are accepted, too.
    #[must_use]
    pub fn or_audience(mut self, audience: impl Into<Box<str>>) -> Self {
        self.audiences.push(audience.into());
        self
    }

    /// Only tokens that were issued to `party` (`azp`, or else `client_id`), or to another one so
    /// listed.
    #[must_use]
    pub fn issued_to(mut self, party: impl Into<Box<str>>) -> Self {
        self.parties.get_or_insert_default().push(party.into());
        self
    }

    /// Only tokens whose header says one of these types, `at+jwt` say, or none. Without it, `JWT` and
    /// `at+jwt` are accepted.
    #[must_use]
    pub fn types<'a>(mut self, types: impl IntoIterator<Item = &'a str>) -> Self {
        let lower = types.into_iter().map(str::to_ascii_lowercase);
        self.types = lower.map(Into::into).collect();
        self
    }

    /// What of the claims makes the principal.
    #[must_use]
    pub fn claims(mut self, map: ClaimMap) -> Self {
        self.map = map;
        self
    }

    /// How far the issuer's clock may be from the host's; 60 s unless stated, 5 minutes at most.
    #[must_use]
    pub const fn skew(mut self, skew: Duration) -> Self {
        self.skew = skew;
        self
    }

    /// Only tokens that live at most so long, from `iat` to `exp`.
    #[must_use]
    pub const fn lives_at_most(mut self, most: Duration) -> Self {
        self.most = Some(most);
        self
    }

    /// Only SPIFFE ids with this path, or another one so listed: a whole path, or all below one
    /// that ends in `/*`.
    #[must_use]
    pub fn path(mut self, path: impl Into<Box<str>>) -> Self {
        if let Some(spiffe) = &mut self.spiffe {
            spiffe.paths.push(path.into());
        }
        self
    }

    /// The finished verifier.
    ///
    /// # Errors
    ///
    /// Refuses what could not be meant.
    pub fn build(self) -> Result<JwtVerifier, JwtVerifierError> {
        let named = self.audiences.iter().chain(self.parties.iter().flatten());
        if self.issuer.is_empty() || named.into_iter().any(|name| name.is_empty()) {
            return Err(JwtVerifierError::EmptyName);
        }
        if self.skew > Self::MAX_SKEW {
            return Err(JwtVerifierError::TooMuchSkew);
        }
        if self.map.is_malformed() {
            return Err(JwtVerifierError::BadMap);
        }
        if self.map.has_roles_nowhere() {
            return Err(JwtVerifierError::RolesWithoutTenant);
        }
        if self
            .spiffe
            .as_ref()
            .is_some_and(|rules| !rules.are_well_formed())
        {
            return Err(JwtVerifierError::BadSpiffeRule);
        }
        let rules = Rules {
            issuer: self.issuer,
            audiences: self.audiences,
            parties: self.parties,
            types: self.types,
            map: self.map,
            leeway: Leeway {
                skew: self.skew,
                most: self.most,
            },
            spiffe: self.spiffe,
        };
        Ok(JwtVerifier::new(rules, self.keys))
    }
}

/// Why there can be no such verifier.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JwtVerifierError {
    /// The issuer, an audience or a party is empty.
    #[error("expected an issuer, an audience and parties that are not empty")]
    EmptyName,
    /// Clocks that differ so much tell no time.
    #[error("expected a skew of at most 5 minutes")]
    TooMuchSkew,
    /// A claim is not named by a pointer, or there are too many attributes.
    #[error(
        "expected claims named by pointers, as in `/sub`, and at most {} attributes",
        ClaimMap::MAX_ATTRIBUTES
    )]
    BadMap,
    /// Roles are held in a tenant, and none is mapped.
    #[error("expected a tenant in which the roles are held")]
    RolesWithoutTenant,
    /// The trust domain or a path is not one of SPIFFE.
    #[error("expected a SPIFFE trust domain, and paths such as `/agents/*`")]
    BadSpiffeRule,
}
