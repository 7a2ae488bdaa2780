//! The only thing that opens the door.

use std::fmt::{self, Display};
use std::time::Duration;

use callgate_audit::{Durability, NotBegunReason};
use callgate_policy::ToolRef;
use callgate_policy::document::Keeping;
use callgate_types::{Caller, Code, Context, DecisionKind, RiskTier, ToolCall};
use serde::Serialize;

use crate::authorize::durability;
use crate::call_ids::Claim;
use crate::cause::Cause;
use crate::denial::{Answer, Sketch};
use crate::judged::Judged;
use crate::not_begun::NotBegun;
use crate::ran::Ran;
use crate::running::Running;
use crate::{Authorized, Denial, Gate};

/// The right to run one call, once, soon.
///
/// It owns exactly the call that was judged, and is used up by running it. A permit that is
/// dropped runs nothing, and leaves a record that its call was not begun. It cannot be made by
/// hand, cloned, used twice, or written down and read back.
#[must_use = "a permit that is dropped runs nothing"]
pub struct Permit(Box<Held>);

struct Held {
    unbegun: Unbegun,
    granted: Granted,
    call: ToolCall,
    caller: Caller,
    context: Context,
    claim: Option<Claim>,
}

/// What was granted, and when.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) seq: u64,
    generation: u64,
    /// When the decision was about to be recorded.
    asked: Duration,
    decision: DecisionKind,
    code: Code,
    why: Why,
    tier: RiskTier,
    durability: Durability,
    pub(crate) obligations: Box<[Box<str>]>,
    /// What the log keeps of the result, where the policy says so.
    pub(crate) keep_result: Option<Keeping>,
    writes: bool,
}

impl Granted {
    pub(crate) fn new(judged: &Judged<'_>, generation: u64, seq: u64, asked: Duration) -> Self {
        Self {
            seq,
            generation,
            asked,
            decision: judged.decision(),
            code: judged.code(),
            why: Why::new(judged),
            tier: judged.tier().unwrap_or_else(|| {
                // Denied before its tier was worked out, and run all the same.
                judged.tool.map_or(RiskTier::Privileged, ToolRef::tier)
            }),
            durability: durability(judged),
            obligations: judged.owned_obligations(),
            keep_result: judged.tool.and_then(|tool| tool.recording().result),
            writes: judged.writes(),
        }
    }
}

/// The rule that decided, if one did, and behind it the message: in one piece of memory.
#[derive(Debug)]
struct Why {
    text: String,
    rule: Option<usize>,
}

impl Why {
    fn new(judged: &Judged<'_>) -> Self {
        let rule = judged.rule();
        let id = rule.unwrap_or_default();
        let room = id.len().saturating_add(judged.message_room());
        let mut text = String::with_capacity(room);
        text.push_str(id);
        judged.push_message(&mut text);
        Self {
            text,
            rule: rule.map(str::len),
        }
    }

    fn rule(&self) -> Option<&str> {
        self.text.get(..self.rule?)
    }

    fn message(&self) -> &str {
        self.text.get(self.rule.unwrap_or(0)..).unwrap_or_default()
    }
}

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
    ) -> Self {
        let expires = granted.asked.saturating_add(gate.inner().permit_expiry);
        let unbegun = Unbegun {
            seq: granted.seq,
            gate,
            expires,
            armed: true,
        };
        Self(Box::new(Held {
            unbegun,
            granted,
            call,
            caller,
            context,
            claim,
        }))
    }

    /// Runs the call: `run` is handed what was judged, and nothing else can be handed to it.
    ///
    /// If `run` panics, the log says `abandoned`.
    ///
    /// # Errors
    ///
    /// Fails only where the call was not begun: the permit was held too long, the gate takes no
    /// records any more, or a policy that came into force since is stricter. What the tool
    /// returned, or failed with, is inside [`Ran`].
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
    /// # Errors
    ///
    /// As [`Permit::run`].
    pub fn begin(self) -> Result<Running, NotBegun> {
        if let Err((reason, sketch)) = self.check() {
            return Err(NotBegun::new(reason, self.take_back(reason, *sketch)));
        }
        let held = *self.0;
        let gate = held.unbegun.disarm();
        let claim = held.claim.map(Claim::begin);
        Ok(Running::new(
            gate,
            held.granted,
            held.call,
            held.caller,
            held.context,
            claim,
        ))
    }

    /// Whether the call may begin now.
    fn check(&self) -> Result<(), (NotBegunReason, Box<Sketch>)> {
        let held = &*self.0;
        let gate = &held.unbegun.gate;
        if held.unbegun.is_expired() {
            return Err((
                NotBegunReason::Expired,
                Box::new(Sketch::of(&Cause::Expired)),
            ));
        }
        let again = match gate.inner().ledger.accepts(|| held.granted.writes) {
            Err(code) => Err(Sketch::of(&Cause::State(code))),
            Ok(()) if gate.inner().current.generation() == held.granted.generation => Ok(()),
            Ok(()) => self.judge_again(),
        };
        again.map_err(|sketch| (NotBegunReason::Stricter, Box::new(sketch)))
    }

    /// Judges the whole call again: by the facts of then, and the policy of now.
    fn judge_again(&self) -> Result<(), Sketch> {
        let held = &*self.0;
        let gate = &held.unbegun.gate;
        gate.inner().current.with(|snapshot, _| {
            let host = &gate.inner().host;
            let timed = gate.timed(snapshot, &held.context);
            let context = timed.as_ref().unwrap_or(&held.context);
            let now = gate.time_for(&held.caller, context);
            let judged = snapshot.judge_for(host, &held.caller, &held.call, context, now);
            let of_then = &held.granted.obligations;
            let covered = |name: &&&str| of_then.iter().any(|known| **known == ***name);
            let further = judged.obligations().iter().find(|name| !covered(name));
            let covers = further.is_none() && durability(&judged) <= held.granted.durability;
            gate.record(
                snapshot,
                &judged,
                &held.caller,
                &held.call,
                context,
                Some(held.granted.seq),
            )
            .map_err(|unrecorded| Sketch::of(&Cause::State(unrecorded.code)))?;
            match judged.runs() {
                true if covers => Ok(()),
                true => Err(Sketch::of(&Cause::Stricter)),
                false => Err(Answer::sketch(&judged)),
            }
        })
    }

    fn take_back(self, reason: NotBegunReason, sketch: Sketch) -> Box<Answer> {
        let held = *self.0;
        let record = held.granted.seq;
        let gate = held.unbegun.disarm();
        note_not_begun(&gate, record, reason);
        sketch.complete(held.call, Some(record))
    }

    /// How long ago its decision was about to be recorded.
    pub(crate) fn age(&self) -> Duration {
        let now = self.0.unbegun.gate.inner().clock.elapsed();
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

    /// The sequence number of the decision's record.
    pub fn record(&self) -> u64 {
        self.0.granted.seq
    }

    /// The call.
    pub fn call(&self) -> &ToolCall {
        &self.0.call
    }
}

/// Notes that a call was not begun, when it is dropped before that.
struct Unbegun {
    gate: Gate,
    seq: u64,
    expires: Duration,
    armed: bool,
}

impl Unbegun {
    fn is_expired(&self) -> bool {
        self.gate.inner().clock.elapsed() > self.expires
    }

    fn disarm(mut self) -> Gate {
        self.armed = false;
        self.gate.clone()
    }
}

impl Drop for Unbegun {
    fn drop(&mut self) {
        if self.armed {
            let reason = if self.is_expired() {
                NotBegunReason::Expired
            } else {
                NotBegunReason::Dropped
            };
            note_not_begun(&self.gate, self.seq, reason);
        }
    }
}

/// Queues the record that a call was not begun; never waits.
fn note_not_begun(gate: &Gate, seq: u64, reason: NotBegunReason) {
    let inner = gate.inner();
    inner.ledger.not_begun(seq, reason, inner.clock.now());
}
