//! A call that has begun.

use std::fmt::{self, Display};
use std::sync::LazyLock;

use callgate_approval::DryRun;
use callgate_audit::{Durability, Masked, OutcomeRecord, OutcomeStatus};
use callgate_policy::document::Keeping;
use callgate_types::{Arguments, Digest};
use serde::Serialize;

use crate::brokering::Lent;
use crate::dry_run::{Found, Outcome};
use crate::held::Held;
use crate::keeping::keep_result;
use crate::ran::{self, Ran};
use crate::{AuditError, Authorized};

/// What the log calls it that a secret is kept out of a result.
const SECRET: &str = "tool_credential";

/// A call that has begun and has not ended.
///
/// Dropping it says that nobody knows how the call ended: the log says `abandoned`, and the
/// call counts as run.
#[must_use = "a call that has begun must be finished"]
pub struct Running(Box<Held>);

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running")
            .field("tool", &self.0.call.tool())
            .field("record", &self.0.granted.seq)
            .finish_non_exhaustive()
    }
}

impl Running {
    /// The call begins: its id is used up.
    pub(crate) fn new(mut held: Box<Held>) -> Self {
        held.watch.begin();
        if let Some(lent) = &mut held.lent {
            lent.begin();
        }
        held.granted.counted = None;
        if let Some(claim) = &mut held.claim {
            claim.begin();
        }
        Self(held)
    }

    /// The call, for the tool.
    pub fn authorized(&self) -> Authorized<'_> {
        let held = &*self.0;
        let arguments = held.call.arguments().unwrap_or(&NOTHING);
        Authorized::new(
            &held.call,
            arguments,
            &held.caller,
            &held.context,
            &held.granted.obligations,
            held.lent.as_deref().map(Lent::credential),
            &held.effects,
        )
    }

    /// Ends the call with what the tool returned, and records the outcome.
    ///
    /// Where the tool had a credential of its own, it is taken back first, for which this waits a
    /// bounded time; and where its secret stands in the result, the model and the log do not see
    /// it.
    pub fn finish<T: Serialize, E: Display>(self, result: Result<T, E>) -> Ran<T, E> {
        let text = ran::text(&result);
        let lent = self.0.lent.as_ref();
        let (text, masked) = match lent.map(|lent| lent.credential().secret()) {
            None => (text, 0),
            Some(secret) => secret.mask(text),
        };
        let status = match result {
            Ok(_) => OutcomeStatus::Ok,
            Err(_) => OutcomeStatus::Error,
        };
        let recorded = self.record(status, &text, masked);
        Ran::new(result, text, recorded)
    }

    fn record(mut self, status: OutcomeStatus, text: &str, masked: u64) -> Result<(), AuditError> {
        let held = &mut *self.0;
        let took = held.watch.end();
        let inner = held.watch.gate.inner();
        let mut record = OutcomeRecord::new(inner.clock.now(), held.granted.seq, status, took);
        let cabinet = inner.cabinet.as_ref();
        let keeping = held.granted.keep_result;
        record.result = Some(keep_result(cabinet, keeping, text, Durability::Accepted));
        let stated = held.effects.take();
        let effects: Option<Vec<&str>> = stated
            .as_ref()
            .map(|stated| stated.effects.iter().map(|effect| &**effect).collect());
        record.effects = effects.as_deref();
        record.effects_omitted = stated.as_ref().map_or(0, |stated| stated.omitted);
        let masked = masked.saturating_add(stated.as_ref().map_or(0, |stated| stated.masked));
        let found = [Masked::new(SECRET, masked)];
        if let Some(lent) = held.lent.take() {
            record.masked = Some(if masked > 0 { &found } else { &[] });
            lent.give_back();
        }
        // The id of the call is in use until its outcome is told.
        let recorded = inner.ledger.outcome(record);
        if let Some(keys) = &held.granted.tries {
            let went_well = status == OutcomeStatus::Ok && recorded.is_ok();
            tried(held, keys, went_well.then_some(text));
        }
        recorded
    }
}

/// A dry run has ended, well if there is a `result`: then the calls of which it is one may be asked about.
#[cold]
fn tried(held: &Held, keys: &[Digest], result: Option<&str>) {
    let inner = held.watch.gate.inner();
    let (Some(text), Some(session)) = (result, held.context.session_id()) else {
        return inner.dry_runs.forget(keys);
    };
    let moment = inner.clock.moment();
    let result = Digest::of(text.as_bytes());
    let masked = held.granted.keep_result == Some(Keeping::Digest);
    let found = Found {
        dry_run: DryRun::new(held.granted.seq, moment.now, result),
        outcome: Outcome::of(text, masked),
    };
    let session = (held.caller.tenant().map(Into::into), session.into());
    inner.dry_runs.keep(keys, &session, moment.elapsed, &found);
}

/// For a call without acceptable arguments, which no gate allows.
static NOTHING: LazyLock<Arguments> = LazyLock::new(Arguments::empty);
