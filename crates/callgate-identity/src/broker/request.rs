//! What a credential is asked for.

use callgate_types::{Caller, Resource};
use chrono::{DateTime, Utc};

/// What a broker is asked for: a credential for one call, and what that call is about.
///
/// All of it was judged and recorded. The caller is who stands in the record, and the resources are
/// those that the arguments name, with the facts that the host vouches for.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct CredentialRequest {
    credential: Box<str>,
    tool: Box<str>,
    scope: Option<Box<str>>,
    resources: Vec<Resource>,
    unnamed: bool,
    caller: Caller,
    session: Option<Box<str>>,
    task: Option<Box<str>>,
    decision: u64,
    now: DateTime<Utc>,
    expires: DateTime<Utc>,
}

impl CredentialRequest {
    /// Asks for `credential`, for a call of `tool` by `caller` that was decided in record
    /// `decision`; from `now`, and until `expires` at most.
    pub fn new(
        credential: impl Into<Box<str>>,
        tool: impl Into<Box<str>>,
        caller: Caller,
        decision: u64,
        now: DateTime<Utc>,
        expires: DateTime<Utc>,
    ) -> Self {
        Self {
            credential: credential.into(),
            tool: tool.into(),
            scope: None,
            resources: Vec::new(),
            unnamed: false,
            caller,
            session: None,
            task: None,
            decision,
            now,
            expires,
        }
    }

    /// The tool demands `scope` of its callers.
    #[must_use]
    pub fn demanding(mut self, scope: impl Into<Box<str>>) -> Self {
        self.scope = Some(scope.into());
        self
    }

    /// The call acts on `resources`; `unnamed` says whether on others, too, of which no argument
    /// gives the id.
    #[must_use]
    pub fn on(mut self, resources: Vec<Resource>, unnamed: bool) -> Self {
        self.resources = resources;
        self.unnamed = unnamed;
        self
    }

    /// The call is made in this session and for this task, as far as they are known.
    #[must_use]
    pub fn within(mut self, session: Option<&str>, task: Option<&str>) -> Self {
        self.session = session.map(Into::into);
        self.task = task.map(Into::into);
        self
    }

    /// The name of the credential in the catalogue: which service it is for.
    pub fn credential(&self) -> &str {
        &self.credential
    }

    /// The tool that needs it.
    pub fn tool(&self) -> &str {
        &self.tool
    }

    /// The scope that the tool demands of its callers, which everybody in the chain holds.
    pub fn scope(&self) -> Option<&str> {
        self.scope.as_deref()
    }

    /// The resources that the arguments name.
    pub fn resources(&self) -> &[Resource] {
        &self.resources
    }

    /// Whether the call acts on a resource besides of which no argument gives the id.
    pub const fn acts_on_unnamed(&self) -> bool {
        self.unnamed
    }

    /// Who calls, in which tenant.
    pub const fn caller(&self) -> &Caller {
        &self.caller
    }

    /// The session of the call.
    pub fn session(&self) -> Option<&str> {
        self.session.as_deref()
    }

    /// The task of the call. When it ends, the credential is revoked.
    pub fn task(&self) -> Option<&str> {
        self.task.as_deref()
    }

    /// The number of the record of the decision that lets the call run.
    pub const fn decision(&self) -> u64 {
        self.decision
    }

    /// The time, by the clock of the gate.
    pub const fn now(&self) -> DateTime<Utc> {
        self.now
    }

    /// The latest end that the credential may have. One with a later end is not handed out.
    pub const fn expires(&self) -> DateTime<Utc> {
        self.expires
    }
}
