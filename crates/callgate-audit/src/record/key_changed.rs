//! Another key signs.

use chrono::{DateTime, Utc};

use crate::VerifyingKey;
use crate::encode::{Object, push_display, push_string};

/// Another key signs from the next record on, which is a checkpoint that both have signed.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct KeyChangedRecord<'a> {
    /// When it was changed.
    pub time: DateTime<Utc>,
    /// The key that signed until then. Its name is the origin of the log.
    pub from: &'a VerifyingKey,
    /// The key that signs from then on.
    pub to: &'a VerifyingKey,
}

impl<'a> KeyChangedRecord<'a> {
    /// `to` follows `from` at `time`.
    pub const fn new(time: DateTime<Utc>, from: &'a VerifyingKey, to: &'a VerifyingKey) -> Self {
        Self { time, from, to }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        push_string(object.key("origin"), self.from.name());
        push_display(object.key("from"), self.from);
        push_display(object.key("to"), self.to);
    }
}
