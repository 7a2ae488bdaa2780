//! What roles and actors hold.

use std::collections::{BTreeMap, HashMap};

use callgate_types::{Caller, CallerNumbers, Cut, Delegation, Names, Principal};

use crate::standing::Task;
use crate::{HoldingsBuilder, ScopeId, ScopeSet};

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
pub(crate) struct Holders {
    names: Names,
    /// By the number of the name.
    sets: Box<[ScopeSet]>,
}

impl Holders {
    pub(crate) fn new(held: BTreeMap<Box<str>, ScopeSet>) -> Self {
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
    /// The principal holds it, and a credential, a delegation or the ceiling does not confer it.
    Cut(Cut),
    /// An actor calls, and the tool does not say which scope it demands.
    NoScopeStated,
}

/// What says which scopes an actor holds.
enum Stated<'a> {
    /// The holdings.
    Here(&'a ScopeSet),
    /// Its credential, which was checked and names them.
    ByCredential,
    /// Nothing: it holds none.
    Nowhere,
}

impl Holdings {
    pub(crate) const fn new(
        scopes: HashMap<Box<str>, ScopeId>,
        roles: Holders,
        actors: Holders,
    ) -> Self {
        Self {
            scopes,
            roles,
            actors,
        }
    }

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
        let cut_off = |(_, conferred): &(Cut, &Delegation)| !self.confers(conferred, scope);
        if !caller.roles().any(|role| holds(self.roles.get(role))) {
            return Err(Lack::Subject);
        }
        if let Some((cut, _)) = caller.cuts_of_subject().find(cut_off) {
            return Err(Lack::Cut(cut));
        }
        for (place, actor) in caller.actors().iter().enumerate() {
            match self.stated(actor) {
                Stated::Here(set) if holds(Some(set)) => {}
                Stated::ByCredential => {}
                _ => return Err(Lack::Actor { place }),
            }
            if let Some((cut, _)) = caller.cuts_of_actor(place).find(cut_off) {
                return Err(Lack::Cut(cut));
            }
        }
        Ok(())
    }

    /// Checks that the tool `name` is conferred all along the chain of `caller`.
    ///
    /// # Errors
    ///
    /// Names the first credential, delegation or ceiling that does not confer it.
    pub fn check_tool(caller: &Caller, name: &str) -> Result<(), Cut> {
        let places = 0..caller.actors().len();
        let of_actors = places.flat_map(|place| caller.cuts_of_actor(place));
        let mut cuts = caller.cuts_of_subject().chain(of_actors);
        match cuts.find(|(_, conferred)| !conferred.confers_tool(name)) {
            Some((cut, _)) => Err(cut),
            None => Ok(()),
        }
    }

    /// What says which scopes `actor` holds.
    fn stated(&self, actor: &Principal) -> Stated<'_> {
        let checked = actor.verification().method().is_cryptographic();
        let names_scopes = |limit: &Delegation| limit.scope_names().is_some();
        let by_credential = || checked && actor.limit().is_some_and(names_scopes);
        match self.actors.get(actor.id().as_str()) {
            Some(set) => Stated::Here(set),
            None if by_credential() => Stated::ByCredential,
            None => Stated::Nowhere,
        }
    }

    /// Whether the scope is among those that are conferred.
    fn confers(&self, conferred: &Delegation, scope: Option<ScopeId>) -> bool {
        let same = |name: &str| scope.is_some() && self.scopes.get(name).copied() == scope;
        conferred
            .scope_names()
            .is_none_or(|mut names| names.any(same))
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

    /// As [`Holdings::check_numbered`], for a call that is made for `task`: what is demanded has to be
    /// among its scopes, too, where it names any.
    ///
    /// # Errors
    ///
    /// As [`Holdings::check`]; the task comes last.
    #[inline]
    pub fn check_for_task(
        &self,
        caller: &Caller,
        numbers: Option<&CallerNumbers>,
        demand: Demand,
        task: Option<&Task>,
    ) -> Result<(), Lack> {
        self.check_numbered(caller, numbers, demand)?;
        match (task, demand) {
            (Some(task), Demand::Scope(scope)) if !self.confers(task.limit(), Some(scope)) => {
                Err(Lack::Cut(Cut::Task))
            }
            _ => Ok(()),
        }
    }

    /// The scopes that `caller` may use, as its numbers hold them; `None` where there are too many
    /// different ones.
    pub fn scopes(&self, caller: &Caller) -> Option<[u64; CallerNumbers::SCOPE_WORDS]> {
        self.effective(caller).words()
    }

    /// Everything that `caller` may use: what its subject and every actor hold, without what a
    /// credential, a delegation or the ceiling cuts off.
    pub fn effective(&self, caller: &Caller) -> ScopeSet {
        let mut held = ScopeSet::EMPTY;
        for set in caller.roles().filter_map(|role| self.roles.get(role)) {
            held.unite(set);
        }
        for (_, conferred) in caller.cuts_of_subject() {
            self.cut(&mut held, conferred);
        }
        for (place, actor) in caller.actors().iter().enumerate() {
            match self.stated(actor) {
                Stated::Here(set) => held.intersect(set),
                // Its credential stands among the cuts.
                Stated::ByCredential => {}
                Stated::Nowhere => held = ScopeSet::EMPTY,
            }
            for (_, conferred) in caller.cuts_of_actor(place) {
                self.cut(&mut held, conferred);
            }
        }
        held
    }

    /// Everything that `caller` may use for `task`.
    pub fn effective_for_task(&self, caller: &Caller, task: &Task) -> ScopeSet {
        let mut held = self.effective(caller);
        self.cut(&mut held, task.limit());
        held
    }

    /// Takes from `held` what is not conferred.
    fn cut(&self, held: &mut ScopeSet, conferred: &Delegation) {
        let Some(names) = conferred.scope_names() else {
            return;
        };
        let mut kept = ScopeSet::EMPTY;
        for scope in names.filter_map(|name| self.scopes.get(name)) {
            kept.insert(*scope);
        }
        held.intersect(&kept);
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

#[cfg(test)]
mod tests;
