//! What a host does with the calls that are let through.

use std::collections::BTreeSet;

/// What a host does with the calls that are let through.
#[derive(Clone, Debug, Default)]
pub(crate) struct Host {
    /// The obligations that it meets; `None` is all.
    meets: Option<BTreeSet<Box<str>>>,
    /// It runs calls whatever the policy decides, and records what would have been decided.
    pub(crate) observes: bool,
    /// It lets no call through that names no task.
    pub(crate) requires_task: bool,
}

impl Host {
    /// Meets every obligation.
    pub(crate) const ABLE: Self = Self {
        meets: None,
        observes: false,
        requires_task: false,
    };

    /// Meets no obligation yet.
    pub(crate) fn new() -> Self {
        Self {
            meets: Some(BTreeSet::new()),
            observes: false,
            requires_task: false,
        }
    }

    pub(crate) fn handles(&mut self, obligation: &str) {
        if let Some(meets) = &mut self.meets {
            meets.insert(obligation.into());
        }
    }

    pub(crate) fn can(&self, obligation: &str) -> bool {
        self.meets
            .as_ref()
            .is_none_or(|meets| meets.contains(obligation))
    }
}
