//! The only thing that opens the door.

use std::fmt::{self, Display};
use std::time::Duration;

use callgate_approval::ApprovalId;
use callgate_approval::limit::Counted;
use callgate_audit::NotBegunReason;
use callgate_policy::ToolRef;
use callgate_types::{Caller, Code, Context, DecisionKind, RiskTier, ToolCall};
use chrono::{DateTime, TimeDelta, Utc};
use serde::Serialize;

use crate::authorize::durability;
use crate::call_ids::Claim;
use crate::cause::Cause;
use crate::consent::Hold;
use crate::denial::{Answer, Sketch};
use crate::effects::Effects;
#[cfg(feature = "biscuit")]
use crate::granted::Bond;
use crate::held::{Granted, Held, Watch};
use crate::judge::amiss;
use crate::limits::Reservation;
use crate::meter::Meter;
use crate::not_begun::NotBegun;
use crate::ran::Ran;
use crate::record::Asked;
use crate::running::Running;
use crate::setting::Setting;
use crate::{Authorized, Denial, Gate};

/// Why a call is not begun.
type Refusal = (NotBegunReason, Box<Sketch>);

/// The right to run one call, once, soon.
///
/// It owns exactly the call that was judged, and is used up by running it. A permit that is
/// dropped runs nothing, and leaves a record that its call was not begun. It cannot be made by
/// hand, cloned, used twice, or written down and read back.
#[must_use = "a permit that is dropped runs nothing"]
pub struct Permit(Box<Held>);

impl fmt::Debug for Permit {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Permit")
            .field("tool", &self.0.call.tool())
            .field("record", &self.0.granted.seq)
            .finish_non_exhaustive()
    }
}

impl Permit {
    pub(crate) fn new(
        gate: Gate,
        granted: Granted,
        call: ToolCall,
        caller: Caller,
        context: Context,
        claim: Option<Claim>,
        reserved: Option<Reservation>,
    ) -> Self {
        let expires = granted.asked.saturating_add(gate.inner().permit_expiry);
        let held = Held {
            watch: Watch::new(gate, granted.seq, expires),
            granted,
            call,
            caller,
            context,
            claim,
            lent: None,
            effects: Effects::default(),
            #[cfg(feature = "biscuit")]
            bond: None,
            reserved,
        };
        // In this order it is put together where it stays.
        Self(Box::write(Box::new_uninit(), held))
    }

    /// The call is made on the authority of a capability token, too.
    #[cfg(feature = "biscuit")]
    pub(crate) fn bind(&mut self, bond: Bond) {
        self.0.bond = Some(bond);
    }

    /// Runs the call: `run` is handed what was judged, and nothing else can be handed to it.
    ///
    /// If `run` panics, the log says `abandoned`.
    ///
    /// # Errors
    ///
    /// Fails only where the call was not begun: the permit was held too long, what it rests on was
    /// revoked or has ended, the gate takes no records any more, a policy that came into force since
    /// is stricter, or the credential that the tool needs was not to be had. What the tool returned,
    /// or failed with, is inside [`Ran`].
    pub fn run<T: Serialize, E: Display>(
        self,
        run: impl FnOnce(&Authorized<'_>) -> Result<T, E>,
    ) -> Result<Ran<T, E>, NotBegun> {
        let running = self.begin()?;
        let result = run(&running.authorized());
        Ok(running.finish(result))
    }

    /// Begins the call, for hosts that cannot run it in a closure: async ones, say.
    ///
    /// Where the tool needs a credential, this waits for its broker, and where limits are about the
    /// call, for their store; each as long as the gate was told.
    ///
    /// # Errors
    ///
    /// As [`Permit::run`].
    pub fn begin(mut self) -> Result<Running, NotBegun> {
        match self
            .check()
            .and_then(|()| self.lend())
            .and_then(|()| self.consume())
            .and_then(|()| self.count())
        {
            Ok(()) => Ok(Running::new(self.0)),
            Err((reason, sketch)) => Err(NotBegun::new(reason, self.take_back(reason, *sketch))),
        }
    }

    /// Fetches the credential that the tool needs, where it needs one.
    fn lend(&mut self) -> Result<(), Refusal> {
        if self.0.granted.credential.is_none() {
            return Ok(());
        }
        let lent = self.0.borrow_credential().map_err(|code| {
            let sketch = Sketch::of(&Cause::State(code));
            (NotBegunReason::NoCredential, Box::new(sketch))
        })?;
        self.0.lent = lent.map(Box::new);
        // That took its time: what the permit rests on may have ended.
        self.check()
    }

    /// Uses up the approval by which the call may run, where there is one.
    fn consume(&mut self) -> Result<(), Refusal> {
        let held = &*self.0;
        let Some(approval) = &held.granted.hold else {
            return Ok(());
        };
        let (seq, durability) = (held.granted.seq, held.granted.durability);
        approval
            .consume(&held.watch.gate, seq, durability)
            .map_err(|code| {
                let sketch = Sketch::of(&Cause::State(code));
                (NotBegunReason::Stricter, Box::new(sketch))
            })?;
        // As above. Where it has, the approval is used up, and nothing runs.
        self.check()
    }

    /// Whether the call may begin now.
    fn check(&mut self) -> Result<(), Refusal> {
        let held = &*self.0;
        let gate = &held.watch.gate;
        if held.watch.is_expired() {
            return Err((
                NotBegunReason::Expired,
                Box::new(Sketch::of(&Cause::Expired)),
            ));
        }
        let revoked = |sketch| (NotBegunReason::Revoked, sketch);
        self.stands().map_err(revoked)?;
        let again = match gate.inner().ledger.accepts(|| held.granted.writes) {
            Err(code) => Err(Box::new(Sketch::of(&Cause::State(code)))),
            Ok(()) if gate.inner().current.generation() == held.granted.generation => Ok(()),
            Ok(()) => self.judge_again(),
        };
        again.map_err(|sketch| (NotBegunReason::Stricter, sketch))
    }

    /// Looks whether what the call rests on is still there: the caller, its session, its task, the
    /// token; and whether anybody can tell.
    fn stands(&self) -> Result<(), Box<Sketch>> {
        let held = &*self.0;
        let (gate, caller) = (&held.watch.gate, &held.caller);
        let informed = gate.is_informed(gate.inner().clock.elapsed(), || held.granted.writes);
        let told = |cause: &Cause<'_>| Box::new(Sketch::of(cause));
        informed.map_err(|code| told(&Cause::State(code)))?;
        if caller.is_conditional()
            && let Some(cause) = amiss(caller, self.time_for_caller())
        {
            return Err(told(&cause));
        }
        gate.inner().current.with_standing(|_, _, standing| {
            let setting = Setting {
                host: &gate.inner().host,
                now: None,
                standing,
                task_now: gate.time_for_task(&held.context),
            };
            let stands = setting.look(caller, &held.context);
            stands.map(drop).map_err(|cause| told(&cause))
        })?;
        #[cfg(feature = "biscuit")]
        if let Some(bond) = &held.bond {
            let granted = bond.check(gate, caller, &held.call, &held.context);
            return granted.map_err(|error| told(&Cause::Caller(&error)));
        }
        Ok(())
    }

    /// The time by which the end of the caller is told: where the host stated one, what that is by
    /// now.
    fn time_for_caller(&self) -> Option<DateTime<Utc>> {
        let held = &*self.0;
        match held.context.time_now() {
            Some(time) => time.checked_add_signed(TimeDelta::from_std(self.age()).ok()?),
            None => Some(held.watch.gate.inner().clock.now()),
        }
    }

    /// What was reserved for the call is used from now on.
    fn count(&mut self) -> Result<(), Refusal> {
        let Some(reserved) = self.0.reserved.take() else {
            return Ok(());
        };
        let took_time = reserved.may_wait();
        let (reason, cause) = match reserved.count() {
            // What it rests on may have ended meanwhile: then it was counted, and does not begin.
            Some(Counted::Yes) if took_time => {
                let revoked = |sketch| (NotBegunReason::Revoked, sketch);
                return self.stands().map_err(revoked);
            }
            Some(Counted::Yes) => return Ok(()),
            Some(_) => (NotBegunReason::Expired, Cause::Expired),
            None => {
                let cause = Cause::State(Code::LimitsUnavailable);
                (NotBegunReason::Stricter, cause)
            }
        };
        Err((reason, Box::new(Sketch::of(&cause))))
    }

    /// Judges the whole call again: by the facts of then, and the policy of now.
    fn judge_again(&mut self) -> Result<(), Box<Sketch>> {
        let earlier = self.0.reserved.take();
        let mut meter = Meter::new(self.0.watch.gate.inner().limits.as_ref(), earlier);
        let answer = self.judge_with(&mut meter);
        self.0.reserved = meter.into_reservation();
        // What is looked at once more by the same policy is not judged a third time.
        self.0.granted.generation = answer?;
        Ok(())
    }

    /// Returns the generation of the policy by which the call was judged.
    fn judge_with(&self, meter: &mut Meter<'_>) -> Result<u64, Box<Sketch>> {
        let held = &*self.0;
        let gate = &held.watch.gate;
        gate.inner()
            .current
            .with_standing(|snapshot, generation, standing| {
                let timed = gate.timed(snapshot, &held.context);
                let context = timed.as_ref().unwrap_or(&held.context);
                let setting = Setting {
                    host: &gate.inner().host,
                    now: self.time_for_caller(),
                    standing,
                    task_now: gate.time_for_task(context),
                };
                let mut judged =
                    snapshot.judge_for(&setting, &held.caller, &held.call, context, meter);
                let moment = gate.inner().clock.moment();
                let mut asked = Asked::new(&held.caller, &held.call, context, moment);
                let approved = held.granted.hold.as_deref();
                if let Some(approved) = approved {
                    approved.carries(gate, snapshot, &mut judged, &asked);
                }
                let of_then = &held.granted.obligations;
                let covered = |name: &&&str| of_then.iter().any(|known| **known == ***name);
                let further = judged.obligations().iter().find(|name| !covered(name));
                let credential = judged.tool.and_then(ToolRef::credential);
                let covers = further.is_none()
                    && credential == held.granted.credential.as_deref()
                    && durability(&judged) <= held.granted.durability;
                asked.rejudges = Some(held.granted.seq);
                asked.approval = approved.map(|hold| hold.name().into());
                gate.record(snapshot, &judged, &asked)
                    .map_err(|unrecorded| Box::new(Sketch::of(&Cause::State(unrecorded.code))))?;
                match judged.runs() {
                    true if covers => Ok(generation),
                    true => Err(Box::new(Sketch::of(&Cause::Stricter))),
                    false => Err(Box::new(Answer::sketch(&judged))),
                }
            })
    }

    fn take_back(mut self, reason: NotBegunReason, sketch: Sketch) -> Box<Answer> {
        self.0.watch.not_begun(reason);
        if let Some(hold) = &self.0.granted.hold {
            hold.give_back(&self.0.watch.gate);
        }
        let held = *self.0;
        sketch.complete(held.call, Some(held.granted.seq))
    }

    /// How long ago its decision was about to be recorded.
    pub(crate) fn age(&self) -> Duration {
        let now = self.0.watch.gate.inner().clock.elapsed();
        now.saturating_sub(self.0.granted.asked)
    }

    /// The record came too late: takes the permit back.
    pub(crate) fn too_late(self) -> Denial {
        let sketch = Sketch::of(&Cause::State(Code::AuditTimeout));
        Denial::new(self.take_back(NotBegunReason::Late, sketch))
    }

    /// What decided: `permitted`, unless the gate only observes.
    pub fn code(&self) -> Code {
        self.0.granted.code
    }

    /// What would have been decided; not an allow only where the gate only observes.
    pub fn would_have(&self) -> DecisionKind {
        self.0.granted.decision
    }

    /// The rule that decided: the smallest id, by bytes, of those that matched.
    pub fn rule(&self) -> Option<&str> {
        self.0.granted.why.rule()
    }

    /// Why, for people.
    pub fn message(&self) -> &str {
        self.0.granted.why.message()
    }

    /// The tier of the call.
    pub fn tier(&self) -> RiskTier {
        self.0.granted.tier
    }

    /// What the host must do with the call.
    pub fn obligations(&self) -> &[Box<str>] {
        &self.0.granted.obligations
    }

    /// The approval by which the call may run, where it was asked about: of this call alone, or a standing
    /// one.
    pub fn approval(&self) -> Option<ApprovalId> {
        self.0.granted.hold.as_deref().map(Hold::id)
    }

    /// The sequence number of the decision's record.
    pub fn record(&self) -> u64 {
        self.0.granted.seq
    }

    /// The call.
    pub fn call(&self) -> &ToolCall {
        &self.0.call
    }
}
