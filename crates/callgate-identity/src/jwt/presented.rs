//! What was shown for one caller.

use callgate_types::{Delegation, Digest, PrincipalId};

use crate::UnverifiedCredential;

/// What was shown for one caller: the subject's token, and what is known of whoever acts for it.
///
/// # Examples
///
/// ```
/// use callgate_identity::UnverifiedCredential;
/// use callgate_identity::jwt::Presented;
/// use callgate_types::Delegation;
///
/// let presented = Presented::of(UnverifiedCredential::new("…"))
///     .acting_as("agent:support-bot".parse()?, Delegation::new())
///     .acting(
///         UnverifiedCredential::new("…"),
///         Delegation::new().tools(["read_ticket"]),
///     )
///     .in_tenant("acme");
/// # Ok::<(), callgate_types::ParsePrincipalError>(())
/// ```
#[derive(Clone, Debug)]
pub struct Presented {
    pub(super) subject: UnverifiedCredential,
    pub(super) actors: Vec<(Shown, Delegation)>,
    pub(super) ceiling: Delegation,
    pub(super) tenant: TenantOf,
    pub(super) key: Digest,
}

/// By what an actor is known.
#[derive(Clone, Debug)]
pub(super) enum Shown {
    /// A token of its own.
    Credential(UnverifiedCredential),
    /// The host, which knows its own agents.
    Host(PrincipalId),
}

/// In which tenant the call is made.
#[derive(Clone, Debug)]
pub(super) enum TenantOf {
    Host(Box<str>),
    Token,
    Nobody,
}

impl Presented {
    /// Starts with the token of the subject. Whoever acts by the `act` of that token stands first in
    /// the chain.
    pub const fn of(subject: UnverifiedCredential) -> PresentedBuilder {
        PresentedBuilder {
            subject,
            actors: Vec::new(),
            ceiling: Delegation::new(),
        }
    }

    /// The digests of all tokens.
    pub(super) fn credentials(&self) -> impl Iterator<Item = &Digest> {
        let of_actors = self.actors.iter().filter_map(|(shown, _)| match shown {
            Shown::Credential(credential) => Some(credential.digest()),
            Shown::Host(_) => None,
        });
        std::iter::once(self.subject.digest()).chain(of_actors)
    }
}

/// What was shown so far; see [`Presented::of`].
#[derive(Clone, Debug)]
pub struct PresentedBuilder {
    subject: UnverifiedCredential,
    actors: Vec<(Shown, Delegation)>,
    ceiling: Delegation,
}

impl PresentedBuilder {
    /// Whoever `credential` speaks of acts next, and was handed `delegation`.
    #[must_use]
    pub fn acting(mut self, credential: UnverifiedCredential, delegation: Delegation) -> Self {
        self.actors
            .push((Shown::Credential(credential), delegation));
        self
    }

    /// `actor` acts next, which the host vouches for, and was handed `delegation`.
    #[must_use]
    pub fn acting_as(mut self, actor: PrincipalId, delegation: Delegation) -> Self {
        self.actors.push((Shown::Host(actor), delegation));
        self
    }

    /// The most that any actor behind the first may use, whatever it is handed.
    #[must_use]
    pub fn sub_agents_at_most(mut self, ceiling: Delegation) -> Self {
        self.ceiling = std::mem::take(&mut self.ceiling).and(ceiling);
        self
    }

    /// The call is made in `tenant`, to which the subject has to belong.
    pub fn in_tenant(self, tenant: impl Into<Box<str>>) -> Presented {
        self.finish(TenantOf::Host(tenant.into()))
    }

    /// The call is made in the tenant that the subject's token names.
    pub fn in_own_tenant(self) -> Presented {
        self.finish(TenantOf::Token)
    }

    /// The call is made in no known tenant.
    pub fn without_tenant(self) -> Presented {
        self.finish(TenantOf::Nobody)
    }

    /// Works out the key: two that differ in anything have different keys.
    fn finish(self, tenant: TenantOf) -> Presented {
        let mut bytes = b"callgate presented v1\n".to_vec();
        bytes.extend_from_slice(self.subject.digest().as_bytes());
        let mut part = |tag: u8, of: Digest| {
            bytes.push(tag);
            bytes.extend_from_slice(of.as_bytes());
        };
        for (shown, delegation) in &self.actors {
            match shown {
                Shown::Credential(credential) => part(b'c', *credential.digest()),
                Shown::Host(id) => part(b'h', Digest::of(id.as_str().as_bytes())),
            }
            part(b'd', delegation.digest());
        }
        part(b'm', self.ceiling.digest());
        match &tenant {
            TenantOf::Host(name) => part(b't', Digest::of(name.as_bytes())),
            TenantOf::Token => part(b'o', Digest::of(b"")),
            TenantOf::Nobody => part(b'n', Digest::of(b"")),
        }
        Presented {
            key: Digest::of(&bytes),
            subject: self.subject,
            actors: self.actors,
            ceiling: self.ceiling,
            tenant,
        }
    }
}
