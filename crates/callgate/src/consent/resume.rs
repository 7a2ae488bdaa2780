//! Resuming a call by its approval.

use callgate_approval::{Approval, ApprovalId, State, Stopped, Taken};
use callgate_types::{Caller, Code, Context, ToolCall};
use chrono::{DateTime, Utc};

use super::trial::Trial;
use super::{Asks, Consent, Hold, Weighed, random_id};
use crate::judged::Judged;
use crate::record::{Asked, By};
use crate::{Decision, Gate, Snapshot};

/// How often it is tried again where somebody else moves the same approval.
const TRIES: usize = 16;

impl Gate {
    /// Decides on a call that was asked about, by the approval `id`: everything is judged again, by
    /// the policy and the facts of now.
    ///
    /// Where the policy still asks, the approval must be of this very call, rest on what it rested on
    /// when it was asked, be approved and not used; then the permit holds it, and beginning uses it up.
    /// A permit that is not begun gives it back, or its hold lapses with the permit. Where what it rests on
    /// has changed, it is asked again, and the answer is another [`Pending`](crate::Pending). Of any number
    /// of processes that resume one call, one gets a permit.
    ///
    /// `call` is the call as it was; what else it is, or who calls, cannot have changed. One that was
    /// asked about with a capability token is resumed with it, by `resume_granted` (feature `biscuit`).
    pub fn resume(
        &self,
        id: ApprovalId,
        caller: &Caller,
        call: ToolCall,
        context: &Context,
    ) -> Decision {
        let by = By {
            resumed: Some(id),
            authority: None,
        };
        self.authorize_by(by, caller, call, context)
    }
}

impl Consent {
    /// Takes hold of the approval `id`, if it lets this call run.
    ///
    /// # Errors
    ///
    /// The code to deny the call with.
    pub(super) fn resume(
        &self,
        gate: &Gate,
        snapshot: &Snapshot,
        judged: &Judged<'_>,
        asked: &Asked<'_>,
        id: ApprovalId,
    ) -> Result<Weighed, Code> {
        let bound = asked.bound().binding;
        let trial = Trial::of(gate, snapshot, judged, asked);
        let by = random_id()?;
        for _ in 0..TRIES {
            let loaded = self
                .keeper
                .load(id)
                .map_err(|_| Code::ApprovalsUnavailable)?;
            let now = loaded.now;
            let tenant = asked.caller.tenant();
            // Of what belongs to another tenant, nobody learns that it is there.
            let approval = loaded
                .approval
                .filter(|known| known.question.tenant.as_deref() == tenant)
                .ok_or(Code::ApprovalUnknown)?;
            if approval.question.binding != bound {
                return Err(Code::ApprovalMismatch);
            }
            self.told(gate, &approval);
            if approval.is_open() && approval.is_dead(now) {
                self.end_overdue(gate, &approval, now);
                return Err(Code::ApprovalExpired);
            }
            match approval.state {
                State::Refused => return Err(Code::ApprovalRefused),
                State::Expired => return Err(Code::ApprovalExpired),
                State::Cancelled => return Err(Code::ApprovalCancelled),
                State::Superseded => return Err(Code::ApprovalSuperseded),
                State::Consumed(_) => return Err(Code::ApprovalUsed),
                State::Claimed(claim) if now < claim.until => return Err(Code::ApprovalInUse),
                _ if !trial.carries(&approval.question) => {
                    return self.ask(gate, snapshot, judged, asked);
                }
                State::Asked => return Ok(Weighed::Asks(Asks::found(&approval))),
                State::Approved | State::Claimed(_) => {}
                _ => return Err(Code::ApprovalsUnavailable),
            }
            if !approval.is_complete() {
                // The store says so, and the answers do not.
                return Err(Code::ApprovalsUnavailable);
            }
            if let Some(hold) = self.claim(gate, &approval, now, by)? {
                return Ok(Weighed::Holds(Box::new(hold)));
            }
        }
        Err(Code::ApprovalInUse)
    }

    /// Takes hold of an approval; `None` where somebody else has moved it.
    fn claim(
        &self,
        gate: &Gate,
        approval: &Approval,
        now: DateTime<Utc>,
        by: ApprovalId,
    ) -> Result<Option<Hold>, Code> {
        // No call runs by an answer that the log does not know of.
        for answer in approval.answers.iter().filter(|answer| answer.unrecorded) {
            gate.record_answer(approval, answer)?;
        }
        let time = gate.inner().permit_expiry;
        let step = match approval.claim(now, by, time) {
            Ok(step) => step,
            Err(Stopped::Expired) => return Err(Code::ApprovalExpired),
            Err(_) => return Ok(None),
        };
        let taken = self.taken(&step)?;
        Ok((taken == Taken::Yes).then(|| Hold::new(step.next, by)))
    }
}
