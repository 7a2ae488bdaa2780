//! Roles, and which others their holders hold.

use std::collections::BTreeMap;

use super::names::Names;
use crate::document::Role;

/// The roles of a policy, with inheritance worked out.
#[derive(Debug)]
pub(crate) struct Roles {
    names: Names,
    /// For each role itself and every role that its holder holds too.
    included: Box<[Box<[u32]>]>,
}

impl Roles {
    pub(super) fn new(roles: &BTreeMap<Box<str>, Role>) -> Self {
        let names = Names::new(roles.keys().map(|name| &**name));
        let included = roles
            .keys()
            .map(|name| closure(name, roles, &names))
            .collect();
        Self { names, included }
    }

    pub(crate) fn number(&self, role: &str) -> Option<u32> {
        self.names.number(role)
    }

    /// Every role that a holder of `role` holds, where the policy knows `role`.
    pub(crate) fn included(&self, role: &str) -> impl Iterator<Item = &str> {
        let number = self.names.number(role);
        let included = number.and_then(|number| self.included.get(number as usize));
        let included = included.into_iter().flatten();
        included.filter_map(|number| self.names.name(*number))
    }

    /// All roles whose holders hold a role that passes `test`.
    pub(super) fn holding(&self, test: impl Fn(&str) -> bool) -> Vec<u32> {
        let passes: Vec<bool> = self.names.iter().map(|(_, name)| test(name)).collect();
        let passes = |role: &u32| passes.get(*role as usize) == Some(&true);
        let all = self.names.iter().zip(&self.included);
        all.filter(|(_, included)| included.iter().any(passes))
            .map(|((number, _), _)| number)
            .collect()
    }
}

fn closure(role: &str, roles: &BTreeMap<Box<str>, Role>, names: &Names) -> Box<[u32]> {
    let mut held: Vec<u32> = names.number(role).into_iter().collect();
    let mut next = 0;
    while let Some(number) = held.get(next).copied() {
        next = next.saturating_add(1);
        let role = names.name(number).and_then(|name| roles.get(name));
        for included in role.iter().flat_map(|role| &role.includes) {
            if let Some(number) = names
                .number(included)
                .filter(|number| !held.contains(number))
            {
                held.push(number);
            }
        }
    }
    held.into()
}
