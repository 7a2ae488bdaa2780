//! Capability tokens that a gate issues.

use callgate_audit::{Record, TokenIssuedRecord};
use callgate_identity::capability::{Capability, CapabilityToken, IssueError, SecretKey};
use callgate_identity::standing::{Bar, Subject};
use callgate_types::{Caller, Context, Digest, Principal};

use crate::judge::amiss;
use crate::{AuditError, Gate};

impl Gate {
    /// Signs a capability token on the authority of `caller`, as
    /// [`Capability::issue`](callgate_identity::capability::Capability::issue) does, once the log has
    /// the record of it, durably: its id, for whom, for which task, which tools, until when, and the
    /// digest of its text. Its text stands nowhere.
    ///
    /// The capability has to be of the caller's subject and tenant. Where the gate looks at a standing
    /// store, nothing may be against the caller, and the task has to be under way. What a holder of the
    /// token may do with it, the policy says when it is used.
    ///
    /// # Errors
    ///
    /// Says why there is no token.
    pub fn issue_capability(
        &self,
        caller: &Caller,
        capability: &Capability,
        root_id: u32,
        root: &SecretKey,
        next: &SecretKey,
    ) -> Result<CapabilityToken, IssueCapabilityError> {
        let now = self.inner().clock.now();
        if amiss(caller, Some(now)).is_some() {
            return Err(IssueCapabilityError::Caller);
        }
        let admitted = self
            .inner()
            .current
            .with(|snapshot, _| snapshot.admit(caller));
        let caller = &admitted.ok_or(IssueCapabilityError::Caller)?;
        let subject = caller.subject().map(Principal::id);
        let is_theirs = subject == Some(capability.subject());
        if !is_theirs || caller.tenant() != Some(capability.tenant()) {
            return Err(IssueCapabilityError::OtherAuthority);
        }
        self.stands(caller, capability)?;
        let token = capability.issue(root_id, root, next)?;
        // A token has a block, and with it an id.
        let id = token.revocation_ids().first().map(ToString::to_string);
        let id = id.ok_or(IssueError::NotSigned)?;
        let reach = capability.restrictions();
        let tools: Vec<&str> = reach.tools().collect();
        let mut record = TokenIssuedRecord::new(now, &id, caller);
        record.task = Some(capability.task());
        record.tools = Some(&tools);
        record.holder_key = reach.holder_key().map(|key| Digest::of(key.as_bytes()));
        record.bounds = Some(token.digest());
        record.expires = reach.ends();
        let recorded = self.inner().ledger.note(&Record::TokenIssued(&record));
        recorded.map_err(IssueCapabilityError::Record)?;
        Ok(token)
    }

    /// Whether nothing is against `caller`, and the task of `capability` is under way.
    fn stands(&self, caller: &Caller, capability: &Capability) -> Result<(), IssueCapabilityError> {
        let inner = self.inner();
        let Some(watch) = &inner.watch else {
            return Ok(());
        };
        let fresh = watch.check(inner.clock.elapsed(), || true);
        fresh.map_err(|_| IssueCapabilityError::Stale)?;
        let context = Context::new().task(capability.task());
        let subject = Subject::new(caller).within(&context).at(watch.now());
        let barred = inner.current.with_standing(|_, _, standing| {
            let look = standing.map(|standing| standing.look(&subject).map(drop));
            look.unwrap_or(Ok(()))
        });
        barred.map_err(IssueCapabilityError::Barred)
    }
}

/// Why no token was issued.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IssueCapabilityError {
    /// The caller could not be resolved, has ended, or has no business in its tenant.
    #[error("the caller may do nothing")]
    Caller,
    /// The capability is of another subject than the caller's, or of another tenant.
    #[error("expected a capability of the caller's subject, in its tenant")]
    OtherAuthority,
    /// Something is against the caller or the task.
    #[error("the caller or the task is not in good standing")]
    Barred(Bar),
    /// It is not known whether anything is against them.
    #[error("it is not known who is in good standing")]
    Stale,
    /// The token cannot be made.
    #[error(transparent)]
    Issue(#[from] IssueError),
    /// The log did not take the record.
    #[error("the token cannot be recorded")]
    Record(#[source] AuditError),
}
