//! What a file of limits holds.

use crate::SqliteSinkError;
use crate::layout::{Layout, Object};

/// The latest format.
pub(super) const FORMAT: i64 = 1;

/// How much of the limits is used.
pub(super) const LAYOUT: Layout = Layout {
    // `Cgli`
    application_id: 0x4367_6c69,
    formats: &[OBJECTS],
    other: |path| SqliteSinkError::NotLimits { path },
};

/// The tables and indexes, each by its name.
///
/// `sums` is what `sums.rs` says. A reservation holds one row for each of its keys.
const OBJECTS: &[Object] = &[
    (
        "account",
        "CREATE TABLE account (\
         key BLOB PRIMARY KEY, \
         sums BLOB NOT NULL, \
         over_at INTEGER NOT NULL) STRICT, WITHOUT ROWID",
    ),
    (
        "account_over",
        "CREATE INDEX account_over ON account (over_at)",
    ),
    (
        "reservation",
        "CREATE TABLE reservation (\
         id BLOB NOT NULL, \
         key BLOB NOT NULL, \
         slice INTEGER NOT NULL, \
         amount BLOB NOT NULL, \
         lapses_at INTEGER NOT NULL, \
         counted INTEGER NOT NULL, \
         PRIMARY KEY (id, key)) STRICT, WITHOUT ROWID",
    ),
    (
        "reservation_lapses",
        "CREATE INDEX reservation_lapses ON reservation (lapses_at)",
    ),
];
