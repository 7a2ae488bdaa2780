//! What of a token makes a principal.

use callgate_types::{Delegation, Facts, Json, JsonKind, JsonRef, PrincipalId, PrincipalKind};

use super::token::stated;
use crate::CredentialError;

/// Which claims make kind, id, tenant, roles, limits and attributes of a principal.
///
/// Claims are named by RFC 6901 pointers: `/sub`, `/realm_access/roles`. What is not mapped has no
/// effect. What is mapped and missing gives less, or refuses: see each method.
///
/// # Examples
///
/// ```
/// use callgate_identity::jwt::ClaimMap;
///
/// let map = ClaimMap::new()
///     .tenant("/tenant")
///     .roles("/realm_access/roles")
///     .role("idp-support", "support")
///     .scopes("/scope")
///     .attribute("department", "/department");
/// ```
#[derive(Clone, Debug)]
pub struct ClaimMap {
    kind: PrincipalKind,
    kinds: Vec<(Box<str>, Box<str>, PrincipalKind)>,
    actor_kind: PrincipalKind,
    id: Box<str>,
    prefix: Box<str>,
    tenant: Tenant,
    roles: Option<Box<str>>,
    roles_by_tenant: Option<Box<str>>,
    crossing: Option<Box<str>>,
    renamed: Vec<(Box<str>, Box<str>)>,
    scopes: Option<Box<str>>,
    tools: Option<Box<str>>,
    attributes: Vec<(Box<str>, Box<str>)>,
}

/// A tenant, and the roles held there.
type Membership = (Box<str>, Vec<Box<str>>);

#[derive(Clone, Debug)]
enum Tenant {
    None,
    Always(Box<str>),
    At(Box<str>),
}

impl Default for ClaimMap {
    fn default() -> Self {
        Self::new()
    }
}

impl ClaimMap {
    /// Most roles that are taken from one token.
    pub const MAX_ROLES: usize = 64;

    /// Most tenants that are taken from one token.
    pub const MAX_TENANTS: usize = 64;

    /// Most attributes that are mapped.
    pub const MAX_ATTRIBUTES: usize = 32;

    /// The longest attribute, in bytes as it is spelled.
    pub const MAX_ATTRIBUTE_BYTES: usize = 4 << 10;

    /// A user whose id is `sub`, of no tenant, without roles. Actors are agents.
    pub fn new() -> Self {
        Self {
            kind: PrincipalKind::User,
            kinds: Vec::new(),
            actor_kind: PrincipalKind::Agent,
            id: "/sub".into(),
            prefix: Box::default(),
            tenant: Tenant::None,
            roles: None,
            roles_by_tenant: None,
            crossing: None,
            renamed: Vec::new(),
            scopes: None,
            tools: None,
            attributes: Vec::new(),
        }
    }

    /// The subjects are of this kind.
    #[must_use]
    pub const fn kind(mut self, kind: PrincipalKind) -> Self {
        self.kind = kind;
        self
    }

    /// Where the claim at `pointer` is the text `value`, the subject is of this kind instead. The
    /// first that fits counts.
    #[must_use]
    pub fn kind_where(
        mut self,
        pointer: impl Into<Box<str>>,
        value: impl Into<Box<str>>,
        kind: PrincipalKind,
    ) -> Self {
        self.kinds.push((pointer.into(), value.into(), kind));
        self
    }

    /// Actors are of this kind.
    #[must_use]
    pub const fn actor_kind(mut self, kind: PrincipalKind) -> Self {
        self.actor_kind = kind;
        self
    }

    /// The id is the text at `pointer` instead of `sub`; missing refuses. Take one that the issuer
    /// never gives to anybody else.
    #[must_use]
    pub fn id(mut self, pointer: impl Into<Box<str>>) -> Self {
        self.id = pointer.into();
        self
    }

    /// Stands before every id of this issuer, actors included, so that no other issuer's subject can
    /// have the same: `corp/`.
    #[must_use]
    pub fn id_prefix(mut self, prefix: impl Into<Box<str>>) -> Self {
        self.prefix = prefix.into();
        self
    }

    /// The tenant is the text at `pointer`; missing refuses.
    #[must_use]
    pub fn tenant(mut self, pointer: impl Into<Box<str>>) -> Self {
        self.tenant = Tenant::At(pointer.into());
        self
    }

    /// All principals of this issuer belong to `tenant`.
    #[must_use]
    pub fn always_of(mut self, tenant: impl Into<Box<str>>) -> Self {
        self.tenant = Tenant::Always(tenant.into());
        self
    }

    /// The roles in the tenant are the names at `pointer`: a list of texts, or one text with spaces
    /// between. Missing is none.
    #[must_use]
    pub fn roles(mut self, pointer: impl Into<Box<str>>) -> Self {
        self.roles = Some(pointer.into());
        self
    }

    /// The principal belongs to several tenants: the claim at `pointer` is an object from their names
    /// to the roles held there, each written as roles are. Missing is none.
    ///
    /// It comes beside the one tenant that the token is for, where such a one is mapped.
    ///
    /// ```
    /// use callgate_identity::jwt::ClaimMap;
    ///
    /// // {"tenants": {"acme": ["support"], "globex": ["auditor"]}}
    /// let map = ClaimMap::new().roles_by_tenant("/tenants");
    /// ```
    #[must_use]
    pub fn roles_by_tenant(mut self, pointer: impl Into<Box<str>>) -> Self {
        self.roles_by_tenant = Some(pointer.into());
        self
    }

    /// The roles at `pointer` are held in every tenant, written as roles are. Missing is none: the
    /// principal then belongs to the tenants alone that are named otherwise.
    ///
    /// They count in a tenant where the policy lets them cross into it.
    #[must_use]
    pub fn crossing_roles(mut self, pointer: impl Into<Box<str>>) -> Self {
        self.crossing = Some(pointer.into());
        self
    }

    /// The name `claimed` stands for `role`. Once one is stated, names without are left out.
    #[must_use]
    pub fn role(mut self, claimed: impl Into<Box<str>>, role: impl Into<Box<str>>) -> Self {
        self.renamed.push((claimed.into(), role.into()));
        self
    }

    /// The token confines its subject to the scopes at `pointer`, written as roles are. Missing is
    /// none: the subject may use no scope at all.
    #[must_use]
    pub fn scopes(mut self, pointer: impl Into<Box<str>>) -> Self {
        self.scopes = Some(pointer.into());
        self
    }

    /// The token confines its subject to the tools at `pointer`, written as roles are. Missing is
    /// none: the subject may use no tool at all.
    #[must_use]
    pub fn tools(mut self, pointer: impl Into<Box<str>>) -> Self {
        self.tools = Some(pointer.into());
        self
    }

    /// The attribute `name` is the value at `pointer`; missing is unknown.
    #[must_use]
    pub fn attribute(mut self, name: impl Into<Box<str>>, pointer: impl Into<Box<str>>) -> Self {
        self.attributes.push((name.into(), pointer.into()));
        self
    }

    /// Whether roles are mapped, and no tenant is in which they could be held.
    pub(super) const fn has_roles_nowhere(&self) -> bool {
        self.roles.is_some() && matches!(self.tenant, Tenant::None)
    }

    /// Whether a pointer is none, or there are too many attributes.
    pub(super) fn is_malformed(&self) -> bool {
        let tenant = match &self.tenant {
            Tenant::At(pointer) => Some(pointer),
            _ => None,
        };
        let single = [Some(&self.id), tenant, self.roles.as_ref()];
        let further = [self.roles_by_tenant.as_ref(), self.crossing.as_ref()];
        let lists = [self.scopes.as_ref(), self.tools.as_ref()];
        let mut pointers = single
            .into_iter()
            .chain(further)
            .chain(lists)
            .flatten()
            .chain(self.kinds.iter().map(|(pointer, ..)| pointer))
            .chain(self.attributes.iter().map(|(_, pointer)| pointer));
        pointers.any(|pointer| !is_pointer(pointer)) || self.attributes.len() > Self::MAX_ATTRIBUTES
    }

    pub(super) fn prefix(&self) -> &str {
        &self.prefix
    }

    pub(super) const fn actor_kind_of(&self) -> PrincipalKind {
        self.actor_kind
    }

    pub(super) fn principal_id(&self, claims: JsonRef<'_>) -> Result<PrincipalId, CredentialError> {
        let id = stated(claims, &self.id).and_then(JsonRef::as_str);
        let id = id.ok_or(CredentialError::BadSubject)?;
        let fits = |(pointer, value, _): &&(Box<str>, Box<str>, PrincipalKind)| {
            stated(claims, pointer).and_then(JsonRef::as_str) == Some(value)
        };
        let kind = self
            .kinds
            .iter()
            .find(fits)
            .map_or(self.kind, |(.., kind)| *kind);
        PrincipalId::new(kind, &format!("{}{id}", self.prefix))
            .map_err(|_| CredentialError::BadSubject)
    }

    pub(super) fn tenant_of(
        &self,
        claims: JsonRef<'_>,
    ) -> Result<Option<Box<str>>, CredentialError> {
        let tenant = match &self.tenant {
            Tenant::None => return Ok(None),
            Tenant::Always(tenant) => tenant,
            Tenant::At(pointer) => {
                let claim = stated(claims, pointer).ok_or(CredentialError::MissingTenant)?;
                claim.as_str().ok_or(CredentialError::BadTenant)?
            }
        };
        // What can be the id of a principal can name a tenant.
        PrincipalId::user(tenant).map_err(|_| CredentialError::BadTenant)?;
        Ok(Some(tenant.into()))
    }

    pub(super) fn roles_of(&self, claims: JsonRef<'_>) -> Result<Vec<Box<str>>, CredentialError> {
        let claim = self
            .roles
            .as_deref()
            .and_then(|pointer| stated(claims, pointer));
        claim.map_or(Ok(Vec::new()), |claim| self.roles_in(claim))
    }

    /// The roles that are held in each of several tenants.
    pub(super) fn memberships(
        &self,
        claims: JsonRef<'_>,
    ) -> Result<Vec<Membership>, CredentialError> {
        let pointer = self.roles_by_tenant.as_deref();
        let Some(claim) = pointer.and_then(|pointer| stated(claims, pointer)) else {
            return Ok(Vec::new());
        };
        if claim.kind() != JsonKind::Object || claim.len() > Self::MAX_TENANTS {
            return Err(CredentialError::BadRoles);
        }
        let read = claim.members().map(|(tenant, roles)| {
            // What can be the id of a principal can name a tenant.
            PrincipalId::user(tenant).map_err(|_| CredentialError::BadTenant)?;
            Ok((tenant.into(), self.roles_in(roles)?))
        });
        read.collect()
    }

    /// The roles that are held in every tenant; `None` where nobody says so.
    pub(super) fn crossing_of(
        &self,
        claims: JsonRef<'_>,
    ) -> Result<Option<Vec<Box<str>>>, CredentialError> {
        let pointer = self.crossing.as_deref();
        let claim = pointer.and_then(|pointer| stated(claims, pointer));
        claim.map(|claim| self.roles_in(claim)).transpose()
    }

    fn roles_in(&self, claim: JsonRef<'_>) -> Result<Vec<Box<str>>, CredentialError> {
        let claimed = names(claim, Self::MAX_ROLES).ok_or(CredentialError::BadRoles)?;
        if self.renamed.is_empty() {
            return Ok(claimed.into_iter().map(Box::from).collect());
        }
        let renamed = self.renamed.iter();
        let held = renamed.filter(|(name, _)| claimed.contains(&&**name));
        Ok(held.map(|(_, role)| role.clone()).collect())
    }

    /// What the token confines its subject to; `None` where to nothing.
    pub(super) fn limit_of(
        &self,
        claims: JsonRef<'_>,
    ) -> Result<Option<Delegation>, CredentialError> {
        let list = |pointer: &str, fault| {
            let claim = stated(claims, pointer);
            let names = claim.map_or(Some(Vec::new()), |claim| {
                names(claim, Delegation::MAX_NAMES)
            });
            names.ok_or(fault)
        };
        let mut limit = Delegation::new();
        if let Some(pointer) = &self.scopes {
            limit = limit.scopes(list(pointer, CredentialError::BadScopes)?);
        }
        if let Some(pointer) = &self.tools {
            limit = limit.tools(list(pointer, CredentialError::BadTools)?);
        }
        Ok((!limit.is_whole()).then_some(limit))
    }

    pub(super) fn attributes_of(
        &self,
        claims: JsonRef<'_>,
    ) -> Result<Option<Facts>, CredentialError> {
        let mut facts = Facts::new();
        for (name, pointer) in &self.attributes {
            let Some(claim) = claims.pointer(pointer) else {
                continue;
            };
            if claim.raw().len() > Self::MAX_ATTRIBUTE_BYTES {
                return Err(CredentialError::BadAttribute);
            }
            let value = Json::parse(claim.raw()).map_err(|_| CredentialError::BadAttribute)?;
            facts.set_json(name.clone(), value);
        }
        Ok((!facts.is_empty()).then_some(facts))
    }
}

/// Whether `text` is an RFC 6901 pointer to something within.
fn is_pointer(text: &str) -> bool {
    let escapes = text.split('~').skip(1);
    text.starts_with('/')
        && escapes
            .into_iter()
            .all(|after| after.starts_with(['0', '1']))
}

/// A list of names, or one text with spaces between; `None` where it is neither, or too long.
fn names(claim: JsonRef<'_>, most: usize) -> Option<Vec<&str>> {
    let found: Vec<&str> = match claim.kind() {
        JsonKind::Text => {
            let names = claim.as_str()?.split(' ').filter(|name| !name.is_empty());
            names.take(most.saturating_add(1)).collect()
        }
        JsonKind::Array if claim.len() <= most => {
            claim.items().map(JsonRef::as_str).collect::<Option<_>>()?
        }
        _ => return None,
    };
    let can_be = |name: &&str| PrincipalId::user(name).is_ok();
    (found.len() <= most && found.iter().all(can_be)).then_some(found)
}
