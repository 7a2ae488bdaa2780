//! What the log was when a record was written.

use chrono::{DateTime, Utc};

use super::write::digests;
use crate::encode::{Object, push_string};
use crate::{SignedNote, Tree};

/// All records before this one, in one signed statement. A [`Journal`](crate::Journal) with a
/// signer writes it by itself.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct CheckpointRecord<'a> {
    /// When it was made.
    pub time: DateTime<Utc>,
    /// The tree over all records before this one.
    pub tree: &'a Tree,
    /// The same, signed.
    pub note: &'a SignedNote,
}

impl<'a> CheckpointRecord<'a> {
    /// The log was `tree` at `time`, and `note` says so.
    pub const fn new(time: DateTime<Utc>, tree: &'a Tree, note: &'a SignedNote) -> Self {
        Self { time, tree, note }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        push_string(object.key("origin"), self.note.origin());
        object.number("size", self.note.size());
        object.hex("root", self.note.root());
        digests(object, "peaks", self.tree.peaks());
        push_string(object.key("note"), self.note.as_str());
    }
}
