//! The gate.

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use callgate_audit::{
    AbandonedRecord, AppendError, Ask, Durability, Journal, JournalState, NotBegunReason,
    NotBegunRecord, OutcomeRecord, PolicyLoadedRecord, Record,
};
use callgate_policy::document::Access;
use callgate_types::{
    Caller, Code, Context, DecisionKind, Digest, Resource, ResourceDirectory, RiskTier, ToolCall,
};

use crate::call_ids::{CallIds, Claim};
use crate::cause::Cause;
use crate::clock::Clock;
use crate::current::Current;
use crate::denial::{Answer, Sketch};
use crate::handles::Handles;
use crate::judged::Judged;
use crate::permit::{Granted, Permit};
use crate::record::decision_record;
use crate::{AuditError, Denial, GateBuilder, Pending, Snapshot};

/// The one door to the tools.
///
/// Ask it before any tool is run; it answers by the policy in force, and has recorded its answer
/// before it gives out a permit. A gate is cheap to clone and is shared by all threads.
///
/// `authorize` may wait for the disk: before a call that writes, its record must be in safety.
/// Call it off the executor of an async program.
#[derive(Clone)]
pub struct Gate(Arc<Inner>);

pub(crate) struct Inner {
    pub(crate) current: Current,
    pub(crate) journal: Journal,
    pub(crate) handles: Handles,
    pub(crate) directory: Option<Box<dyn ResourceDirectory>>,
    pub(crate) clock: Box<dyn Clock>,
    pub(crate) deadline: Duration,
    pub(crate) permit_expiry: Duration,
    pub(crate) call_ids: CallIds,
    /// An outcome could not be recorded, or nobody knows one: no write begins until it is.
    pub(crate) owing: AtomicBool,
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
    pub const fn code(&self) -> Code {
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
        Self(Arc::new(inner))
    }

    pub(crate) fn inner(&self) -> &Inner {
        &self.0
    }

    /// Decides whether `call` may run for `caller`, and records it.
    ///
    /// It never fails and never panics: every doubt is a denial with a reason. The steps and
    /// their order are those of `docs/spec/decision.md`.
    pub fn authorize(&self, caller: &Caller, call: ToolCall, context: &Context) -> Decision {
        let started = self.0.clock.elapsed();
        if call.fault().is_some() {
            return self.decide(caller, call, context, None, started);
        }
        let ready = self.accepts(|| self.writes(&call));
        match ready.and_then(|()| self.claim(caller, &call, context)) {
            Ok(claim) => self.decide(caller, call, context, claim, started),
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
    /// Where the change cannot be recorded, the old policy stays in force.
    pub fn set_policy(&self, policy: Snapshot) -> Result<(), AuditError> {
        self.record_loaded(&policy)?;
        self.0.current.replace(policy);
        Ok(())
    }

    /// Writes and syncs whatever still waits to be written: records of permits that were
    /// dropped, outcomes that could not be recorded before.
    ///
    /// # Errors
    ///
    /// Where the log does not take them; they stay waiting.
    pub fn flush(&self) -> Result<(), AuditError> {
        self.pay_off()?;
        self.0.journal.flush(self.0.deadline)
    }

    /// Forgets the call ids of a session that is over. Its ids could be used again after that.
    pub fn forget_session(&self, tenant: Option<&str>, session: &str) {
        self.0.call_ids.forget(tenant, session);
    }

    pub(crate) fn record_policy(&self) -> Result<(), AuditError> {
        self.0
            .current
            .with(|snapshot, _| self.record_loaded(snapshot))
    }

    fn record_loaded(&self, snapshot: &Snapshot) -> Result<(), AuditError> {
        let now = self.0.clock.now();
        let record = PolicyLoadedRecord::new(now, snapshot.name(), snapshot.digest());
        let ask = Ask::new(Durability::Durable, self.0.deadline);
        self.0
            .journal
            .append(&Record::PolicyLoaded(record), ask)
            .map(drop)
    }

    /// Whether the log takes records; and, for a call that writes, whether it has taken all
    /// outcomes so far. Every call tries first to mend what is amiss.
    pub(crate) fn accepts(&self, writes: impl FnOnce() -> bool) -> Result<(), Code> {
        let journal = &self.0.journal;
        match journal.state() {
            JournalState::Open => {}
            JournalState::InDoubt => journal.settle().map_err(|error| code(&error))?,
            _ => return Err(Code::AuditFailed),
        }
        if self.pay_off().is_err() && writes() {
            return Err(Code::OutcomeUnrecorded);
        }
        Ok(())
    }

    /// Writes the outcomes that could not be recorded so far, where there are any.
    fn pay_off(&self) -> Result<(), AuditError> {
        // Taken down first: an outcome that fails meanwhile puts it up again.
        if !self.0.owing.swap(false, Ordering::AcqRel) {
            return Ok(());
        }
        let written = self.0.journal.flush(self.0.deadline);
        if written.is_err() {
            self.0.owing.store(true, Ordering::Release);
        }
        written
    }

    /// Records how a call has ended. The record is not lost: where it cannot be written, it
    /// stays waiting, and closes the gate for writes.
    pub(crate) fn record_outcome(&self, record: OutcomeRecord<'_>) -> Result<(), AuditError> {
        let ask = Ask::new(Durability::Accepted, self.0.deadline).keeps();
        let recorded = self.0.journal.append(&Record::Outcome(record), ask);
        if recorded.is_err() {
            self.0.owing.store(true, Ordering::Release);
        }
        recorded.map(drop)
    }

    /// Queues the record that nobody knows how a call ended; never waits.
    pub(crate) fn note_abandoned(&self, seq: u64) {
        let record = AbandonedRecord::new(self.0.clock.now(), seq);
        self.0.journal.queue(&Record::Abandoned(record));
        self.0.owing.store(true, Ordering::Release);
    }

    /// Queues the record that a call was not begun; never waits.
    pub(crate) fn note_not_begun(&self, seq: u64, reason: NotBegunReason) {
        let record = NotBegunRecord::new(self.0.clock.now(), seq, reason);
        self.0.journal.queue(&Record::NotBegun(record));
    }

    fn writes(&self, call: &ToolCall) -> bool {
        self.0.current.with(|snapshot, _| {
            let tool = snapshot.policy().tool(call.tool());
            tool.is_some_and(|tool| tool.access() != Access::Read)
        })
    }

    fn claim(
        &self,
        caller: &Caller,
        call: &ToolCall,
        context: &Context,
    ) -> Result<Option<Claim>, Code> {
        let (Some(id), Some(session)) = (call.call_id(), context.session_id()) else {
            return Ok(None);
        };
        let digest = same_call(caller, call);
        self.0
            .call_ids
            .claim(caller.tenant(), session, id, digest)
            .map(Some)
    }

    /// Denies for the state of the gate or of the call id; recorded, where that is possible.
    fn refuse(&self, caller: &Caller, call: ToolCall, context: &Context, code: Code) -> Decision {
        let judged = Judged::deny(Cause::State(code));
        let record = self
            .0
            .current
            .with(|snapshot, _| self.record(snapshot, &judged, caller, &call, context, None));
        let sketch = Answer::sketch(&judged);
        Decision::Deny(sketch.denial(call, record.ok()))
    }

    fn decide(
        &self,
        caller: &Caller,
        call: ToolCall,
        context: &Context,
        claim: Option<Claim>,
        started: Duration,
    ) -> Decision {
        let found = self.look_up(&call, context);
        let context = found.as_ref().unwrap_or(context);
        let made = self.0.current.with(|snapshot, generation| {
            let judged = snapshot.judge_for(Some(&self.0.handles), caller, &call, context);
            let record = self.record(snapshot, &judged, caller, &call, context, None);
            match (judged.decision, record) {
                (DecisionKind::Allow, Ok(seq)) => {
                    Made::Allow(Granted::new(&judged, generation, seq, started))
                }
                (DecisionKind::Ask, Ok(seq)) => Made::Ask(Answer::sketch(&judged), seq),
                (DecisionKind::Deny, record) => Made::Deny(Answer::sketch(&judged), record.ok()),
                (_, Err(code)) => Made::Deny(Sketch::of(&Cause::State(code)), None),
            }
        });
        match made {
            Made::Deny(sketch, record) => Decision::Deny(sketch.denial(call, record)),
            Made::Ask(sketch, seq) => Decision::Ask(sketch.pending(call, Some(seq))),
            Made::Allow(granted) => {
                let permit = Permit::new(
                    self.clone(),
                    granted,
                    call,
                    caller.clone(),
                    context.clone(),
                    claim,
                );
                self.in_time(permit, started)
            }
        }
    }

    /// A permit whose record took longer than the deadline is not given out.
    fn in_time(&self, permit: Permit, started: Duration) -> Decision {
        let took = self.0.clock.elapsed().saturating_sub(started);
        if took <= self.0.deadline {
            return Decision::Allow(permit);
        }
        Decision::Deny(permit.too_late())
    }

    /// The context with the facts that the directory holds, where there are any to add.
    fn look_up(&self, call: &ToolCall, context: &Context) -> Option<Context> {
        let directory = self.0.directory.as_deref()?;
        let mut found: Option<Context> = None;
        for resource in self.resources_of(call) {
            let name = resource.name();
            let known = found.as_ref().unwrap_or(context);
            if known.resource_named(name).is_some() {
                continue;
            }
            // A directory that panics has answered nothing; its facts are unknown.
            let look = std::panic::AssertUnwindSafe(|| directory.look_up(name));
            if let Ok(Some(answer)) = std::panic::catch_unwind(look)
                && answer.name() == name
            {
                found = Some(known.clone().resource(answer));
            }
        }
        found
    }

    /// Records a decision; returns the number of its record.
    pub(crate) fn record(
        &self,
        snapshot: &Snapshot,
        judged: &Judged<'_>,
        caller: &Caller,
        call: &ToolCall,
        context: &Context,
        rejudges: Option<u64>,
    ) -> Result<u64, Code> {
        let durability = durability(judged);
        let mut ask = Ask::new(durability, self.0.deadline);
        if judged.decision == DecisionKind::Allow {
            ask = ask.opens();
        }
        decision_record(
            snapshot,
            judged,
            caller,
            call,
            context,
            self.0.clock.now(),
            durability,
            rejudges,
            |record| self.0.journal.append(&Record::Decision(&record), ask),
        )
        .map(|stored| stored.seq)
        .map_err(|error| code(&error))
    }
}

/// What was made of a call, before the call itself is moved into the answer.
enum Made {
    Allow(Granted),
    Ask(Sketch, u64),
    Deny(Sketch, Option<u64>),
}

/// How safe the record must be before the call may run: calls that write wait for the device.
pub(crate) fn durability(judged: &Judged<'_>) -> Durability {
    match (judged.decision, judged.tier()) {
        (DecisionKind::Allow, tier) if tier > Some(RiskTier::ReadOnly) => Durability::Durable,
        _ => Durability::Accepted,
    }
}

/// The code with which a call is denied whose record failed in this way.
pub(crate) const fn code(error: &AppendError) -> Code {
    match error {
        AppendError::TimedOut => Code::AuditTimeout,
        AppendError::Unknown(_) => Code::AuditUnknown,
        _ => Code::AuditFailed,
    }
}

/// Tells calls apart that bear the same id: tool, arguments and caller.
fn same_call(caller: &Caller, call: &ToolCall) -> Digest {
    let (tag, arguments) = match call.arguments() {
        Ok(arguments) => (b"a", arguments.digest()),
        Err(refused) => (b"r", refused.digest()),
    };
    let mut bytes = Vec::with_capacity(call.tool().len().saturating_add(80));
    bytes.extend_from_slice(b"callgate call v1\n");
    bytes.extend_from_slice(tag);
    bytes.extend_from_slice(arguments.as_bytes());
    bytes.extend_from_slice(caller.digest().as_bytes());
    bytes.extend_from_slice(call.tool().as_bytes());
    Digest::of(&bytes)
}
