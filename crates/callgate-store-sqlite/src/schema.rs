//! What a file of the log holds.

use crate::SqliteSinkError;
use crate::layout::{Layout, Object};

/// The format of a file that holds a log, and no table for clear texts.
pub(crate) const LOG: i64 = 1;
/// The format of a file that has a table for clear texts besides.
pub(crate) const LOG_AND_TEXTS: i64 = 2;

/// A log, and clear texts beside it.
pub(crate) const LAYOUT: Layout = Layout {
    // `Cgal`
    application_id: 0x4367_616c,
    formats: &[LOG_OBJECTS, TEXT_OBJECTS],
    other: |path| SqliteSinkError::NotALog { path },
};

/// The tables and the index of a log, each by its name.
///
/// `line` is what was written, without its line feed. The other columns of a record are copies of
/// what stands in it. That no two rows share a place or a predecessor is what keeps a chain from
/// forking, whatever a writer does wrong.
const LOG_OBJECTS: &[Object] = &[
    (
        "chain",
        "CREATE TABLE chain (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE) STRICT",
    ),
    (
        "record",
        "CREATE TABLE record (\
         id INTEGER PRIMARY KEY, \
         chain INTEGER NOT NULL, \
         seq INTEGER NOT NULL, \
         prev BLOB NOT NULL, \
         line BLOB NOT NULL, \
         UNIQUE (chain, seq)) STRICT",
    ),
    (
        "record_prev",
        "CREATE UNIQUE INDEX record_prev ON record (chain, prev)",
    ),
];

/// The table of clear texts; what `body` is, `texts/body.rs` says.
const TEXT_OBJECTS: &[Object] = &[(
    "clear_text",
    "CREATE TABLE clear_text (\
     id INTEGER PRIMARY KEY, \
     commitment BLOB NOT NULL UNIQUE, \
     body BLOB NOT NULL) STRICT",
)];
