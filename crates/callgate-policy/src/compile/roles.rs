//! Roles, and which others their holders hold.

use std::collections::BTreeMap;

use callgate_types::Names;

use super::offset::offset;
use crate::document::Role;

/// The roles of a policy, and what each includes.
#[derive(Debug)]
pub(crate) struct Roles {
    names: Names,
    /// What each role includes, in one step.
    includes: Box<[Box<[u32]>]>,
    /// Which roles include it, in one step.
    included_by: Box<[Box<[u32]>]>,
}

impl Roles {
    pub(super) fn new(roles: &BTreeMap<Box<str>, Role>) -> Self {
        let names = Names::new(roles.keys().map(|name| &**name));
        let includes: Box<[Box<[u32]>]> = roles
            .values()
            .map(|role| {
                let includes = role.includes.iter();
                includes.filter_map(|name| names.number(name)).collect()
            })
            .collect();
        let mut included_by = vec![Vec::new(); names.len()];
        for (holder, included) in includes.iter().enumerate() {
            for role in included {
                if let Some(holders) = included_by.get_mut(*role as usize) {
                    holders.push(offset(holder));
                }
            }
        }
        Self {
            includes,
            included_by: included_by.into_iter().map(Into::into).collect(),
            names,
        }
    }

    pub(super) const fn names(&self) -> &Names {
        &self.names
    }

    pub(crate) fn number(&self, role: &str) -> Option<u32> {
        self.names.number(role)
    }

    /// Whether a holder of `role` holds a role that passes `test`: this one, or one that it
    /// includes through any number of steps.
    pub(crate) fn holds(&self, role: &str, test: impl Fn(&str) -> bool) -> bool {
        test(role) || {
            let mut found = false;
            self.walk(self.number(role), &self.includes, |included| {
                found = found || self.names.name(included).is_some_and(&test);
            });
            found
        }
    }

    /// All roles whose holders hold `role`.
    pub(super) fn holders(&self, role: u32) -> Vec<u32> {
        let mut holders = Vec::new();
        self.walk(Some(role), &self.included_by, |holder| holders.push(holder));
        holders
    }

    /// Visits `from` and all that `steps` lead to, each once.
    fn walk(&self, from: Option<u32>, steps: &[Box<[u32]>], mut visit: impl FnMut(u32)) {
        let mut seen = Seen::new(self.names.len());
        let mut open = crate::evaluate::List::<16>::EMPTY;
        let mut found = from;
        while let Some(role) = found {
            if seen.add(role) {
                visit(role);
                for next in steps.get(role as usize).into_iter().flatten() {
                    open.push(*next);
                }
            }
            found = open.pop();
        }
    }
}

/// A set of roles, which is on the heap only where a policy has a great many.
struct Seen {
    few: [u64; 16],
    many: Vec<u64>,
}

impl Seen {
    fn new(roles: usize) -> Self {
        let words = roles.div_ceil(64);
        let few = [0; 16];
        let many = if words > few.len() {
            vec![0; words]
        } else {
            Vec::new()
        };
        Self { few, many }
    }

    /// Adds `role`, unless it is there already.
    fn add(&mut self, role: u32) -> bool {
        let words = if self.many.is_empty() {
            &mut self.few[..]
        } else {
            &mut self.many
        };
        let Some(word) = words.get_mut((role / 64) as usize) else {
            return false;
        };
        let bit = 1_u64 << (role % 64);
        let new = *word & bit == 0;
        *word |= bit;
        new
    }
}
