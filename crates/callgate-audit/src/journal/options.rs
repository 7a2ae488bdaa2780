//! How a journal is opened.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use crate::{SignError, Signer, SinkError, StatementFault};

/// How a [`Journal`](crate::Journal) is opened.
#[derive(Clone, Default)]
pub struct JournalOptions {
    pub(super) signer: Option<Arc<dyn Signer>>,
    pub(super) every: Option<u64>,
    pub(super) interval: Option<Duration>,
}

impl JournalOptions {
    /// After how many records a checkpoint is due unless told otherwise.
    pub const EVERY: u64 = 1_000;

    /// After what time a checkpoint is due, with the next batch, unless told otherwise.
    pub const INTERVAL: Duration = Duration::from_millis(100);

    /// Nothing is signed.
    pub const fn new() -> Self {
        Self {
            signer: None,
            every: None,
            interval: None,
        }
    }

    /// The log is signed by `signer`, the name of whose key is the origin of the log.
    #[must_use]
    pub fn signer(mut self, signer: Arc<dyn Signer>) -> Self {
        self.signer = Some(signer);
        self
    }

    /// A checkpoint is due once so many records have come since the last one; at least 1.
    ///
    /// A verifier accepts 2 000 behind the last one unless told otherwise.
    #[must_use]
    pub const fn checkpoint_every(mut self, records: u64) -> Self {
        self.every = Some(records);
        self
    }

    /// A checkpoint is due with the first batch that is written so long after the last one.
    #[must_use]
    pub const fn checkpoint_interval(mut self, interval: Duration) -> Self {
        self.interval = Some(interval);
        self
    }
}

impl fmt::Debug for JournalOptions {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("JournalOptions")
            .field("signer", &self.signer.as_ref().map(|signer| signer.key()))
            .field("every", &self.every)
            .field("interval", &self.interval)
            .finish()
    }
}

/// Why a journal cannot be opened.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum OpenError {
    /// The sink does not know its head, cannot make it durable, or cannot be read.
    #[error("the log cannot be opened")]
    Sink(#[source] SinkError),
    /// Another key signs the log.
    #[error("the last checkpoint of the log, record {record}, is not signed by this key")]
    OtherKey {
        /// The checkpoint.
        record: u64,
    },
    /// The last checkpoint is none.
    #[error("the checkpoint in record {record} says what is not so")]
    Checkpoint {
        /// The checkpoint.
        record: u64,
        /// What is wrong with it.
        source: StatementFault,
    },
    /// What the sink gives back are not the records up to its head.
    #[error("the sink gave back other records than those up to its head")]
    OtherRecords,
    /// Nothing can be signed: the first records were removed, and no checkpoint is left.
    #[error("the first {first} records were removed, and no checkpoint says what they were")]
    Pruned {
        /// The first record that is there.
        first: u64,
    },
}

/// How far a log is signed.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Sealed {
    /// How many records the last checkpoint is about; `None` where there is none yet.
    pub records: Option<u64>,
    /// Why the last attempt to sign has failed. The records were written all the same.
    pub failed: Option<SignError>,
}
