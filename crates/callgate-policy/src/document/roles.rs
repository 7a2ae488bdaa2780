//! Inheritance of roles.

use std::collections::BTreeSet;

use super::Document;

impl Document {
    /// The roles that a holder of `role` holds: itself and, through any number of steps, what
    /// it includes. Ordered by bytes. A role that the policy does not name is held all the same,
    /// and confers nothing.
    pub fn roles_held_with<'a>(&'a self, role: &'a str) -> BTreeSet<&'a str> {
        let mut held = BTreeSet::new();
        let mut open = vec![role];
        while let Some(role) = open.pop() {
            if held.insert(role)
                && let Some(entry) = self.roles.get(role)
            {
                open.extend(entry.includes.iter().map(|included| &**included));
            }
        }
        held
    }
}
