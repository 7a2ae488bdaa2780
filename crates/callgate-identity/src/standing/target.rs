//! What is revoked, put in quarantine, and lifted.

use callgate_types::{PrincipalId, is_name};

use super::store::Position;

/// What is taken back, for good.
///
/// What should come back is put in [`Quarantine`] instead.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Revocation {
    /// A principal, wherever it stands in a chain.
    Principal {
        /// In this tenant; `None` is in every tenant.
        tenant: Option<Box<str>>,
        /// Who.
        id: PrincipalId,
    },
    /// A session.
    Session {
        /// Of this tenant; `None` is of callers without one.
        tenant: Option<Box<str>>,
        /// Its id.
        id: Box<str>,
    },
    /// A task, with all that was granted for it.
    Task {
        /// Of this tenant; `None` is of callers without one.
        tenant: Option<Box<str>>,
        /// Its id.
        id: Box<str>,
    },
    /// A capability token, with every narrower copy.
    Token {
        /// The tenant that the token is for.
        tenant: Box<str>,
        /// What one of its blocks is revoked by.
        id: Box<str>,
    },
}

impl Revocation {
    /// The principal `id`, in `tenant` or in every one.
    ///
    /// # Errors
    ///
    /// Refuses what cannot name a tenant.
    pub fn principal(tenant: Option<&str>, id: PrincipalId) -> Result<Self, TargetFault> {
        let tenant = tenant.map(named).transpose()?;
        Ok(Self::Principal { tenant, id })
    }

    /// The session `id` of `tenant`.
    ///
    /// # Errors
    ///
    /// Refuses what cannot be a name.
    pub fn session(tenant: Option<&str>, id: &str) -> Result<Self, TargetFault> {
        let (tenant, id) = (tenant.map(named).transpose()?, named(id)?);
        Ok(Self::Session { tenant, id })
    }

    /// The task `id` of `tenant`.
    ///
    /// # Errors
    ///
    /// Refuses what cannot be a name.
    pub fn task(tenant: Option<&str>, id: &str) -> Result<Self, TargetFault> {
        let (tenant, id) = (tenant.map(named).transpose()?, named(id)?);
        Ok(Self::Task { tenant, id })
    }

    /// The token of `tenant` one of whose blocks is revoked by `id`.
    ///
    /// # Errors
    ///
    /// Refuses what cannot be a name.
    pub fn token(tenant: &str, id: &str) -> Result<Self, TargetFault> {
        let (tenant, id) = (named(tenant)?, named(id)?);
        Ok(Self::Token { tenant, id })
    }

    /// Within which tenant; `None` as the variant says.
    pub fn tenant(&self) -> Option<&str> {
        match self {
            Self::Principal { tenant, .. }
            | Self::Session { tenant, .. }
            | Self::Task { tenant, .. } => tenant.as_deref(),
            Self::Token { tenant, .. } => Some(tenant),
        }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        match self {
            Self::Principal { id, .. } => id.as_str(),
            Self::Session { id, .. } | Self::Task { id, .. } | Self::Token { id, .. } => id,
        }
    }
}

/// Who is allowed nothing until that is lifted.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Quarantined {
    /// A principal, wherever it stands in a chain.
    Principal {
        /// In this tenant; `None` is in every tenant.
        tenant: Option<Box<str>>,
        /// Who.
        id: PrincipalId,
    },
    /// A tenant as a whole.
    Tenant(Box<str>),
}

impl Quarantined {
    /// The principal `id`, in `tenant` or in every one.
    ///
    /// # Errors
    ///
    /// Refuses what cannot name a tenant.
    pub fn principal(tenant: Option<&str>, id: PrincipalId) -> Result<Self, TargetFault> {
        let tenant = tenant.map(named).transpose()?;
        Ok(Self::Principal { tenant, id })
    }

    /// The whole of `tenant`.
    ///
    /// # Errors
    ///
    /// Refuses what cannot name a tenant.
    pub fn tenant(tenant: &str) -> Result<Self, TargetFault> {
        Ok(Self::Tenant(named(tenant)?))
    }

    /// Within which tenant; `None` is in every one.
    pub fn within(&self) -> Option<&str> {
        match self {
            Self::Principal { tenant, .. } => tenant.as_deref(),
            Self::Tenant(tenant) => Some(tenant),
        }
    }

    /// Its id.
    pub fn id(&self) -> &str {
        match self {
            Self::Principal { id, .. } => id.as_str(),
            Self::Tenant(tenant) => tenant,
        }
    }
}

/// A quarantine, and who may lift it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Quarantine {
    target: Quarantined,
    /// In order, each once.
    lifters: Vec<PrincipalId>,
}

impl Quarantine {
    /// Most principals that may be named to lift one quarantine.
    pub const MAX_LIFTERS: usize = 16;

    /// Of `target`. Unless [told otherwise](Self::lifted_by_only), every principal may lift it that is
    /// neither an agent nor itself in quarantine by it.
    pub const fn of(target: Quarantined) -> Self {
        let lifters = Vec::new();
        Self { target, lifters }
    }

    /// Only these may lift it.
    ///
    /// # Errors
    ///
    /// Refuses nobody at all, and more than [`Self::MAX_LIFTERS`].
    pub fn lifted_by_only(
        mut self,
        lifters: impl IntoIterator<Item = PrincipalId>,
    ) -> Result<Self, TargetFault> {
        let room = Self::MAX_LIFTERS.saturating_add(1);
        self.lifters = lifters.into_iter().take(room).collect();
        self.lifters.sort_unstable();
        self.lifters.dedup();
        if self.lifters.is_empty() || self.lifters.len() > Self::MAX_LIFTERS {
            return Err(TargetFault::Lifters);
        }
        Ok(self)
    }

    /// What is in quarantine.
    pub const fn target(&self) -> &Quarantined {
        &self.target
    }

    /// The only ones that may lift it, in order; none where nobody was named.
    pub fn lifters(&self) -> &[PrincipalId] {
        &self.lifters
    }

    /// Whether `who` may lift it.
    pub fn may_be_lifted_by(&self, who: &PrincipalId) -> bool {
        let itself = matches!(&self.target, Quarantined::Principal { id, .. } if id == who);
        match self.lifters.as_slice() {
            _ if itself => false,
            [] => who.kind() != callgate_types::PrincipalKind::Agent,
            named => named.contains(who),
        }
    }
}

/// The end of every quarantine of `target` up to a position, as far as whoever lifts may do so.
///
/// The position is that of what the one who lifts has seen: a quarantine that was ordered meanwhile
/// stays.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Lift {
    /// What is in quarantine.
    pub target: Quarantined,
    /// Up to where.
    pub upto: Position,
}

impl Lift {
    /// Lifts what was ordered for `target` up to `upto`.
    pub const fn new(target: Quarantined, upto: Position) -> Self {
        Self { target, upto }
    }
}

/// Why something cannot be revoked or put in quarantine.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum TargetFault {
    /// An id or a tenant is empty, too long, or has control characters.
    #[error("expected an id and a tenant of 1 to 256 bytes without control characters")]
    Name,
    /// Nobody, or too many, were named to lift a quarantine.
    #[error(
        "expected 1 to {} principals that may lift it",
        Quarantine::MAX_LIFTERS
    )]
    Lifters,
}

fn named(text: &str) -> Result<Box<str>, TargetFault> {
    if is_name(text) {
        Ok(text.into())
    } else {
        Err(TargetFault::Name)
    }
}
