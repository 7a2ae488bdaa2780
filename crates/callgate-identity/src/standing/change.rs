//! One change to who is in good standing.

use callgate_types::PrincipalId;

use super::target::{Lift, Quarantine, Revocation};
use super::task::Task;

/// One change, and who made it.
///
/// Stores keep its [text](Self::encode), which is read by [`parse`](Self::parse).
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Change {
    /// What is so from now on.
    pub what: What,
    /// Who made it. Why, the audit log says.
    pub by: PrincipalId,
}

/// What is so from a change on.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum What {
    /// A task is under way; nothing where one of the same id already is, or was not long ago.
    Begun(Task),
    /// Something is taken back. A task that is revoked has ended; so has one that is done.
    Revoked(Revocation),
    /// Somebody is allowed nothing.
    Quarantined(Quarantine),
    /// Somebody no longer is, as far as whoever made the change may say so.
    Lifted(Lift),
}

impl Change {
    /// The longest text of a change, in bytes: 1 MiB, more than any of them has.
    pub const MAX_BYTES: usize = 1 << 20;

    /// `by` begins `task`.
    pub const fn begin(task: Task, by: PrincipalId) -> Self {
        let what = What::Begun(task);
        Self { what, by }
    }

    /// `by` takes something back.
    pub const fn revoke(revocation: Revocation, by: PrincipalId) -> Self {
        let what = What::Revoked(revocation);
        Self { what, by }
    }

    /// `by` orders a quarantine.
    pub const fn quarantine(quarantine: Quarantine, by: PrincipalId) -> Self {
        let what = What::Quarantined(quarantine);
        Self { what, by }
    }

    /// `by` lifts a quarantine.
    pub const fn lift(lift: Lift, by: PrincipalId) -> Self {
        let what = What::Lifted(lift);
        Self { what, by }
    }

    /// Whether it only takes away: then it may be put into a store twice, and holds in this process
    /// whether or not a store has it.
    pub const fn restricts(&self) -> bool {
        matches!(self.what, What::Revoked(_) | What::Quarantined(_))
    }
}
