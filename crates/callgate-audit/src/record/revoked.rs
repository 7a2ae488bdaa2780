//! What calls rest on, taken back.

use chrono::{DateTime, Utc};

use super::RecordedPrincipal;
use super::write::known_or_null;
use crate::encode::Object;

/// What calls rest on was revoked or put in quarantine; or a quarantine was lifted.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct RevokedRecord<'a> {
    /// When.
    pub time: DateTime<Utc>,
    /// What sort of thing it is.
    pub of: Revocable,
    /// Its id.
    pub id: &'a str,
    /// What was done.
    pub action: Revocation,
    /// Within which tenant; `None` for all of them.
    pub tenant: Option<&'a str>,
    /// Who did it; `None` where it happened by itself, at the end of a task, say.
    pub by: Option<RecordedPrincipal<'a>>,
    /// Why.
    pub reason: Option<&'a str>,
}

impl<'a> RevokedRecord<'a> {
    /// The `of` with `id` was revoked.
    pub const fn new(time: DateTime<Utc>, of: Revocable, id: &'a str) -> Self {
        Self {
            time,
            of,
            id,
            action: Revocation::Revoked,
            tenant: None,
            by: None,
            reason: None,
        }
    }

    pub(super) fn write(&self, object: &mut Object<'_>) {
        object.word("of", self.of.as_str());
        object.name("id", Some(self.id));
        object.word("action", self.action.as_str());
        object.name("tenant", self.tenant);
        known_or_null(object, "by", self.by);
        object.name("reason", self.reason);
    }
}

/// What can be revoked beside a token.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Revocable {
    /// The short-lived credential of a tool.
    Credential,
    /// A task.
    Task,
    /// A session.
    Session,
    /// A principal.
    Principal,
    /// A tenant.
    Tenant,
    /// A standing approval.
    Approval,
}

impl Revocable {
    /// The word for it in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Credential => "credential",
            Self::Task => "task",
            Self::Session => "session",
            Self::Principal => "principal",
            Self::Tenant => "tenant",
            Self::Approval => "approval",
        }
    }
}

/// What was done to something that can be revoked.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Revocation {
    /// It is good for nothing any more.
    Revoked,
    /// Nothing is allowed to it until that is lifted.
    Quarantined,
    /// Its quarantine is over.
    Lifted,
}

impl Revocation {
    /// The word for it in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Revoked => "revoked",
            Self::Quarantined => "quarantined",
            Self::Lifted => "lifted",
        }
    }
}
