//! How a gate keeps itself informed.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use callgate_identity::standing::StandingStore;

/// How old the last look at the store may be, unless the host says otherwise.
const FRESHNESS: Duration = Duration::from_secs(1);

/// How a gate keeps itself informed.
#[derive(Clone)]
pub(crate) struct Options {
    pub(crate) store: Option<Arc<dyn StandingStore>>,
    pub(crate) freshness: Duration,
    /// How old it may be for calls that read.
    pub(crate) cached_reads: Option<Duration>,
    pub(crate) requires_task: bool,
}

impl Options {
    pub(crate) const fn new() -> Self {
        Self {
            store: None,
            freshness: FRESHNESS,
            cached_reads: None,
            requires_task: false,
        }
    }
}

impl fmt::Debug for Options {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Options")
            .field("freshness", &self.freshness)
            .field("cached_reads", &self.cached_reads)
            .field("requires_task", &self.requires_task)
            .finish_non_exhaustive()
    }
}
