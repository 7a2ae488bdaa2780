//! Which obligations a host can meet.

use std::collections::BTreeSet;

/// The obligations that a host says it will meet.
#[derive(Clone, Debug, Default)]
pub(crate) struct Handles(BTreeSet<Box<str>>);

impl Handles {
    pub(crate) fn insert(&mut self, obligation: &str) {
        self.0.insert(obligation.into());
    }

    pub(crate) fn contains(&self, obligation: &str) -> bool {
        self.0.contains(obligation)
    }
}
