//! A call that was allowed, in one piece, from its permit to its end.

use std::sync::Arc;
use std::time::Duration;

use callgate_audit::{Durability, NotBegunReason};
use callgate_identity::standing::Underway;
use callgate_policy::ToolRef;
use callgate_policy::document::Keeping;
use callgate_types::{Caller, Code, Context, DecisionKind, Digest, RiskTier, ToolCall};
use chrono::{DateTime, Utc};

use crate::Gate;
use crate::authorize::durability;
use crate::brokering::Lent;
use crate::call_ids::Claim;
use crate::consent::Hold;
use crate::effects::Effects;
#[cfg(feature = "biscuit")]
use crate::granted::Bond;
use crate::judged::Judged;
use crate::limits::Reservation;
use crate::why::Why;

/// A call that was allowed, with all that goes along with it.
pub(crate) struct Held {
    pub(crate) watch: Watch,
    pub(crate) granted: Granted,
    pub(crate) call: ToolCall,
    pub(crate) caller: Caller,
    pub(crate) context: Context,
    /// Keeps the call id in use until the call has ended.
    pub(crate) claim: Option<Claim>,
    /// The credential of the tool, from the beginning of the call to its end.
    pub(crate) lent: Option<Box<Lent>>,
    /// What the tool says that it did.
    pub(crate) effects: Effects,
    /// The capability token on whose authority it is made.
    #[cfg(feature = "biscuit")]
    pub(crate) bond: Option<Bond>,
    /// What is reserved for it, until it begins.
    pub(crate) reserved: Option<Reservation>,
}

/// What was granted, and when.
#[derive(Debug)]
pub(crate) struct Granted {
    pub(crate) seq: u64,
    pub(crate) generation: u64,
    /// When the decision was about to be recorded.
    pub(crate) asked: Duration,
    pub(crate) decision: DecisionKind,
    pub(crate) code: Code,
    pub(crate) why: Why,
    pub(crate) tier: RiskTier,
    pub(crate) durability: Durability,
    pub(crate) obligations: Box<[Box<str>]>,
    /// What the log keeps of the result, where the policy says so.
    pub(crate) keep_result: Option<Keeping>,
    pub(crate) writes: bool,
    /// The credential that the tool needs, by name.
    pub(crate) credential: Option<Box<str>>,
    /// The place among the permits of its task.
    pub(crate) counted: Option<Counted>,
    /// The approval by which the call may run, where it was asked about.
    pub(crate) hold: Option<Box<Hold>>,
    /// The keys of the calls of which it is a dry run.
    pub(crate) tries: Option<Box<[Digest]>>,
}

impl Granted {
    #[inline]
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
            credential: judged.tool.and_then(ToolRef::credential).map(Into::into),
            counted: judged.task.cloned().map(Counted::new),
            hold: None,
            tries: None,
        }
    }
}

/// A permit among those of its task, as long as it is neither begun nor gone.
#[derive(Debug)]
pub(crate) struct Counted(Arc<Underway>);

impl Counted {
    fn new(task: Arc<Underway>) -> Self {
        task.permit_given();
        Self(task)
    }

    /// When the time of the task is over.
    pub(crate) fn expires(&self) -> DateTime<Utc> {
        self.0.task().expires()
    }
}

impl Drop for Counted {
    fn drop(&mut self) {
        self.0.permit_gone();
    }
}

/// Sees to it that the log tells what became of the call, also where nobody says.
pub(crate) struct Watch {
    pub(crate) gate: Gate,
    seq: u64,
    stage: Stage,
}

/// How far a call has come.
#[derive(Clone, Copy, Debug)]
enum Stage {
    /// There is a permit, which may be used until then.
    Permitted { expires: Duration },
    /// The tool runs.
    Begun { at: Duration },
    /// The log has been told the rest.
    Told,
}

impl Watch {
    pub(crate) const fn new(gate: Gate, seq: u64, expires: Duration) -> Self {
        let stage = Stage::Permitted { expires };
        Self { gate, seq, stage }
    }

    pub(crate) fn is_expired(&self) -> bool {
        let now = self.gate.inner().clock.elapsed();
        matches!(self.stage, Stage::Permitted { expires } if now > expires)
    }

    pub(crate) fn begin(&mut self) {
        let at = self.gate.inner().clock.elapsed();
        self.stage = Stage::Begun { at };
    }

    /// The call has ended, and its caller records that; says how long it ran.
    pub(crate) fn end(&mut self) -> Duration {
        match std::mem::replace(&mut self.stage, Stage::Told) {
            Stage::Begun { at } => self.gate.inner().clock.elapsed().saturating_sub(at),
            Stage::Permitted { .. } | Stage::Told => Duration::ZERO,
        }
    }

    /// The call is not begun: queues the record of that; never waits.
    pub(crate) fn not_begun(&mut self, reason: NotBegunReason) {
        self.stage = Stage::Told;
        let inner = self.gate.inner();
        inner.ledger.not_begun(self.seq, reason, inner.clock.now());
    }

    fn abandoned(&self) {
        let inner = self.gate.inner();
        inner.ledger.abandoned(self.seq, inner.clock.now());
    }
}

impl Drop for Watch {
    fn drop(&mut self) {
        match self.stage {
            Stage::Permitted { .. } if self.is_expired() => self.not_begun(NotBegunReason::Expired),
            Stage::Permitted { .. } => self.not_begun(NotBegunReason::Dropped),
            Stage::Begun { .. } => self.abandoned(),
            Stage::Told => {}
        }
    }
}
