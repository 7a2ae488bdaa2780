//! What a permit holds of an approval.

use callgate_approval::{Approval, ApprovalId, Taken};
use callgate_audit::Durability;
use callgate_types::{Code, DecisionKind};

use super::trial::Trial;
use crate::cause::Cause;
use crate::judged::Judged;
use crate::{Gate, Snapshot};

/// What a permit holds of an approval: the right to use it up.
#[derive(Debug)]
pub(crate) struct Hold {
    claimed: Approval,
    by: ApprovalId,
    /// The id of the approval as records have it.
    text: String,
}

impl Hold {
    pub(super) fn new(claimed: Approval, by: ApprovalId) -> Self {
        Self {
            text: claimed.id.to_string(),
            claimed,
            by,
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.text
    }

    /// Where the policy of now asks on the grounds that were approved, that is an allow.
    pub(crate) fn carries(&self, snapshot: &Snapshot, judged: &mut Judged<'_>) {
        let asks = judged.decision == DecisionKind::Ask;
        if asks && Trial::forgotten(snapshot, judged).carries(&self.claimed.question) {
            judged.decision = DecisionKind::Allow;
            judged.cause = Cause::Approved;
        }
    }

    /// Uses the approval up, for the call decided in record `seq`; recorded before the call begins.
    ///
    /// # Errors
    ///
    /// The code with which the call is not begun. Where it is one of the log, the approval is used up
    /// all the same.
    pub(crate) fn consume(
        &self,
        gate: &Gate,
        seq: u64,
        durability: Durability,
    ) -> Result<(), Code> {
        let consent = gate.inner().consent.as_ref();
        let consent = consent.ok_or(Code::ApprovalsUnavailable)?;
        let step = self
            .claimed
            .consume(self.by)
            .map_err(|_| Code::ApprovalInUse)?;
        match consent.taken(&step)? {
            Taken::Yes => {
                if let Some(shown) = &self.claimed.question.dry_run {
                    gate.inner().dry_runs.forget_shown(shown);
                }
                gate.record_consumed(&self.text, seq, durability)
            }
            Taken::OutOfTime => Err(Code::ApprovalExpired),
            _ => Err(Code::ApprovalInUse),
        }
    }

    /// Gives the approval back, so that the call can be resumed again before the hold lapses.
    pub(crate) fn give_back(&self, gate: &Gate) {
        // Where it was consumed, or the store does not answer, nothing is given back: the hold lapses.
        if let Some(consent) = &gate.inner().consent
            && let Ok(step) = self.claimed.give_back(self.by)
        {
            consent.taken(&step).ok();
        }
    }
}
