//! Putting holdings together.

use std::collections::{BTreeMap, HashMap};

use crate::holdings::Holders;
use crate::{Holdings, ScopeId, ScopeSet};

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
        let (roles, actors) = (Holders::new(self.roles), Holders::new(self.actors));
        Holdings::new(self.scopes, roles, actors)
    }
}
