//! Who somebody is.

use std::fmt;
use std::str::FromStr;
use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::{AssertedBy, Delegation, Facts, Verification, text};

/// What sort of identity a principal is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum PrincipalKind {
    /// A person.
    User,
    /// A program that acts on its own account.
    Service,
    /// A program led by a language model.
    Agent,
}

impl PrincipalKind {
    /// All kinds.
    pub const ALL: [Self; 3] = [Self::User, Self::Service, Self::Agent];

    /// The word for this kind: `user`, `service` or `agent`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::User => "user",
            Self::Service => "service",
            Self::Agent => "agent",
        }
    }
}

impl fmt::Display for PrincipalKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Kind and id of a principal; written `kind:id`, as in `user:alice`.
///
/// An id has 1 to 256 bytes and no control characters, and is compared byte by byte. It may hold
/// further colons.
#[derive(Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct PrincipalId {
    kind: PrincipalKind,
    // Questions and records name the same few people again and again.
    text: Arc<str>,
}

impl PrincipalId {
    /// The id `id` of a principal of `kind`.
    ///
    /// # Errors
    ///
    /// Refuses an empty id, one over 256 bytes, and one with control characters.
    pub fn new(kind: PrincipalKind, id: &str) -> Result<Self, ParsePrincipalError> {
        if text::is_name(id) {
            let text = format!("{kind}:{id}").into();
            Ok(Self { kind, text })
        } else {
            Err(ParsePrincipalError::Id)
        }
    }

    /// The user `id`; see [`PrincipalId::new`].
    ///
    /// # Errors
    ///
    /// As [`PrincipalId::new`].
    pub fn user(id: &str) -> Result<Self, ParsePrincipalError> {
        Self::new(PrincipalKind::User, id)
    }

    /// The agent `id`; see [`PrincipalId::new`].
    ///
    /// # Errors
    ///
    /// As [`PrincipalId::new`].
    pub fn agent(id: &str) -> Result<Self, ParsePrincipalError> {
        Self::new(PrincipalKind::Agent, id)
    }

    /// The kind of the principal.
    pub const fn kind(&self) -> PrincipalKind {
        self.kind
    }

    /// The id without its kind: `alice`.
    pub fn id(&self) -> &str {
        self.text.split_once(':').map_or("", |(_, id)| id)
    }

    /// Kind and id: `user:alice`.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl fmt::Display for PrincipalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl fmt::Debug for PrincipalId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

/// Why a text is not the id of a principal.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParsePrincipalError {
    /// There is no `kind:` in front, or the kind is not known.
    #[error("expected `user:`, `service:` or `agent:` before the id")]
    Kind,
    /// The id is empty, too long, or has control characters.
    #[error("expected an id of 1 to 256 bytes without control characters")]
    Id,
}

impl FromStr for PrincipalId {
    type Err = ParsePrincipalError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (kind, id) = text.split_once(':').ok_or(ParsePrincipalError::Kind)?;
        let kind = PrincipalKind::ALL
            .into_iter()
            .find(|known| known.as_str() == kind)
            .ok_or(ParsePrincipalError::Kind)?;
        Self::new(kind, id)
    }
}

/// An authenticated identity: a user, a service or an agent.
///
/// Who authenticated it, and how, stays with it: see [`Verification`]. Roles are held in a
/// tenant; what a principal is in one tenant says nothing about another.
///
/// There is no way to read a principal from JSON: a request body is no proof of who sent it.
/// Programs that take callers on trust read an [`AssertedCaller`](crate::AssertedCaller).
#[derive(Clone, Debug)]
pub struct Principal {
    id: PrincipalId,
    memberships: Vec<Membership>,
    crossing: Option<Vec<Box<str>>>,
    verification: Verification,
    limit: Option<Box<Delegation>>,
    lets_act: Option<Box<[PrincipalId]>>,
    owner: Option<Box<PrincipalId>>,
    attributes: Option<Box<Facts>>,
}

impl Principal {
    /// A principal that the host vouches for: it has authenticated it by means of its own.
    ///
    /// Records say `asserted`.
    pub const fn asserted(id: PrincipalId) -> Self {
        Self::verified(id, Verification::ASSERTED)
    }

    /// A principal whose credential was checked. For `callgate-identity` alone, which checks it: a
    /// host that has done so itself says [`Principal::asserted`], and [`by`](Self::by) whom.
    pub const fn verified(id: PrincipalId, verification: Verification) -> Self {
        Self {
            id,
            memberships: Vec::new(),
            crossing: None,
            verification,
            limit: None,
            lets_act: None,
            owner: None,
            attributes: None,
        }
    }

    /// Says by whom the principal was checked, how and when. The host answers for it.
    #[must_use]
    pub fn by(mut self, asserted: AssertedBy) -> Self {
        self.verification = asserted.into_verification();
        self
    }

    /// What the principal's credential confines it to; a second one confines it further.
    ///
    /// What is stated for an actor nowhere else, the scopes of a credential state that was
    /// checked by [cryptography](crate::Method::is_cryptographic).
    #[must_use]
    pub fn limited_to(mut self, limit: Delegation) -> Self {
        let limit = match self.limit.take() {
            None => limit,
            Some(known) => known.and(limit),
        };
        self.limit = Some(Box::new(limit));
        self
    }

    /// The only ones that may act for this principal; without it, the chain alone says who does.
    #[must_use]
    pub fn lets_act(mut self, actors: impl IntoIterator<Item = PrincipalId>) -> Self {
        self.lets_act = Some(actors.into_iter().collect());
        self
    }

    /// The person who answers for a service or an agent: its owner. Who owns what calls does not
    /// approve the call.
    #[must_use]
    pub fn owned_by(mut self, owner: PrincipalId) -> Self {
        self.owner = Some(Box::new(owner));
        self
    }

    /// What is known of the principal besides; no rule sees it unless the host puts it into the
    /// context.
    #[must_use]
    pub fn with_attributes(mut self, attributes: Facts) -> Self {
        self.attributes = Some(Box::new(attributes));
        self
    }

    /// Belongs to `tenant`, and holds `roles` there.
    #[must_use]
    pub fn member_of<R: Into<Box<str>>>(
        mut self,
        tenant: impl Into<Box<str>>,
        roles: impl IntoIterator<Item = R>,
    ) -> Self {
        self.memberships.push(Membership {
            tenant: tenant.into(),
            roles: roles.into_iter().map(Into::into).collect(),
        });
        self
    }

    /// Holds `roles` in every tenant: platform staff, say.
    ///
    /// That is what the host says. **In a tenant such a role counts only where the policy lets it
    /// cross into that tenant**, and a caller who belongs to a tenant by nothing else is denied where
    /// the policy does not.
    #[must_use]
    pub fn crossing_tenants<R: Into<Box<str>>>(
        mut self,
        roles: impl IntoIterator<Item = R>,
    ) -> Self {
        let held = self.crossing.get_or_insert_default();
        held.extend(roles.into_iter().map(Into::into));
        self
    }

    /// Kind and id.
    pub const fn id(&self) -> &PrincipalId {
        &self.id
    }

    /// How the identity was established.
    pub const fn verification(&self) -> &Verification {
        &self.verification
    }

    /// What the principal's credential confines it to; `None` where to nothing.
    pub fn limit(&self) -> Option<&Delegation> {
        self.limit.as_deref()
    }

    /// Whether `actor` may act for this principal.
    pub fn may_be_acted_for_by(&self, actor: &PrincipalId) -> bool {
        self.lets_act
            .as_ref()
            .is_none_or(|actors| actors.contains(actor))
    }

    /// Who answers for the principal, where the host or its credential says so.
    pub fn owner(&self) -> Option<&PrincipalId> {
        self.owner.as_deref()
    }

    /// The person behind the principal: a user is one, and others have an owner who is.
    /// `None` where nobody says who that is.
    pub fn person(&self) -> Option<&PrincipalId> {
        let is_person = |id: &&PrincipalId| id.kind() == PrincipalKind::User;
        Some(&self.id)
            .filter(is_person)
            .or(self.owner().filter(is_person))
    }

    /// What is known of the principal besides; `None` where nothing is.
    pub fn attributes(&self) -> Option<&Facts> {
        self.attributes.as_deref()
    }

    /// From when on the principal is nobody: the end of its credential, or of what that confers.
    pub fn expires(&self) -> Option<DateTime<Utc>> {
        let limit = self.limit().and_then(Delegation::expires);
        self.verification.expires().into_iter().chain(limit).min()
    }

    /// Whether the principal belongs to `tenant`, or to every one.
    pub fn is_of(&self, tenant: &str) -> bool {
        self.crossing.is_some() || self.is_member_of(tenant)
    }

    /// Whether `tenant` itself was named for the principal.
    pub fn is_member_of(&self, tenant: &str) -> bool {
        self.memberships.iter().any(|at| &*at.tenant == tenant)
    }

    /// Whether `role` is held in `tenant` itself, and not only in every one.
    pub(crate) fn holds_in(&self, role: &str, tenant: &str) -> bool {
        let there = self.memberships.iter().filter(|at| &*at.tenant == tenant);
        there
            .into_iter()
            .any(|at| at.roles.iter().any(|held| &**held == role))
    }

    /// Whether the principal belongs to every tenant.
    pub const fn crosses_tenants(&self) -> bool {
        self.crossing.is_some()
    }

    /// Whether no tenant at all was named for the principal.
    pub fn is_tenantless(&self) -> bool {
        self.crossing.is_none() && self.memberships.is_empty()
    }

    /// The roles held in `tenant`, those that cross tenants included; `None` is an unknown tenant.
    pub fn roles_in<'a>(&'a self, tenant: Option<&'a str>) -> impl Iterator<Item = &'a str> {
        let crossing = self.crossing.iter().flatten();
        let there = self
            .memberships
            .iter()
            .filter(move |at| Some(&*at.tenant) == tenant)
            .flat_map(|at| at.roles.iter());
        crossing.chain(there).map(|role| &**role)
    }
}

/// Roles held in one tenant.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Membership {
    tenant: Box<str>,
    roles: Vec<Box<str>>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: &str) {
        let got = match text.parse::<PrincipalId>() {
            Ok(id) => format!("{} {}", id.kind(), id.id()),
            Err(error) => error.to_string(),
        };
        assert_eq!(got, expected);
    }

    #[test]
    fn principal_ids() {
        let kind = "expected `user:`, `service:` or `agent:` before the id";
        let id = "expected an id of 1 to 256 bytes without control characters";
        check("user:alice", "user alice");
        check("agent:spiffe://acme/bot:1", "agent spiffe://acme/bot:1");
        check("alice", kind);
        check("User:alice", kind);
        check("user:", id);
        check("user:a\nb", id);
        check(&format!("user:{}", "x".repeat(257)), id);
    }

    #[test]
    fn persons_behind_principals() {
        let of = |text: &str| Principal::asserted(text.parse().unwrap());
        let alice: PrincipalId = "user:alice".parse().unwrap();
        assert_eq!(of("user:alice").person(), Some(&alice));
        assert_eq!(of("agent:bot").person(), None);
        let owned = of("agent:bot").owned_by(alice.clone());
        assert_eq!(owned.person(), Some(&alice));
        // A chain of owners is not looked through: nobody says who stands at its end.
        let service = of("agent:bot").owned_by("service:ci".parse().unwrap());
        assert_eq!(service.person(), None);
        assert_eq!(
            of("user:alice")
                .owned_by("user:bob".parse().unwrap())
                .person(),
            Some(&alice)
        );
    }

    #[test]
    fn roles_are_held_in_a_tenant() {
        let alice = Principal::asserted(PrincipalId::user("alice").unwrap())
            .member_of("acme", ["support"])
            .member_of("globex", ["auditor"]);
        assert_eq!(
            alice.roles_in(Some("acme")).collect::<Vec<_>>(),
            ["support"]
        );
        assert_eq!(alice.roles_in(None).count(), 0);
        assert!(alice.is_of("globex"));
        assert!(!alice.is_of("initech"));

        let staff = alice.crossing_tenants(["staff"]);
        assert!(staff.is_of("initech"));
        assert_eq!(
            staff.roles_in(Some("acme")).collect::<Vec<_>>(),
            ["staff", "support"]
        );
        assert_eq!(staff.roles_in(None).collect::<Vec<_>>(), ["staff"]);
    }
}
