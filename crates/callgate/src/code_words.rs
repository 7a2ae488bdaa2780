//! What codes say that come from the gate, not from the policy.

use callgate_types::Code;

/// Why a call is denied that has this code, for people and models.
pub(crate) const fn state(code: Code) -> &'static str {
    match code {
        Code::CallIdConflict => "the call id was used for another call",
        Code::CallInProgress => "the same call is in progress",
        Code::CallAlreadyRun => "the same call has run before",
        Code::CallIdsExhausted => "the session has used up its call ids",
        Code::SessionsExhausted => {
            "the tenant has as many sessions as there is room for: expected those that are over to be forgotten"
        }
        Code::AuditFailed => "the decision could not be recorded",
        Code::AuditTimeout => "the record was not in safety in time",
        Code::AuditUnknown => "it is not known whether an earlier record was stored",
        Code::StandingUnknown => {
            "it is not known who was revoked: the standing store has not answered in time"
        }
        Code::LimitsUnavailable => "nobody knows how much of the limits is used",
        Code::OutcomeUnrecorded => "the outcome of an earlier call is not recorded yet",
        Code::CredentialRefused => "the credential that the tool needs was refused",
        Code::CredentialFailed => "the credential that the tool needs was not to be had",
        Code::CredentialTimeout => "the credential that the tool needs did not come in time",
        Code::ApprovalUnknown => "there is no such approval",
        Code::ApprovalMismatch => "the approval is of another call",
        Code::ApprovalRefused => "a person refused this call",
        Code::ApprovalExpired => "nobody agreed to this call in time",
        Code::ApprovalCancelled => "the approval was taken back",
        Code::ApprovalSuperseded => "another approval took the place of this one",
        Code::ApprovalInUse => "another permit holds the approval",
        Code::ApprovalUsed => "the approval has been used",
        Code::ApprovalsUnavailable => "approvals cannot be asked for or looked up",
        Code::PersonUnknown => "it is not known which person is behind this call",
        Code::PreviewTooLarge => "there is more to this call than a person can be shown",
        Code::TooManyAsks => "the caller has asked for too many approvals",
        _ => "the gate is not ready",
    }
}
