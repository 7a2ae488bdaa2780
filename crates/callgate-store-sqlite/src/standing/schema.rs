//! What a file of standing holds.

use crate::SqliteSinkError;
use crate::layout::{Layout, Object};

/// The latest format.
pub(super) const FORMAT: i64 = 1;

/// The changes of who is in good standing.
pub(super) const LAYOUT: Layout = Layout {
    // `Cgst`
    application_id: 0x4367_7374,
    formats: &[OBJECTS],
    other: |path| SqliteSinkError::NotStanding { path },
};

/// The one table. `time` is in microseconds since 1970; `text` as `docs/spec/standing.md` has it.
const OBJECTS: &[Object] = &[(
    "change",
    "CREATE TABLE change (\
     position INTEGER PRIMARY KEY, \
     time INTEGER NOT NULL, \
     text TEXT NOT NULL) STRICT",
)];
