//! A call that has begun.

use std::fmt::{self, Display};
use std::time::Duration;

use callgate_audit::{Durability, OutcomeRecord, OutcomeStatus};
use callgate_types::{Arguments, Caller, Context, ToolCall};
use serde::Serialize;

use crate::call_ids::Claim;
use crate::keeping::keep_result;
use crate::permit::Granted;
use crate::ran::{self, Ran};
use crate::{AuditError, Authorized, Gate};

/// A call that has begun and has not ended.
///
/// Dropping it says that nobody knows how the call ended: the log says `abandoned`, and the
/// call counts as run.
#[must_use = "a call that has begun must be finished"]
pub struct Running(Box<Held>);

struct Held {
    unfinished: Unfinished,
    granted: Granted,
    call: ToolCall,
    /// Empty only for a call without acceptable arguments, which no gate allows.
    nothing: Arguments,
    caller: Caller,
    context: Context,
    begun: Duration,
    /// Keeps the call id in use until the call has ended.
    claim: Option<Claim>,
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("tool", &self.0.call.tool())
            .field("record", &self.0.granted.seq)
            .finish_non_exhaustive()
    }
}

impl Running {
    pub(crate) fn new(
        gate: Gate,
        granted: Granted,
        call: ToolCall,
        caller: Caller,
        context: Context,
        claim: Option<Claim>,
    ) -> Self {
        let begun = gate.inner().clock.elapsed();
        let unfinished = Unfinished {
            gate,
            seq: granted.seq,
            armed: true,
        };
        Self(Box::new(Held {
            unfinished,
            granted,
            call,
            nothing: Arguments::default(),
            caller,
            context,
            begun,
            claim,
        }))
    }

    /// The call, for the tool.
    pub fn authorized(&self) -> Authorized<'_> {
        let held = &*self.0;
        let arguments = held.call.arguments().unwrap_or(&held.nothing);
        Authorized::new(
            &held.call,
            arguments,
            &held.caller,
            &held.context,
            &held.granted.obligations,
        )
    }

    /// Ends the call with what the tool returned, and records the outcome.
    pub fn finish<T: Serialize, E: Display>(self, result: Result<T, E>) -> Ran<T, E> {
        let text = ran::text(&result);
        let status = match result {
            Ok(_) => OutcomeStatus::Ok,
            Err(_) => OutcomeStatus::Error,
        };
        let recorded = self.record(status, &text);
        Ran::new(result, text, recorded)
    }

    fn record(self, status: OutcomeStatus, text: &str) -> Result<(), AuditError> {
        let held = *self.0;
        let gate = held.unfinished.disarm();
        let inner = gate.inner();
        let took = inner.clock.elapsed().saturating_sub(held.begun);
        let mut record = OutcomeRecord::new(inner.clock.now(), held.granted.seq, status, took);
        let cabinet = inner.cabinet.as_ref();
        let keeping = held.granted.keep_result;
        record.result = Some(keep_result(cabinet, keeping, text, Durability::Accepted));
        let recorded = inner.ledger.outcome(record);
        drop(held.claim);
        recorded
    }
}

/// Notes that nobody knows how a call ended, when it is dropped before its end.
struct Unfinished {
    gate: Gate,
    seq: u64,
    armed: bool,
}

impl Unfinished {
    fn disarm(mut self) -> Gate {
        self.armed = false;
        self.gate.clone()
    }
}

impl Drop for Unfinished {
    fn drop(&mut self) {
        if self.armed {
            let inner = self.gate.inner();
            inner.ledger.abandoned(self.seq, inner.clock.now());
        }
    }
}
