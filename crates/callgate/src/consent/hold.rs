//! What a permit holds of an approval.

use callgate_approval::standing::{Spent, StandingApproval};
use callgate_approval::{Approval, ApprovalId, Taken};
use callgate_audit::Durability;
use callgate_types::{Code, DecisionKind};

use super::Consent;
use super::grounds::grounds;
use super::trial::Trial;
use crate::cause::Cause;
use crate::judged::Judged;
use crate::record::Asked;
use crate::{Gate, Snapshot};

/// What a permit holds of an approval: the right to use it up, or to spend a use of it.
#[derive(Debug)]
pub(crate) struct Hold {
    by: By,
    /// The id of the approval as records have it.
    text: String,
}

#[derive(Debug)]
enum By {
    /// The approval of this one call, which this claim holds.
    Claim { claimed: Approval, by: ApprovalId },
    /// A standing approval, of which nothing is held: a use is spent when the call begins.
    Standing(StandingApproval),
}

impl Hold {
    pub(super) fn new(claimed: Approval, by: ApprovalId) -> Self {
        Self {
            text: claimed.id.to_string(),
            by: By::Claim { claimed, by },
        }
    }

    pub(super) fn standing(standing: StandingApproval) -> Self {
        Self {
            text: standing.approval.id.to_string(),
            by: By::Standing(standing),
        }
    }

    pub(crate) fn name(&self) -> &str {
        &self.text
    }

    pub(crate) const fn id(&self) -> ApprovalId {
        self.approval().id
    }

    /// Why a call runs by it.
    pub(super) const fn cause(&self) -> Cause<'static> {
        match self.by {
            By::Claim { .. } => Cause::Approved,
            By::Standing(_) => Cause::StandingApproved,
        }
    }

    const fn approval(&self) -> &Approval {
        match &self.by {
            By::Claim { claimed, .. } => claimed,
            By::Standing(standing) => &standing.approval,
        }
    }

    /// Where the policy of now asks on the grounds that were approved, that is an allow.
    pub(crate) fn carries(
        &self,
        gate: &Gate,
        snapshot: &Snapshot,
        judged: &mut Judged<'_>,
        asked: &Asked<'_>,
    ) {
        let question = &self.approval().question;
        let carries = judged.decision == DecisionKind::Ask
            && match (&self.by, &gate.inner().consent) {
                (By::Claim { .. }, _) => Trial::forgotten(snapshot, judged).carries(question),
                (By::Standing(standing), Some(consent)) => {
                    question.rests_on(&grounds(snapshot, judged))
                        && consent.covers(snapshot, judged, asked, standing)
                }
                (By::Standing(_), None) => false,
            };
        if carries {
            judged.decision = DecisionKind::Allow;
            judged.cause = self.cause();
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
        let left = match &self.by {
            By::Claim { claimed, by } => use_up(gate, consent, claimed, *by).map(|()| None),
            By::Standing(standing) => spend(consent, standing.approval.id).map(Some),
        };
        gate.record_consumed(&self.text, seq, left?, durability)
    }

    /// Gives the approval back, so that the call can be resumed again before the hold lapses. Of a
    /// standing one there is nothing to be given back.
    pub(crate) fn give_back(&self, gate: &Gate) {
        // Where it was consumed, or the store does not answer, nothing is given back: the hold lapses.
        if let By::Claim { claimed, by } = &self.by
            && let Some(consent) = &gate.inner().consent
            && let Ok(step) = claimed.give_back(*by)
        {
            consent.taken(&step).ok();
        }
    }
}

fn use_up(gate: &Gate, consent: &Consent, claimed: &Approval, by: ApprovalId) -> Result<(), Code> {
    let step = claimed.consume(by).map_err(|_| Code::ApprovalInUse)?;
    match consent.taken(&step)? {
        Taken::Yes => {
            if let Some(shown) = &claimed.question.dry_run {
                gate.inner().dry_runs.forget_shown(shown);
            }
            Ok(())
        }
        Taken::OutOfTime => Err(Code::ApprovalExpired),
        _ => Err(Code::ApprovalInUse),
    }
}

/// Says how many uses are left.
fn spend(consent: &Consent, id: ApprovalId) -> Result<u64, Code> {
    let keeper = consent.standing.as_ref();
    let keeper = keeper.ok_or(Code::ApprovalsUnavailable)?;
    match keeper.spend(id) {
        Ok(Spent::Left(left)) => Ok(left),
        Ok(Spent::UsedUp) => Err(Code::ApprovalUsed),
        Ok(Spent::OutOfTime) => Err(Code::ApprovalExpired),
        Ok(Spent::NotInForce) => Err(Code::ApprovalCancelled),
        _ => Err(Code::ApprovalsUnavailable),
    }
}
