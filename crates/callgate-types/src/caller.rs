//! Who calls, and on whose behalf.

use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use crate::caller_numbers::Kept;
use crate::{CallerNumbers, Digest, Principal, PrincipalId, TableId, text};

/// A subject, the chain of actors that act for it, and a tenant.
///
/// The subject is whose authority is used; the first actor acts for the subject, each further
/// one for the actor before it. A caller is resolved once and is cheap to clone.
///
/// # Examples
///
/// ```
/// use callgate_types::{Caller, CallerError, Principal, PrincipalId};
///
/// let alice = Principal::asserted(PrincipalId::user("alice")?).member_of("acme", ["support"]);
/// let bot = Principal::asserted(PrincipalId::agent("support-bot")?);
///
/// let caller = Caller::of(alice.clone()).acting(bot.clone()).in_tenant("acme")?;
/// assert_eq!(caller.roles().collect::<Vec<_>>(), ["support"]);
///
/// let refused = Caller::of(alice).acting(bot).in_tenant("globex");
/// assert!(matches!(refused, Err(CallerError::NotAMember { .. })));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug)]
pub struct Caller(Arc<Inner>);

#[derive(Debug)]
struct Inner {
    subject: Option<Principal>,
    actors: Vec<Principal>,
    tenant: Option<Box<str>>,
    roles: Vec<Box<str>>,
    refusal: Option<CallerError>,
    digest: OnceLock<Digest>,
    numbers: Kept,
}

impl Caller {
    /// Most actors in a chain.
    pub const MAX_ACTORS: usize = 8;

    /// Starts a caller that uses the authority of `subject`.
    pub const fn of(subject: Principal) -> CallerBuilder {
        CallerBuilder {
            subject,
            actors: Vec::new(),
        }
    }

    /// Nobody is known: every selector on this caller is unknown, and it holds no scope.
    pub fn unknown() -> Self {
        Self::build(None, Vec::new(), None, Vec::new(), None)
    }

    /// A caller that could not be resolved: every call of it is denied with `invalid_caller`,
    /// and recorded.
    ///
    /// ```
    /// # use callgate_types::{Caller, Principal, PrincipalId};
    /// # let alice = Principal::asserted(PrincipalId::user("alice")?);
    /// let caller = Caller::of(alice).in_tenant("acme").unwrap_or_else(Caller::refused);
    /// assert!(caller.refusal().is_some());
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn refused(error: CallerError) -> Self {
        Self::build(None, Vec::new(), None, Vec::new(), Some(error))
    }

    fn build(
        subject: Option<Principal>,
        actors: Vec<Principal>,
        tenant: Option<Box<str>>,
        roles: Vec<Box<str>>,
        refusal: Option<CallerError>,
    ) -> Self {
        Self(Arc::new(Inner {
            subject,
            actors,
            tenant,
            roles,
            refusal,
            digest: OnceLock::new(),
            numbers: Kept::default(),
        }))
    }

    /// Whose authority is used; `None` for the unknown caller.
    #[inline]
    pub fn subject(&self) -> Option<&Principal> {
        self.0.subject.as_ref()
    }

    /// Who acts for the subject, nearest to the subject first.
    #[inline]
    pub fn actors(&self) -> &[Principal] {
        &self.0.actors
    }

    /// The tenant in which the call is made; `None` where it is unknown.
    #[inline]
    pub fn tenant(&self) -> Option<&str> {
        self.0.tenant.as_deref()
    }

    /// The roles that the subject holds in this tenant, each once, in order of bytes.
    #[inline]
    pub fn roles(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.roles.iter().map(|role| &**role)
    }

    /// Why the caller could not be resolved; `None` for any other caller.
    pub fn refusal(&self) -> Option<&CallerError> {
        self.0.refusal.as_ref()
    }

    /// What the tables `table` make of this caller: worked out once, by `work_out`, for the first
    /// few tables that ask. `None` where that gives none, and for tables that ask later.
    #[inline]
    pub fn numbers(
        &self,
        table: TableId,
        work_out: impl Fn() -> Option<CallerNumbers>,
    ) -> Option<&CallerNumbers> {
        self.0.numbers.numbers(table, work_out)
    }

    /// A digest of subject, roles, actors and tenant: two callers with the same digest are the
    /// same in everything a decision looks at. Worked out once.
    pub fn digest(&self) -> Digest {
        *self.0.digest.get_or_init(|| {
            let mut line = String::from("callgate caller v1\n");
            part(&mut line, 's', self.subject().map(|who| who.id().as_str()));
            for role in self.roles() {
                part(&mut line, 'r', Some(role));
            }
            for actor in self.actors() {
                part(&mut line, 'a', Some(actor.id().as_str()));
            }
            part(&mut line, 't', self.tenant());
            let refusal = self.refusal().map(ToString::to_string);
            part(&mut line, 'x', refusal.as_deref());
            Digest::of(line.as_bytes())
        })
    }
}

/// Writes a tag, the length and the text: no two lists of parts give the same line.
fn part(line: &mut String, tag: char, text: Option<&str>) {
    let written = match text {
        Some(text) => writeln!(line, "{tag}{}:{text}", text.len()),
        None => writeln!(line, "{tag}-"),
    };
    debug_assert!(written.is_ok(), "a string takes what is written to it");
}

/// A caller whose tenant has not been named yet; see [`Caller::of`].
#[derive(Clone, Debug)]
pub struct CallerBuilder {
    subject: Principal,
    actors: Vec<Principal>,
}

impl CallerBuilder {
    /// Lets `actor` act: for the subject, or for the actor named before.
    #[must_use]
    pub fn acting(mut self, actor: Principal) -> Self {
        self.actors.push(actor);
        self
    }

    /// The caller within `tenant`.
    ///
    /// # Errors
    ///
    /// Refuses a subject that does not belong to the tenant, an actor that belongs to others only,
    /// more than eight actors, an actor that stands twice in the chain, and one that is the
    /// subject itself.
    pub fn in_tenant(self, tenant: impl Into<Box<str>>) -> Result<Caller, CallerError> {
        let tenant = tenant.into();
        if !text::is_name(&tenant) {
            return Err(CallerError::BadTenant);
        }
        if !self.subject.is_of(&tenant) {
            let principal = self.subject.id().clone();
            return Err(CallerError::NotAMember { principal, tenant });
        }
        let stranger = |actor: &&Principal| !actor.is_tenantless() && !actor.is_of(&tenant);
        if let Some(actor) = self.actors.iter().find(stranger) {
            let principal = actor.id().clone();
            return Err(CallerError::NotAMember { principal, tenant });
        }
        self.finish(Some(tenant))
    }

    /// The caller in no known tenant: only roles that cross tenants are held, and every rule
    /// about the tenant finds it unknown.
    ///
    /// # Errors
    ///
    /// As [`CallerBuilder::in_tenant`], but for membership.
    pub fn without_tenant(self) -> Result<Caller, CallerError> {
        self.finish(None)
    }

    fn finish(self, tenant: Option<Box<str>>) -> Result<Caller, CallerError> {
        if self.actors.len() > Caller::MAX_ACTORS {
            return Err(CallerError::TooManyActors {
                found: self.actors.len(),
            });
        }
        for (place, actor) in self.actors.iter().enumerate() {
            if actor.id() == self.subject.id() {
                let actor = actor.id().clone();
                return Err(CallerError::ActorIsSubject { actor });
            }
            let earlier = self.actors.iter().take(place);
            if earlier.into_iter().any(|other| other.id() == actor.id()) {
                let actor = actor.id().clone();
                return Err(CallerError::Loop { actor });
            }
        }
        let mut roles: Vec<Box<str>> = self
            .subject
            .roles_in(tenant.as_deref())
            .map(Into::into)
            .collect();
        roles.sort_unstable();
        roles.dedup();
        Ok(Caller::build(
            Some(self.subject),
            self.actors,
            tenant,
            roles,
            None,
        ))
    }
}

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
}

#[cfg(test)]
mod tests {
    use super::*;

    fn who(text: &str) -> Principal {
        Principal::asserted(text.parse().unwrap()).member_of("acme", ["support", "support"])
    }

    #[track_caller]
    fn check(chain: &[&str], tenant: &str, expected: &str) {
        let (subject, actors) = chain.split_first().unwrap();
        let start = Caller::of(who(subject));
        let built = actors.iter().fold(start, |chain, actor| {
            chain.acting(Principal::asserted(actor.parse().unwrap()))
        });
        let got = match built.in_tenant(tenant) {
            Ok(caller) => caller.roles().collect::<Vec<_>>().join(","),
            Err(error) => error.to_string(),
        };
        assert_eq!(got, expected);
    }

    #[test]
    fn chains() {
        check(&["user:a", "agent:b", "agent:c"], "acme", "support");
        check(
            &["user:a"],
            "globex",
            "`user:a` does not belong to tenant `globex`",
        );
        check(
            &["user:a", "agent:b", "agent:c", "agent:b"],
            "acme",
            "`agent:b` stands twice in the chain of actors",
        );
        check(
            &["user:a", "agent:b", "user:a"],
            "acme",
            "`user:a` is both the subject and an actor",
        );
        let long: Vec<String> = (0..10).map(|n| format!("agent:{n}")).collect();
        let long: Vec<&str> = long.iter().map(|id| &**id).collect();
        check(
            &long,
            "acme",
            "expected at most 8 actors in a chain, found 9",
        );
        check(
            &["user:a"],
            "",
            "expected a tenant name of 1 to 256 bytes without control characters",
        );
    }

    #[test]
    fn actor_of_another_tenant() {
        let bot =
            Principal::asserted("agent:bot".parse().unwrap()).member_of("globex", [] as [&str; 0]);
        let got = Caller::of(who("user:a")).acting(bot).in_tenant("acme");
        assert_eq!(
            got.unwrap_err().to_string(),
            "`agent:bot` does not belong to tenant `acme`"
        );
    }

    #[test]
    fn digests_tell_callers_apart() {
        let of = |id: &str| Caller::of(who(id)).in_tenant("acme").unwrap().digest();
        assert_eq!(of("user:a"), of("user:a"));
        assert_ne!(of("user:a"), of("user:b"));
        assert_ne!(of("user:a"), of("agent:a"));
        assert_ne!(of("user:a"), Caller::unknown().digest());
        let alone = Caller::of(who("user:a")).without_tenant().unwrap();
        assert_ne!(of("user:a"), alone.digest());
    }
}
