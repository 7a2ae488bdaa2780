//! Who calls, and on whose behalf.

use std::any::Any;
use std::fmt::Write as _;
use std::sync::{Arc, OnceLock};

use chrono::{DateTime, Utc};

use crate::caller_numbers::{Cleared, Kept};
use crate::{
    CallerBuilder, CallerError, CallerNumbers, Cut, Delegation, Digest, Principal, TableId,
};

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
    near: Near,
    parts: Parts,
    digest: OnceLock<Digest>,
    /// What is left of the caller by the crossings of the first policy that asked.
    admitted: OnceLock<(TableId, Option<Caller>)>,
    worked_out: OnceLock<Box<dyn Any + Send + Sync>>,
}

/// What every call asks of its caller, in neighbouring cache lines: they are rarely those of the last
/// call.
#[derive(Debug)]
#[repr(C, align(64))]
struct Near {
    is_conditional: bool,
    cuts_tools: bool,
    expires: Option<DateTime<Utc>>,
    cleared: Cleared,
    numbers: Kept,
}

/// What a caller is made of.
#[derive(Clone, Debug, Default)]
pub(crate) struct Parts {
    pub(crate) subject: Option<Principal>,
    pub(crate) actors: Vec<Principal>,
    /// What was delegated to each actor.
    pub(crate) delegations: Vec<Delegation>,
    /// What every actor behind the first is held to.
    pub(crate) ceiling: Delegation,
    pub(crate) tenant: Option<Box<str>>,
    /// Each once, in order of bytes.
    pub(crate) roles: Vec<Box<str>>,
    /// Those of them that the subject holds in this tenant because it holds them in every one.
    pub(crate) crossing: Vec<Box<str>>,
    /// Whether the subject belongs to the tenant because it belongs to every one.
    pub(crate) is_stranger: bool,
    pub(crate) refusal: Option<CallerError>,
}

impl Parts {
    fn crosses(&self) -> bool {
        self.tenant.is_some() && (self.is_stranger || !self.crossing.is_empty())
    }
}

impl Caller {
    /// Most actors in a chain.
    pub const MAX_ACTORS: usize = 8;

    /// Starts a caller that uses the authority of `subject`.
    pub const fn of(subject: Principal) -> CallerBuilder {
        CallerBuilder::new(subject)
    }

    /// Nobody is known: every selector on this caller is unknown, and it holds no scope.
    pub fn unknown() -> Self {
        Self::build(Parts::default())
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
        Self::build(Parts {
            refusal: Some(error),
            ..Parts::default()
        })
    }

    pub(crate) fn build(parts: Parts) -> Self {
        let principals = || parts.subject.iter().chain(&parts.actors);
        let cuts = || parts.delegations.iter().chain([&parts.ceiling]);
        let limits = || principals().filter_map(Principal::limit).chain(cuts());
        let ends = principals().filter_map(Principal::expires);
        let expires = ends.chain(cuts().filter_map(Delegation::expires)).min();
        let cuts_tools = limits().any(|cut| cut.tool_names().is_some());
        Self(Arc::new(Inner {
            near: Near {
                is_conditional: parts.refusal.is_some() || expires.is_some() || parts.crosses(),
                cuts_tools,
                expires,
                cleared: Cleared::default(),
                numbers: Kept::default(),
            },
            parts,
            digest: OnceLock::new(),
            worked_out: OnceLock::new(),
            admitted: OnceLock::new(),
        }))
    }

    /// Whether the subject belongs to the tenant of the call, or holds a role there, only because
    /// that is so in every tenant. Where no tenant is known, nothing is crossed.
    #[inline]
    pub fn crosses(&self) -> bool {
        self.0.parts.crosses()
    }

    /// The caller with no more roles than may cross into its tenant, as the policy says by `may`,
    /// of which the tables are `table`. `None` where the subject belongs to the tenant by crossing
    /// alone, and none of its roles may.
    pub fn admitted(&self, table: TableId, may: impl Fn(&str, &str) -> bool) -> Option<Self> {
        let parts = &self.0.parts;
        let Some(tenant) = parts.tenant.as_deref().filter(|_| parts.crosses()) else {
            return Some(self.clone());
        };
        let admit = || {
            let crossing = parts.crossing.iter();
            let (let_in, kept_out): (Vec<&Box<str>>, Vec<_>) =
                crossing.partition(|role| may(role, tenant));
            if parts.is_stranger && let_in.is_empty() {
                return None;
            }
            let mut left = parts.clone();
            left.roles.retain(|role| !kept_out.contains(&role));
            left.crossing.clear();
            left.is_stranger = false;
            Some(Self::build(left))
        };
        let (first, admitted) = self.0.admitted.get_or_init(|| (table, admit()));
        if *first == table {
            admitted.clone()
        } else {
            admit()
        }
    }

    /// Whose authority is used; `None` for the unknown caller.
    #[inline]
    pub fn subject(&self) -> Option<&Principal> {
        self.0.parts.subject.as_ref()
    }

    /// Who acts for the subject, nearest to the subject first.
    #[inline]
    pub fn actors(&self) -> &[Principal] {
        &self.0.parts.actors
    }

    /// The tenant in which the call is made; `None` where it is unknown.
    #[inline]
    pub fn tenant(&self) -> Option<&str> {
        self.0.parts.tenant.as_deref()
    }

    /// The roles that the subject holds in this tenant, each once, in order of bytes.
    #[inline]
    pub fn roles(&self) -> impl ExactSizeIterator<Item = &str> {
        self.0.parts.roles.iter().map(|role| &**role)
    }

    /// Why the caller could not be resolved; `None` for any other caller.
    pub fn refusal(&self) -> Option<&CallerError> {
        self.0.parts.refusal.as_ref()
    }

    /// What the actor at `place` in the chain, counted from 0, was handed: what was delegated to it,
    /// held to the ceiling. `None` where there is no such actor, or it was handed everything.
    pub fn handed_to(&self, place: usize) -> Option<Delegation> {
        let ceiling = &self.0.parts.ceiling;
        let delegation = self.0.parts.delegations.get(place)?.clone();
        let handed = match place {
            0 => delegation,
            _ => delegation.and(ceiling.clone()),
        };
        (!handed.is_whole()).then_some(handed)
    }

    /// Whatever cuts what the subject may use, from its credential.
    pub fn cuts_of_subject(&self) -> impl Iterator<Item = (Cut, &Delegation)> {
        let limit = self.subject().and_then(Principal::limit);
        limit.map(|limit| (Cut::Subject, limit)).into_iter()
    }

    /// Whatever cuts what the actor at `place` may use: its credential, what was delegated to it,
    /// and the ceiling for those behind the first.
    pub fn cuts_of_actor(&self, place: usize) -> impl Iterator<Item = (Cut, &Delegation)> {
        let limit = self.actors().get(place).and_then(Principal::limit);
        let limit = limit.map(|limit| (Cut::Actor { place }, limit));
        let delegation = self.0.parts.delegations.get(place);
        let delegation = delegation.map(|handed| (Cut::Delegation { place }, handed));
        let ceiling = (place > 0).then_some((Cut::Ceiling { place }, &self.0.parts.ceiling));
        limit.into_iter().chain(delegation).chain(ceiling)
    }

    /// Whether a principal's credential, a delegation or the ceiling says which tools there are.
    #[inline]
    pub fn cuts_tools(&self) -> bool {
        self.0.near.cuts_tools
    }

    /// From when on the caller is nobody: the earliest end of all its credentials and delegations.
    pub fn expires(&self) -> Option<DateTime<Utc>> {
        self.0.near.expires
    }

    /// Whether the caller may have no call at all: it was refused, or has an end.
    #[inline]
    pub fn is_conditional(&self) -> bool {
        self.0.near.is_conditional
    }

    /// What the tables `table` make of this caller: worked out once, by `work_out`, for the first
    /// few tables that ask. `None` where that gives none, and for tables that ask later.
    #[inline]
    pub fn numbers(
        &self,
        table: TableId,
        work_out: impl Fn() -> Option<CallerNumbers>,
    ) -> Option<&CallerNumbers> {
        self.0.near.numbers.numbers(table, work_out)
    }

    /// Whether `table` was the last that found nothing against this caller.
    #[inline]
    pub fn is_cleared_by(&self, table: TableId) -> bool {
        self.0.near.cleared.is_by(table)
    }

    /// Notes that `table`, which never changes, has nothing against this caller.
    pub fn clear_by(&self, table: TableId) {
        self.0.near.cleared.set(table);
    }

    /// What somebody works out from this caller over and over, kept with it: made by `work_out`, for
    /// the first who asks. `None` where something of another type is kept already.
    ///
    /// Who keeps a type of its own that nobody else can name finds what it made itself, or nothing.
    #[inline]
    pub fn worked_out<T: Any + Send + Sync>(&self, work_out: impl FnOnce() -> T) -> Option<&T> {
        let kept = match self.0.worked_out.get() {
            Some(kept) => kept,
            None => self.0.worked_out.get_or_init(|| Box::new(work_out())),
        };
        kept.downcast_ref()
    }

    /// A digest of subject, roles, actors, delegations and tenant: two callers with the same
    /// digest are the same people and programs, who have handed on the same. Worked out once.
    ///
    /// What a credential says besides (how and when it was checked, until when it holds, what it
    /// confines to) is left out: who comes back with a fresher one is the same caller.
    pub fn digest(&self) -> Digest {
        *self.0.digest.get_or_init(|| {
            let mut line = String::from("callgate caller v1\n");
            let parts = &self.0.parts;
            part(&mut line, 's', self.subject().map(|who| who.id().as_str()));
            for role in self.roles() {
                part(&mut line, 'r', Some(role));
            }
            for (place, actor) in self.actors().iter().enumerate() {
                part(&mut line, 'a', Some(actor.id().as_str()));
                handed(&mut line, 'd', parts.delegations.get(place));
            }
            handed(&mut line, 'c', Some(&parts.ceiling));
            part(&mut line, 't', self.tenant());
            for role in &parts.crossing {
                part(&mut line, 'e', Some(role));
            }
            if parts.is_stranger {
                part(&mut line, 'f', None);
            }
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

/// Writes what a delegation cuts; nothing where it cuts nothing.
fn handed(line: &mut String, tag: char, delegation: Option<&Delegation>) {
    if let Some(delegation) = delegation.filter(|handed| !handed.is_whole()) {
        part(line, tag, Some(&delegation.digest().to_string()));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::AssertedBy;

    fn who(text: &str) -> Principal {
        Principal::asserted(text.parse().unwrap()).member_of("acme", ["support", "support"])
    }

    #[test]
    fn what_is_worked_out_is_kept_for_its_type() {
        let caller = Caller::unknown();
        assert_eq!(caller.worked_out(|| 7_u8), Some(&7));
        assert_eq!(caller.clone().worked_out(|| 8_u8), Some(&7));
        assert_eq!(caller.worked_out(|| "seven"), None);
        assert_eq!(Caller::unknown().worked_out(|| "seven"), Some(&"seven"));
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

    #[test]
    fn digests_tell_delegations_apart() {
        let built = |handed: Delegation, ceiling: Delegation| {
            let bot = |id: &str| Principal::asserted(id.parse().unwrap());
            Caller::of(who("user:a"))
                .acting_with(bot("agent:b"), handed)
                .acting(bot("agent:c"))
                .sub_agents_at_most(ceiling)
                .in_tenant("acme")
                .unwrap()
        };
        let new = Delegation::new;
        let callers = [
            built(new(), new()),
            built(new().scopes(["s"]), new()),
            built(new().tools(["s"]), new()),
            built(new().scopes(["s"]).tools(["s"]), new()),
            built(new().scopes([] as [&str; 0]), new()),
            built(new(), new().scopes(["s"])),
            built(new().until(DateTime::<Utc>::MIN_UTC), new()),
        ];
        for (place, caller) in callers.iter().enumerate() {
            for (other_place, other) in callers.iter().enumerate() {
                let same = caller.digest() == other.digest();
                assert_eq!(same, place == other_place, "{place} and {other_place}");
            }
        }
        let plain = Caller::of(who("user:a"))
            .acting(Principal::asserted("agent:b".parse().unwrap()))
            .acting(Principal::asserted("agent:c".parse().unwrap()));
        let plain = plain.in_tenant("acme").unwrap();
        assert_eq!(plain.digest(), callers[0].digest());
    }

    #[test]
    fn ends_with_the_first_end() {
        let time = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        let (early, late) = (time("2026-05-04T10:00:00Z"), time("2026-05-05T10:00:00Z"));
        let until = |end| AssertedBy::host().until(end);
        let bot = || Principal::asserted("agent:b".parse().unwrap());
        let ends = |built: CallerBuilder| built.in_tenant("acme").unwrap().expires();
        assert_eq!(ends(Caller::of(who("user:a")).acting(bot())), None);
        let alice = who("user:a").by(until(late));
        assert_eq!(ends(Caller::of(alice.clone())), Some(late));
        let handed = Delegation::new().until(early);
        assert_eq!(
            ends(Caller::of(alice.clone()).acting_with(bot(), handed.clone())),
            Some(early)
        );
        assert_eq!(
            ends(Caller::of(alice.clone()).sub_agents_at_most(handed.clone())),
            Some(early)
        );
        assert_eq!(
            ends(Caller::of(alice.clone().limited_to(handed))),
            Some(early)
        );
        assert_eq!(
            ends(Caller::of(alice).acting(bot().by(until(early)))),
            Some(early)
        );
    }
}
