//! Old records were removed.

use callgate_types::Digest;
use chrono::{DateTime, Utc};

use super::write::digests;
use crate::Tree;
use crate::encode::Object;

/// The first records of the log were archived, and are removed once this is durable.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct PrunedRecord<'a> {
    /// When that was decided.
    pub time: DateTime<Utc>,
    /// The tree over the records that are removed.
    pub tree: &'a Tree,
    /// The digest of the last of them.
    pub digest: Digest,
    /// The SHA-256 of the bytes that are removed, padding left out.
    pub archive: Digest,
    /// How many bytes that is.
    pub archive_bytes: u64,
    /// On whose authority.
    pub by: &'a str,
    /// Why.
    pub reason: &'a str,
}

impl<'a> PrunedRecord<'a> {
    /// The records under `tree` are removed, the last of which has `digest`; where they are kept
    /// is not said yet.
    pub fn new(
        time: DateTime<Utc>,
        tree: &'a Tree,
        digest: Digest,
        by: &'a str,
        reason: &'a str,
    ) -> Self {
        Self {
            time,
            tree,
            digest,
            archive: Digest::of(b""),
            archive_bytes: 0,
            by,
            reason,
        }
    }

    /// They are kept in an archive of so many `bytes` with the SHA-256 `archive`.
    #[must_use]
    pub const fn archived(mut self, archive: Digest, bytes: u64) -> Self {
        self.archive = archive;
        self.archive_bytes = bytes;
        self
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.number("until", self.tree.size());
        object.hex("digest", self.digest);
        digests(object, "peaks", self.tree.peaks());
        object.hex("archive", self.archive);
        object.number("archive_bytes", self.archive_bytes);
        object.name("by", Some(self.by));
        object.name("reason", Some(self.reason));
    }
}
