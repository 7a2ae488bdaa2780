//! What keeps a call from being judged at all.

use callgate_types::Code;

/// Why a caller, a session or a task is not in good standing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Bar {
    /// The tenant is in quarantine.
    TenantQuarantined,
    /// A principal of the chain is in quarantine.
    Quarantined {
        /// The place of the actor, counted from 0; `None` is the subject.
        place: Option<usize>,
    },
    /// A principal of the chain was revoked.
    Revoked {
        /// The place of the actor, counted from 0; `None` is the subject.
        place: Option<usize>,
    },
    /// The session was revoked.
    SessionRevoked,
    /// No task of this id was begun in this tenant.
    UnknownTask,
    /// The task was ended.
    TaskEnded,
    /// The time of the task is over, or it is not known what time it is.
    TaskExpired,
    /// The task is that of another subject.
    OtherSubject,
}

impl Bar {
    /// The code with which calls are denied.
    pub const fn code(self) -> Code {
        match self {
            Self::TenantQuarantined | Self::Quarantined { .. } => Code::Quarantined,
            Self::Revoked { .. } => Code::CallerRevoked,
            Self::SessionRevoked => Code::SessionRevoked,
            Self::UnknownTask => Code::UnknownTask,
            Self::TaskEnded => Code::TaskEnded,
            Self::TaskExpired => Code::TaskExpired,
            Self::OtherSubject => Code::OutsideTask,
        }
    }
}
