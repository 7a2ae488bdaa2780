//! The gate.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use callgate_audit::AuditSink;
use callgate_types::{Caller, Code, Context, DecisionKind, Resource, ResourceDirectory, ToolCall};

use crate::brokering::{Brokering, Loan, NoBroker};
use crate::cabinet::Cabinet;
use crate::call_ids::CallIds;
use crate::clock::Clock;
use crate::consent::Consent;
use crate::current::Current;
use crate::dry_run::DryRuns;
use crate::good_standing::{Informed, Watch};
use crate::host::Host;
use crate::ledger::Ledger;
use crate::limits::Limits;
use crate::permit::Permit;
use crate::record::By;
use crate::{AuditError, Denial, GateBuilder, NoLimits, NoTexts, Pending, Snapshot};

/// The one door to the tools.
///
/// Ask it before any tool is run; it answers by the policy in force, and has recorded its answer
/// before it gives out a permit. A gate is cheap to clone and is shared by all threads.
///
/// `authorize` may wait for the disk: before a call that writes, its record must be in safety.
/// Call it off the executor of an async program.
#[derive(Clone)]
pub struct Gate(pub(crate) Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) current: Arc<Current>,
    /// What keeps it informed of who is in good standing.
    pub(crate) watch: Option<Watch>,
    pub(crate) ledger: Ledger,
    /// Where records are read again.
    pub(crate) sink: Arc<dyn AuditSink>,
    /// Where clear texts go.
    pub(crate) cabinet: Option<Cabinet>,
    pub(crate) host: Host,
    pub(crate) directory: Option<Box<dyn ResourceDirectory>>,
    /// Whom to ask.
    pub(crate) consent: Option<Consent>,
    pub(crate) limits: Option<Arc<Limits>>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) permit_expiry: Duration,
    pub(crate) call_ids: CallIds,
    /// Calls that were tried out.
    pub(crate) dry_runs: DryRuns,
    /// What issues the credentials that tools need.
    pub(crate) broker: Option<Brokering>,
}

/// The answer to one call.
#[derive(Debug)]
#[must_use]
#[expect(
    clippy::exhaustive_enums,
    reason = "a fourth decision must break whoever handles decisions"
)]
pub enum Decision {
    /// The call may run: through this permit, and in no other way.
    Allow(Permit),
    /// The call may run once something else has happened.
    Ask(Pending),
    /// The call may not run.
    Deny(Denial),
}

impl Decision {
    /// The decision without what comes along with it.
    pub const fn kind(&self) -> DecisionKind {
        match self {
            Self::Allow(_) => DecisionKind::Allow,
            Self::Ask(_) => DecisionKind::Ask,
            Self::Deny(_) => DecisionKind::Deny,
        }
    }

    /// What decided.
    pub fn code(&self) -> Code {
        match self {
            Self::Allow(permit) => permit.code(),
            Self::Ask(pending) => pending.code(),
            Self::Deny(denial) => denial.code(),
        }
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Gate").finish_non_exhaustive()
    }
}

impl Gate {
    /// Starts to put a gate together.
    pub fn builder() -> GateBuilder {
        GateBuilder::new()
    }

    pub(crate) fn from_inner(inner: Inner) -> Self {
        let inner = Arc::new(inner);
        if let Some(broker) = &inner.broker {
            broker.serves(&inner);
        }
        Self(inner)
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Decides whether `call` may run for `caller`, and records it.
    ///
    /// It never fails and never panics: every doubt is a denial with a reason. The steps and
    /// their order are those of `docs/spec/decision.md`.
    pub fn authorize(&self, caller: &Caller, call: ToolCall, context: &Context) -> Decision {
        self.authorize_by(By::default(), caller, call, context)
    }

    pub(crate) fn authorize_by(
        &self,
        by: By,
        caller: &Caller,
        call: ToolCall,
        context: &Context,
    ) -> Decision {
        if call.fault().is_some() {
            let moment = self.0.clock.moment();
            return self.decide(caller, call, context, None, By::default(), moment);
        }
        let ready = self.0.ledger.accepts(|| self.writes(&call));
        let moment = self.0.clock.moment();
        let ready = ready.and_then(|()| self.is_informed(moment.elapsed, || self.writes(&call)));
        match ready.and_then(|()| self.claim(caller, &call, context)) {
            Ok(claim) => self.decide(caller, call, context, claim, by, moment),
            Err(code) => self.refuse(caller, call, context, code),
        }
    }

    /// The resources that the arguments of `call` name, without facts: for a host that looks
    /// them up and puts them into the context.
    pub fn resources_of(&self, call: &ToolCall) -> Vec<Resource> {
        self.0
            .current
            .with(|snapshot, _| snapshot.resources_of(call))
    }

    /// Puts another policy in force, at once and for all calls not yet begun, and records it.
    ///
    /// # Errors
    ///
    /// Where the change cannot be recorded, and where the policy asks for a store of clear texts or
    /// of limits, or for a credential that this gate has not, the old policy stays in force.
    pub fn set_policy(&self, policy: Snapshot) -> Result<(), SetPolicyError> {
        policy.check_texts(self.0.cabinet.is_some())?;
        policy.check_credentials(self.0.broker.as_ref())?;
        policy.check_limits(self.0.limits.is_some())?;
        self.0.ledger.policy(&policy, self.0.clock.now())?;
        self.0.current.replace(policy);
        Ok(())
    }

    /// Writes and syncs whatever still waits to be written: records of permits that were
    /// dropped, outcomes that could not be recorded before. Before that it gives back what was
    /// reserved for calls that were not begun, takes back the credentials of calls for tasks whose time
    /// is over, and tries once more to take back those that could not be taken back; it waits for their stores as long as the gate was told.
    ///
    /// # Errors
    ///
    /// Where the log does not take them; they stay waiting.
    pub fn flush(&self) -> Result<(), AuditError> {
        if let Some(limits) = &self.0.limits {
            limits.give_back_waiting();
        }
        if let Some(watch) = &self.0.watch {
            watch.sweep();
        }
        if let Some(broker) = &self.0.broker {
            broker.flush(self.0.clock.now());
        }
        self.0.ledger.flush()
    }

    /// Takes back the credentials of all calls for this task that have begun and not ended; returns
    /// how many. [`Gate::end_task`] does that by itself, and so does every revocation and quarantine.
    /// It does not wait for their broker. A tool that runs finds its credential good for nothing.
    pub fn revoke_credentials_of_task(&self, tenant: Option<&str>, task: &str) -> usize {
        self.revoke_credentials(|loan| {
            loan.context().task_id() == Some(task) && loan.caller().tenant() == tenant
        })
    }

    /// As [`Gate::revoke_credentials_of_task`], for all calls of a session.
    pub fn revoke_credentials_of_session(&self, tenant: Option<&str>, session: &str) -> usize {
        self.revoke_credentials(|loan| {
            loan.context().session_id() == Some(session) && loan.caller().tenant() == tenant
        })
    }

    /// Takes back the credentials of the calls that `which` says.
    pub(crate) fn revoke_credentials(&self, which: impl Fn(&Loan) -> bool) -> usize {
        let broker = self.0.broker.as_ref();
        broker.map_or(0, |broker| broker.revoke_where(which))
    }

    /// How many credentials of tools are to be taken back, and are not yet: the broker is at it, or
    /// could not do it. They are tried again with every call that needs one, and by
    /// [`Gate::flush`], until they expire. With 1 024 of them, no more are issued.
    pub fn unrevoked_credentials(&self) -> usize {
        self.0.broker.as_ref().map_or(0, Brokering::unsettled)
    }

    /// How well it is informed of who is in good standing; `None` without a store that says so.
    pub fn informed(&self) -> Option<Informed> {
        self.0.watch.as_ref().map(Watch::informed)
    }

    /// Forgets the call ids of a session that is over, and its dry runs. Its ids could be used again
    /// after that.
    ///
    /// A gate has room for the ids of 131 072 sessions: a tenant whose sessions are never forgotten is
    /// denied further ones with `sessions_exhausted` once it has half of that, or what others leave it.
    pub fn forget_session(&self, tenant: Option<&str>, session: &str) {
        self.0.call_ids.forget(tenant, session);
        let session = (tenant.map(Into::into), session.into());
        self.0.dry_runs.forget_session(&session);
    }
}

/// Why a policy was not put in force.
#[derive(Clone, Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetPolicyError {
    /// The policy asks for a store that this gate has not.
    #[error(transparent)]
    NoTexts(#[from] NoTexts),
    /// The policy asks for a credential that no broker of this gate issues.
    #[error(transparent)]
    NoBroker(#[from] NoBroker),
    /// The policy has limits, and this gate no store for them.
    #[error(transparent)]
    NoLimits(#[from] NoLimits),
    /// The log did not take the record.
    #[error("the policy cannot be recorded")]
    Record(#[from] AuditError),
}
