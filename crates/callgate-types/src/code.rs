//! The stable words for what decided a call.

use std::fmt;

/// The decision on one call, without what comes along with it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[expect(
    clippy::exhaustive_enums,
    reason = "a fourth decision must break whoever handles decisions"
)]
pub enum DecisionKind {
    /// The call may run.
    Allow,
    /// The call may run once the demanded friction is met.
    Ask,
    /// The call may not run.
    Deny,
}

impl DecisionKind {
    /// The word for this decision: `allow`, `ask` or `deny`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Allow => "allow",
            Self::Ask => "ask",
            Self::Deny => "deny",
        }
    }
}

impl fmt::Display for DecisionKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What decided a call; the word never changes its meaning.
///
/// `docs/spec/decision.md` says which step of a decision gives which code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Code {
    /// A permit matched and nothing restricted it: allow.
    Permitted,
    /// An `ask` rule matched: ask.
    Asked,
    /// The friction of the risk tier is not met: ask.
    TierFriction,
    /// A `forbid` rule matched: deny.
    Forbidden,
    /// No `permit` rule matched: deny.
    NoPermit,
    /// The call itself is malformed: deny.
    InvalidCall,
    /// The arguments are not acceptable: deny.
    InvalidArguments,
    /// The tool is not in the catalogue: deny.
    UnknownTool,
    /// The tool is not as it was when it was accepted: deny.
    ToolChanged,
    /// Somebody along the chain lacks the scope that the tool requires: deny.
    MissingScope,
    /// A credential or a delegation along the chain does not confer the tool: deny.
    ToolNotDelegated,
    /// The caller could not be resolved: deny.
    InvalidCaller,
    /// A credential or a delegation of the caller has ended: deny.
    CallerExpired,
    /// Somebody along the chain was revoked: deny.
    CallerRevoked,
    /// The session was revoked: deny.
    SessionRevoked,
    /// An agent of the chain, or the tenant, is in quarantine: deny.
    Quarantined,
    /// The call names no task, and has to: deny.
    TaskRequired,
    /// The task that the call names was never begun: deny.
    UnknownTask,
    /// The task was ended: deny.
    TaskEnded,
    /// The time of the task is over: deny.
    TaskExpired,
    /// The task does not cover the tool, a resource or the subject of the call: deny.
    OutsideTask,
    /// It is not known what was revoked: deny.
    StandingUnknown,
    /// The subject is of the tenant only as it is of every one, and no role of it may cross: deny.
    ForeignTenant,
    /// The call id was used before, for another call: deny.
    CallIdConflict,
    /// The same call holds a permit or is running: deny.
    CallInProgress,
    /// The same call has begun before: deny.
    CallAlreadyRun,
    /// The session has used up its call ids: deny.
    CallIdsExhausted,
    /// The tenant has as many sessions as it may: deny.
    SessionsExhausted,
    /// A limit that asks is exceeded: ask.
    LimitFriction,
    /// A limit is exceeded, or nobody can tell: deny.
    LimitExceeded,
    /// The store of the limits does not answer: deny.
    LimitsUnavailable,
    /// The gate was not built to handle an obligation of the call: deny.
    UnhandledObligation,
    /// Those who were asked have approved: allow.
    Approved,
    /// A standing approval lets the call run: allow.
    StandingApproved,
    /// There is no such approval: deny.
    ApprovalUnknown,
    /// The approval is of another call: deny.
    ApprovalMismatch,
    /// Somebody refused the call: deny.
    ApprovalRefused,
    /// Nobody approved the call in time, or nobody resumed it: deny.
    ApprovalExpired,
    /// Whoever asked for the approval took it back: deny.
    ApprovalCancelled,
    /// Another approval took the place of this one: deny.
    ApprovalSuperseded,
    /// Another permit holds the approval: deny.
    ApprovalInUse,
    /// The approval has been used: deny.
    ApprovalUsed,
    /// The store of approvals does not answer, or there is none: deny.
    ApprovalsUnavailable,
    /// Nobody knows which person is behind the call: deny.
    PersonUnknown,
    /// There is more to the call than an approver can be shown: deny.
    PreviewTooLarge,
    /// The call was not tried out in dry-run mode, and has to be first: deny.
    DryRunMissing,
    /// The caller has asked for too many approvals: deny.
    TooManyAsks,
    /// The decision could not be recorded: deny.
    AuditFailed,
    /// The record was not in safety by the deadline: deny.
    AuditTimeout,
    /// It is not known whether a record was stored: deny.
    AuditUnknown,
    /// An outcome is not recorded yet, so no further write may begin: deny.
    OutcomeUnrecorded,
    /// The broker refused the credential that the tool needs: not begun.
    CredentialRefused,
    /// The credential that the tool needs was not to be had: not begun.
    CredentialFailed,
    /// The credential that the tool needs did not come in time: not begun.
    CredentialTimeout,
}

impl Code {
    /// All codes.
    pub const ALL: [Self; 54] = [
        Self::Permitted,
        Self::Asked,
        Self::TierFriction,
        Self::Forbidden,
        Self::NoPermit,
        Self::InvalidCall,
        Self::InvalidArguments,
        Self::UnknownTool,
        Self::ToolChanged,
        Self::MissingScope,
        Self::ToolNotDelegated,
        Self::InvalidCaller,
        Self::CallerExpired,
        Self::CallerRevoked,
        Self::SessionRevoked,
        Self::Quarantined,
        Self::TaskRequired,
        Self::UnknownTask,
        Self::TaskEnded,
        Self::TaskExpired,
        Self::OutsideTask,
        Self::StandingUnknown,
        Self::ForeignTenant,
        Self::CallIdConflict,
        Self::CallInProgress,
        Self::CallAlreadyRun,
        Self::CallIdsExhausted,
        Self::SessionsExhausted,
        Self::LimitFriction,
        Self::LimitExceeded,
        Self::LimitsUnavailable,
        Self::UnhandledObligation,
        Self::Approved,
        Self::StandingApproved,
        Self::ApprovalUnknown,
        Self::ApprovalMismatch,
        Self::ApprovalRefused,
        Self::ApprovalExpired,
        Self::ApprovalCancelled,
        Self::ApprovalSuperseded,
        Self::ApprovalInUse,
        Self::ApprovalUsed,
        Self::ApprovalsUnavailable,
        Self::PersonUnknown,
        Self::PreviewTooLarge,
        Self::DryRunMissing,
        Self::TooManyAsks,
        Self::AuditFailed,
        Self::AuditTimeout,
        Self::AuditUnknown,
        Self::OutcomeUnrecorded,
        Self::CredentialRefused,
        Self::CredentialFailed,
        Self::CredentialTimeout,
    ];

    /// The word for this code in records and output.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Permitted => "permitted",
            Self::Asked => "asked",
            Self::TierFriction => "tier_friction",
            Self::Forbidden => "forbidden",
            Self::NoPermit => "no_permit",
            Self::InvalidCall => "invalid_call",
            Self::InvalidArguments => "invalid_arguments",
            Self::UnknownTool => "unknown_tool",
            Self::ToolChanged => "tool_changed",
            Self::MissingScope => "missing_scope",
            Self::ToolNotDelegated => "tool_not_delegated",
            Self::InvalidCaller => "invalid_caller",
            Self::CallerExpired => "caller_expired",
            Self::CallerRevoked => "caller_revoked",
            Self::SessionRevoked => "session_revoked",
            Self::Quarantined => "quarantined",
            Self::TaskRequired => "task_required",
            Self::UnknownTask => "unknown_task",
            Self::TaskEnded => "task_ended",
            Self::TaskExpired => "task_expired",
            Self::OutsideTask => "outside_task",
            Self::StandingUnknown => "standing_unknown",
            Self::ForeignTenant => "foreign_tenant",
            Self::CallIdConflict => "call_id_conflict",
            Self::CallInProgress => "call_in_progress",
            Self::CallAlreadyRun => "call_already_run",
            Self::CallIdsExhausted => "call_ids_exhausted",
            Self::SessionsExhausted => "sessions_exhausted",
            Self::LimitFriction => "limit_friction",
            Self::LimitExceeded => "limit_exceeded",
            Self::LimitsUnavailable => "limits_unavailable",
            Self::UnhandledObligation => "unhandled_obligation",
            Self::Approved => "approved",
            Self::StandingApproved => "standing_approved",
            Self::ApprovalUnknown => "approval_unknown",
            Self::ApprovalMismatch => "approval_mismatch",
            Self::ApprovalRefused => "approval_refused",
            Self::ApprovalExpired => "approval_expired",
            Self::ApprovalCancelled => "approval_cancelled",
            Self::ApprovalSuperseded => "approval_superseded",
            Self::ApprovalInUse => "approval_in_use",
            Self::ApprovalUsed => "approval_used",
            Self::ApprovalsUnavailable => "approvals_unavailable",
            Self::PersonUnknown => "person_unknown",
            Self::PreviewTooLarge => "preview_too_large",
            Self::DryRunMissing => "dry_run_missing",
            Self::TooManyAsks => "too_many_asks",
            Self::AuditFailed => "audit_failed",
            Self::AuditTimeout => "audit_timeout",
            Self::AuditUnknown => "audit_unknown",
            Self::OutcomeUnrecorded => "outcome_unrecorded",
            Self::CredentialRefused => "credential_refused",
            Self::CredentialFailed => "credential_failed",
            Self::CredentialTimeout => "credential_timeout",
        }
    }
}

impl fmt::Display for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}
