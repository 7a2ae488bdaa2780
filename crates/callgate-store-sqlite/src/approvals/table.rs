//! What a file of approvals holds.

use crate::SqliteSinkError;
use crate::layout::{Layout, Object};

/// The format that holds approvals.
pub(super) const FORMAT: i64 = 1;
/// The format that holds standing approvals, too.
pub(super) const WITH_STANDING: i64 = 2;

/// Approvals.
pub(super) const LAYOUT: Layout = Layout {
    // `Cgap`
    application_id: 0x4367_6170,
    formats: &[OBJECTS, STANDING],
    other: |path| SqliteSinkError::NotApprovals { path },
};

/// The table and its indexes.
///
/// `body` is the approval, as JSON: the truth about it. The other columns are copies, to find it by. Times
/// are in microseconds since 1970.
const OBJECTS: &[Object] = &[
    (
        "approval",
        "CREATE TABLE approval (\
         id BLOB PRIMARY KEY, \
         revision INTEGER NOT NULL, \
         binding BLOB NOT NULL, \
         tenant TEXT, \
         subject TEXT NOT NULL, \
         asked INTEGER NOT NULL, \
         expires INTEGER NOT NULL, \
         open INTEGER NOT NULL, \
         body TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ),
    (
        "approval_binding",
        "CREATE INDEX approval_binding ON approval (binding, asked)",
    ),
    (
        "approval_order",
        "CREATE INDEX approval_order ON approval (asked, id)",
    ),
    (
        "approval_subject",
        "CREATE INDEX approval_subject ON approval (subject, tenant, asked)",
    ),
];

/// Standing approvals.
///
/// `used` is the truth about how many uses are spent, and `body`, as JSON, about all else. The other
/// columns are copies, to find it by.
const STANDING: &[Object] = &[
    (
        "standing_approval",
        "CREATE TABLE standing_approval (\
         id BLOB PRIMARY KEY, \
         tenant TEXT, \
         subject TEXT NOT NULL, \
         tool TEXT NOT NULL, \
         asked INTEGER NOT NULL, \
         expires INTEGER NOT NULL, \
         uses INTEGER NOT NULL, \
         used INTEGER NOT NULL, \
         approved INTEGER NOT NULL, \
         open INTEGER NOT NULL, \
         untold INTEGER NOT NULL, \
         body TEXT NOT NULL) STRICT, WITHOUT ROWID",
    ),
    (
        "standing_approval_order",
        "CREATE INDEX standing_approval_order ON standing_approval (asked, id)",
    ),
    (
        "standing_approval_whose",
        "CREATE INDEX standing_approval_whose ON standing_approval (subject, tool, tenant, expires)",
    ),
];
