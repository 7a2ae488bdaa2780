//! What keeps a journal from writing.

use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use super::JournalState;
use super::entry::Entry;
use crate::{Head, SinkError};

/// What is not known.
pub(super) struct Doubt {
    /// The batch of which nobody knows; `None` after a sync.
    pub(super) batch: Option<DoubtfulBatch>,
}

/// Records that are stored, or not. Their callers have been told that they failed.
pub(super) struct DoubtfulBatch {
    pub(super) after: Head,
    pub(super) end: Head,
    pub(super) taken: VecDeque<Entry>,
}

/// A doubt, or the end of all writing.
#[derive(Default)]
pub(super) struct Trouble {
    doubt: Option<Doubt>,
    closed: Option<SinkError>,
    /// Whether there is any, for those without the lock.
    flag: Arc<AtomicBool>,
}

impl Trouble {
    pub(super) fn flag(&self) -> Arc<AtomicBool> {
        Arc::clone(&self.flag)
    }

    pub(super) const fn is_any(&self) -> bool {
        self.doubt.is_some() || self.closed.is_some()
    }

    pub(super) const fn is_doubtful(&self) -> bool {
        self.doubt.is_some()
    }

    /// Why nothing is written any more.
    pub(super) const fn closed(&self) -> Option<&SinkError> {
        self.closed.as_ref()
    }

    /// Of a batch there is a doubt from now on; a sync of which nobody knows is part of it.
    pub(super) fn doubt_batch(&mut self, batch: DoubtfulBatch) {
        self.doubt = Some(Doubt { batch: Some(batch) });
        self.show();
    }

    /// Of a sync there is a doubt, too.
    pub(super) fn doubt_sync(&mut self) {
        self.doubt.get_or_insert(Doubt { batch: None });
        self.show();
    }

    pub(super) fn take_doubt(&mut self) -> Option<Doubt> {
        let doubt = self.doubt.take();
        self.show();
        doubt
    }

    /// The first error stays.
    pub(super) fn close(&mut self, error: SinkError) {
        self.closed.get_or_insert(error);
        self.show();
    }

    pub(super) fn public(&self) -> JournalState {
        match (&self.closed, &self.doubt) {
            (Some(error), _) => JournalState::Closed(error.clone()),
            (None, Some(_)) => JournalState::InDoubt,
            (None, None) => JournalState::Open,
        }
    }

    fn show(&self) {
        self.flag.store(self.is_any(), Ordering::Release);
    }
}
