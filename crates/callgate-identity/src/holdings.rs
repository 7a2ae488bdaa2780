//! What roles and actors hold.

use std::collections::{BTreeMap, HashMap};

use callgate_types::{Caller, CallerNumbers, Names};

use crate::{ScopeId, ScopeSet};

/// Which scopes each role and each actor holds.
///
/// Made once for a policy; answering is a few look-ups and allocates nothing.
#[derive(Clone, Debug, Default)]
pub struct Holdings {
    scopes: HashMap<Box<str>, ScopeId>,
    roles: Holders,
    actors: Holders,
}

/// Who holds which scopes.
#[derive(Clone, Debug, Default)]
struct Holders {
    names: Names,
    /// By the number of the name.
    sets: Box<[ScopeSet]>,
}

impl Holders {
    fn new(held: BTreeMap<Box<str>, ScopeSet>) -> Self {
        Self {
            names: Names::new(held.keys().map(|name| &**name)),
            sets: held.into_values().collect(),
        }
    }

    #[inline]
    fn get(&self, name: &str) -> Option<&ScopeSet> {
        self.sets.get(self.names.number(name)? as usize)
    }
}

/// Which scope is demanded of a caller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Demand {
    /// The tool does not say: enough for a subject that calls in person, never for an actor.
    Unstated,
    /// The tool says that none is needed.
    None,
    /// This one.
    Scope(ScopeId),
    /// One that no role and no actor holds.
    Unheld,
}

/// Who along the chain lacks what is demanded.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Lack {
    /// Nobody is known, so nothing is held.
    UnknownCaller,
    /// The subject.
    Subject,
    /// The actor at this place in the chain, counted from 0.
    Actor {
        /// Its place.
        place: usize,
    },
    /// An actor calls, and the tool does not say which scope it demands.
    NoScopeStated,
}

impl Holdings {
    /// Starts with nobody holding anything.
    pub fn builder() -> HoldingsBuilder {
        HoldingsBuilder::default()
    }

    /// The demand for the scope `name`.
    pub fn demand(&self, name: &str) -> Demand {
        self.scopes
            .get(name)
            .map_or(Demand::Unheld, |scope| Demand::Scope(*scope))
    }

    /// Checks that everyone in the chain of `caller` holds what is demanded.
    ///
    /// # Errors
    ///
    /// Names the first hop that lacks it, the subject first.
    pub fn check(&self, caller: &Caller, demand: Demand) -> Result<(), Lack> {
        let scope = match demand {
            Demand::None => return Ok(()),
            Demand::Unstated if caller.actors().is_empty() => return Ok(()),
            Demand::Unstated => return Err(Lack::NoScopeStated),
            Demand::Scope(scope) => Some(scope),
            Demand::Unheld => None,
        };
        if caller.subject().is_none() {
            return Err(Lack::UnknownCaller);
        }
        let holds = |set: Option<&ScopeSet>| {
            set.is_some_and(|set| scope.is_some_and(|scope| set.contains(scope)))
        };
        if !caller.roles().any(|role| holds(self.roles.get(role))) {
            return Err(Lack::Subject);
        }
        for (place, actor) in caller.actors().iter().enumerate() {
            if !holds(self.actors.get(actor.id().as_str())) {
                return Err(Lack::Actor { place });
            }
        }
        Ok(())
    }

    /// As [`Holdings::check`], where the scopes in the caller's numbers are those that
    /// [`Holdings::scopes`] gave.
    ///
    /// # Errors
    ///
    /// As [`Holdings::check`].
    #[inline]
    pub fn check_numbered(
        &self,
        caller: &Caller,
        numbers: Option<&CallerNumbers>,
        demand: Demand,
    ) -> Result<(), Lack> {
        match (numbers, demand) {
            (Some(numbers), Demand::Scope(scope)) if scope.is_in(&numbers.scopes) => Ok(()),
            _ => self.check(caller, demand),
        }
    }

    /// The scopes that `caller` may use, as its numbers hold them; `None` where there are too many
    /// different ones.
    pub fn scopes(&self, caller: &Caller) -> Option<[u64; CallerNumbers::SCOPE_WORDS]> {
        self.effective(caller).words()
    }

    /// Everything that `caller` may use: what its subject and every actor hold.
    pub fn effective(&self, caller: &Caller) -> ScopeSet {
        let mut held = ScopeSet::EMPTY;
        for set in caller.roles().filter_map(|role| self.roles.get(role)) {
            held.unite(set);
        }
        for actor in caller.actors() {
            let theirs = self.actors.get(actor.id().as_str());
            held.intersect(theirs.unwrap_or(&ScopeSet::EMPTY));
        }
        held
    }

    /// The names of the scopes in `set`, in order of bytes.
    pub fn names(&self, set: &ScopeSet) -> Vec<&str> {
        let inside = self
            .scopes
            .iter()
            .filter(|(_, scope)| set.contains(**scope));
        let mut names: Vec<&str> = inside.map(|(name, _)| &**name).collect();
        names.sort_unstable();
        names
    }
}

/// Collects who holds what; see [`Holdings::builder`].
#[derive(Clone, Debug, Default)]
pub struct HoldingsBuilder {
    scopes: HashMap<Box<str>, ScopeId>,
    roles: BTreeMap<Box<str>, ScopeSet>,
    actors: BTreeMap<Box<str>, ScopeSet>,
}

impl HoldingsBuilder {
    /// The role `name` confers `scopes`, those of the roles that it includes among them. Said
    /// twice, it confers both lists.
    #[must_use]
    pub fn role<'a>(mut self, name: &str, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        let set = self.set_of(scopes);
        self.roles.entry(name.into()).or_default().unite(&set);
        self
    }

    /// The actor `principal`, as `kind:id`, holds `scopes`.
    #[must_use]
    pub fn actor<'a>(mut self, principal: &str, scopes: impl IntoIterator<Item = &'a str>) -> Self {
        let set = self.set_of(scopes);
        self.actors.entry(principal.into()).or_default().unite(&set);
        self
    }

    fn set_of<'a>(&mut self, scopes: impl IntoIterator<Item = &'a str>) -> ScopeSet {
        let mut set = ScopeSet::EMPTY;
        for scope in scopes {
            let next = u32::try_from(self.scopes.len()).unwrap_or(u32::MAX);
            let id = self
                .scopes
                .entry(scope.into())
                .or_insert(ScopeId::new(next));
            set.insert(*id);
        }
        set
    }

    /// The finished table.
    pub fn build(self) -> Holdings {
        Holdings {
            scopes: self.scopes,
            roles: Holders::new(self.roles),
            actors: Holders::new(self.actors),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use callgate_types::{Principal, PrincipalId};
    use proptest::prelude::*;

    fn table() -> Holdings {
        Holdings::builder()
            .role("reader", ["doc:read"])
            .role("editor", ["doc:read", "doc:write"])
            .actor("agent:bot", ["doc:read", "doc:write", "mail:send"])
            .actor("agent:sub", ["doc:read"])
            .actor("service:bot", ["mail:send"])
            .build()
    }

    fn caller(role: &str, actors: &[&str]) -> Caller {
        let subject = Principal::asserted(PrincipalId::user("a").unwrap()).member_of("t", [role]);
        let chain = actors.iter().fold(Caller::of(subject), |chain, actor| {
            chain.acting(Principal::asserted(actor.parse().unwrap()))
        });
        chain.in_tenant("t").unwrap()
    }

    #[track_caller]
    fn check(caller: &Caller, scope: &str, expected: Result<(), Lack>) {
        let table = table();
        assert_eq!(table.check(caller, table.demand(scope)), expected);
        let numbers = CallerNumbers {
            scopes: table.scopes(caller).unwrap(),
            ..CallerNumbers::default()
        };
        let numbered = table.check_numbered(caller, Some(&numbers), table.demand(scope));
        assert_eq!(numbered, expected);
        let held = table.effective(caller);
        assert_eq!(table.names(&held).contains(&scope), expected.is_ok());
    }

    #[test]
    fn hops() {
        check(&caller("reader", &[]), "doc:read", Ok(()));
        check(&caller("reader", &[]), "doc:write", Err(Lack::Subject));
        check(&caller("editor", &["agent:bot"]), "doc:write", Ok(()));
        check(
            &caller("editor", &["agent:bot"]),
            "mail:send",
            Err(Lack::Subject),
        );
        let lacks = |place| Err(Lack::Actor { place });
        check(
            &caller("editor", &["agent:bot", "agent:sub"]),
            "doc:read",
            Ok(()),
        );
        check(
            &caller("editor", &["agent:bot", "agent:sub"]),
            "doc:write",
            lacks(1),
        );
        check(
            &caller("editor", &["agent:sub", "agent:bot"]),
            "doc:write",
            lacks(0),
        );
        check(&caller("editor", &["agent:nobody"]), "doc:read", lacks(0));
        check(&caller("nobody", &[]), "doc:read", Err(Lack::Subject));
        check(&caller("editor", &[]), "no:such", Err(Lack::Subject));
        check(&Caller::unknown(), "doc:read", Err(Lack::UnknownCaller));
    }

    #[test]
    fn service_is_no_agent_of_the_same_id() {
        let table = table();
        let call = caller("editor", &["service:bot"]);
        let demand = table.demand("doc:read");
        assert_eq!(table.check(&call, demand), Err(Lack::Actor { place: 0 }));
    }

    #[test]
    fn tools_without_a_scope() {
        let table = table();
        let person = caller("reader", &[]);
        let agent = caller("reader", &["agent:bot"]);
        assert_eq!(table.check(&person, Demand::Unstated), Ok(()));
        assert_eq!(table.check(&Caller::unknown(), Demand::Unstated), Ok(()));
        assert_eq!(
            table.check(&agent, Demand::Unstated),
            Err(Lack::NoScopeStated)
        );
        assert_eq!(table.check(&agent, Demand::None), Ok(()));
    }

    proptest! {
        #[test]
        fn authority_only_shrinks(
            held in proptest::collection::vec(proptest::collection::vec(0_u8..80, 0..40), 2..6),
        ) {
            let names: Vec<Vec<String>> = held
                .iter()
                .map(|scopes| scopes.iter().map(|n| format!("s:{n}")).collect())
                .collect();
            let mut table = Holdings::builder().role("r", names[0].iter().map(|s| &**s));
            let mut chain = Caller::of(
                Principal::asserted(PrincipalId::user("a").unwrap()).member_of("t", ["r"]),
            );
            let mut callers = vec![chain.clone().in_tenant("t").unwrap()];
            for (place, scopes) in names.iter().enumerate().skip(1) {
                let id = PrincipalId::agent(&format!("b{place}")).unwrap();
                table = table.actor(id.as_str(), scopes.iter().map(|s| &**s));
                chain = chain.acting(Principal::asserted(id));
                callers.push(chain.clone().in_tenant("t").unwrap());
            }
            let table = table.build();
            for (place, pair) in callers.windows(2).enumerate() {
                let (before, after) = (table.effective(&pair[0]), table.effective(&pair[1]));
                prop_assert!(after.is_subset(&before));
                for scope in table.names(&after) {
                    let hops = names.iter().take(place.saturating_add(2));
                    let there = hops.into_iter().all(|held| held.iter().any(|s| s == scope));
                    prop_assert!(there, "{scope} is not held at every hop");
                    prop_assert_eq!(table.check(&pair[1], table.demand(scope)), Ok(()));
                }
            }
        }
    }
}
