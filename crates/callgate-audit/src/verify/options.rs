//! What a log is verified against, and how.

use std::fmt;
use std::num::NonZeroUsize;
use std::sync::Arc;

use super::{Progress, Trusted};
use crate::{Head, SignedNote, VerifyingKey};

/// What a log is verified against, and how.
///
/// Whatever it is verified against must have been kept elsewhere: what stands beside a log can be
/// changed together with it.
#[derive(Clone, Debug, Default)]
#[non_exhaustive]
pub struct VerifyOptions {
    /// Heads that were kept elsewhere. Without one, nothing can be said about records that are
    /// missing at the end, nor about a log that was written anew from the start.
    pub heads: Vec<Head>,
    /// The keys of the log, the one in force at its first record first.
    pub keys: Vec<VerifyingKey>,
    /// The origin of the log. Without one it is the name of the first key.
    pub origin: Option<String>,
    /// Notes that were kept elsewhere.
    pub anchored: Vec<SignedNote>,
    /// Whose cosignatures count, and how many one anchored note needs.
    pub witnesses: Option<(Vec<VerifyingKey>, usize)>,
    /// Most records behind the last checkpoint of a log that is verified with a key.
    pub max_unsealed: Option<u64>,
    /// What is known to be good already: only what follows is read.
    pub start: Option<Trusted>,
    /// How many threads examine lines.
    pub threads: Option<NonZeroUsize>,
    progress: Option<Watcher>,
}

impl VerifyOptions {
    /// How many records may follow the last checkpoint unless told otherwise.
    pub const MAX_UNSEALED: u64 = 2_000;

    /// Nothing is known from elsewhere.
    pub const fn new() -> Self {
        Self {
            heads: Vec::new(),
            keys: Vec::new(),
            origin: None,
            anchored: Vec::new(),
            witnesses: None,
            max_unsealed: None,
            start: None,
            threads: None,
            progress: None,
        }
    }

    /// The log must begin with the records that `head` was taken from; also with those of every
    /// other one that is given.
    #[must_use]
    pub fn head(mut self, head: Head) -> Self {
        self.heads.push(head);
        self
    }

    /// The log must be signed, by this key from its first record on.
    ///
    /// Further keys serve a log whose first records were removed together with a change of key:
    /// there, the first of these that has signed the first checkpoint counts.
    #[must_use]
    pub fn key(mut self, key: VerifyingKey) -> Self {
        self.keys.push(key);
        self
    }

    /// The log must be the one of that name.
    #[must_use]
    pub fn origin(mut self, origin: impl Into<String>) -> Self {
        self.origin = Some(origin.into());
        self
    }

    /// The log must begin with the records that `note` is about.
    #[must_use]
    pub fn anchored(mut self, note: SignedNote) -> Self {
        self.anchored.push(note);
        self
    }

    /// One anchored note must be cosigned by at least `quorum` of these.
    #[must_use]
    pub fn witnesses(mut self, keys: Vec<VerifyingKey>, quorum: usize) -> Self {
        self.witnesses = Some((keys, quorum));
        self
    }

    /// At most so many records may follow the last checkpoint.
    #[must_use]
    pub fn max_unsealed(mut self, records: u64) -> Self {
        self.max_unsealed = Some(records);
        self
    }

    /// Everything up to `start` is known to be good: only what follows is read.
    #[must_use]
    pub fn start(mut self, start: Trusted) -> Self {
        self.start = Some(start);
        self
    }

    /// Examines lines with so many threads, all of which end with the verification. The report is
    /// the same.
    #[must_use]
    pub fn threads(mut self, threads: NonZeroUsize) -> Self {
        self.threads = Some(threads);
        self
    }

    /// Tells `watch` from time to time how far the verification has come.
    #[must_use]
    pub fn progress(mut self, watch: impl Fn(Progress) + Send + Sync + 'static) -> Self {
        self.progress = Some(Watcher(Arc::new(watch)));
        self
    }

    pub(super) fn tell(&self, progress: Progress) {
        if let Some(Watcher(watch)) = &self.progress {
            watch(progress);
        }
    }
}

#[derive(Clone)]
struct Watcher(Arc<dyn Fn(Progress) + Send + Sync>);

impl fmt::Debug for Watcher {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Watcher")
    }
}
