//! Texts that were erased.

use callgate_types::{Digest, Principal};
use chrono::{DateTime, Utc};

use super::write::{number_or_null, principal_or_null};
use crate::encode::Object;

/// Clear texts were erased from the store beside the log, or are about to be: the record is
/// durable first.
///
/// The log itself is unchanged. What it kept of these texts are commitments, which say nothing
/// without the salts that went with the texts.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct ErasedRecord<'a> {
    /// When that was decided.
    pub time: DateTime<Utc>,
    /// Which texts; at most [`ErasedRecord::MAX_TEXTS`], and more are further records.
    texts: &'a [ErasedText<'a>],
    /// On whose authority.
    pub by: &'a Principal,
    /// Whose texts they were, where they were erased for that.
    pub subject: Option<&'a str>,
    /// Why.
    pub reason: Option<&'a str>,
}

impl<'a> ErasedRecord<'a> {
    /// The most texts that one record names.
    pub const MAX_TEXTS: usize = 256;

    /// `texts` are erased on the authority of `by`; `None` where there are more of them than one
    /// record names.
    pub const fn new(
        time: DateTime<Utc>,
        texts: &'a [ErasedText<'a>],
        by: &'a Principal,
    ) -> Option<Self> {
        if texts.len() > Self::MAX_TEXTS {
            return None;
        }
        Some(Self {
            time,
            texts,
            by,
            subject: None,
            reason: None,
        })
    }

    /// Which texts.
    pub const fn texts(&self) -> &'a [ErasedText<'a>] {
        self.texts
    }

    /// All texts are named however brief the record must be: it fits a line as it is.
    pub(super) fn write(&self, object: &mut Object<'_>) {
        let texts = self.texts.iter();
        object.list("texts", Self::MAX_TEXTS, texts, |out, text| {
            let mut inner = Object::begin(out);
            inner.hex("commitment", text.commitment);
            number_or_null(&mut inner, "record", text.record);
            inner.name("field", text.field);
            inner.end();
        });
        principal_or_null(object, "by", Some(self.by));
        object.name("subject", self.subject);
        object.name("reason", self.reason);
    }
}

/// One text that is erased.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ErasedText<'a> {
    /// What the log keeps of it.
    pub commitment: Digest,
    /// The record that keeps it, where that is known.
    pub record: Option<u64>,
    /// Where it stands in that record: `arguments`, `arguments/note`, `prompt`, `result`.
    pub field: Option<&'a str>,
}

impl<'a> ErasedText<'a> {
    /// The text of which the log keeps `commitment`, nobody says where.
    pub const fn new(commitment: Digest) -> Self {
        Self {
            commitment,
            record: None,
            field: None,
        }
    }

    /// The record that keeps it, and where in that record.
    #[must_use]
    pub const fn at(mut self, record: u64, field: &'a str) -> Self {
        self.record = Some(record);
        self.field = Some(field);
        self
    }
}
