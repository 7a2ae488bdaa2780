//! Calls that a standing approval carries.

use callgate_approval::Demands;
use callgate_approval::standing::{StandingApproval, Whose};
use callgate_types::Code;

use super::grounds::grounds;
use super::{Consent, Hold};
use crate::judged::Judged;
use crate::record::Asked;
use crate::{Gate, Snapshot};

impl Consent {
    /// Finds a standing approval that carries this call, which would be asked about; of several, the one
    /// that ends first.
    ///
    /// # Errors
    ///
    /// The code to deny the call with: nobody can tell whether there is one, or it cannot be recorded how
    /// it came to be.
    pub(super) fn carried(
        &self,
        gate: &Gate,
        snapshot: &Snapshot,
        judged: &Judged<'_>,
        asked: &Asked<'_>,
    ) -> Result<Option<Hold>, Code> {
        let (Some(standing), Some(subject)) = (&self.standing, asked.caller.subject()) else {
            return Ok(None);
        };
        // A token narrows what its caller may do, and nobody who approved ahead has seen it.
        if asked.authority.is_some() || !Demands::of(&judged.friction).is_carried() {
            return Ok(None);
        }
        let whose = Whose::new(asked.caller.tenant(), subject.id(), asked.call.tool());
        let found = standing.find(&whose);
        let found = found.map_err(|_| Code::ApprovalsUnavailable)?;
        // Nothing that demands a dry run is carried: there is none to rest on.
        let basis = grounds(snapshot, judged);
        let mut carries = None;
        for one in found.standing {
            if !one.is_in_force(found.now) {
                // It ended, and the log does not know: told as well as can be, for no call runs by it.
                self.tell_of(gate, &one).ok();
            } else if carries.is_none()
                && one.approval.is_complete()
                && one.approval.question.rests_on(&basis)
                && self.covers(snapshot, judged, asked, &one)
            {
                carries = Some(one);
            }
        }
        let Some(one) = carries else { return Ok(None) };
        // No call runs by an answer that the log does not know of.
        self.tell_of(gate, &one)?;
        Ok(Some(Hold::standing(one)))
    }

    /// Whether the call is one of those that `standing` is for.
    pub(super) fn covers(
        &self,
        snapshot: &Snapshot,
        judged: &Judged<'_>,
        asked: &Asked<'_>,
        standing: &StandingApproval,
    ) -> bool {
        let holds = |when: &str| self.conditions.hold(snapshot, judged, asked, when);
        standing.covers(asked.caller, asked.call, asked.context, holds)
    }

    /// Tells the log of all that it does not know of `standing`.
    ///
    /// # Errors
    ///
    /// The code to deny a call with that would run by it.
    pub(super) fn tell_of(&self, gate: &Gate, standing: &StandingApproval) -> Result<(), Code> {
        if !standing.is_unrecorded() {
            return Ok(());
        }
        let approval = &standing.approval;
        let ended_by = approval.unrecorded.then(|| approval.answers.last());
        let ended_by = ended_by.flatten().filter(|answer| !answer.approved);
        for answer in approval.answers.iter().filter(|answer| answer.unrecorded) {
            if ended_by != Some(answer) {
                gate.record_standing_answer(standing, answer)?;
            }
        }
        if approval.unrecorded {
            gate.record_revoked(standing, ended_by)?;
        }
        if let Some(keeper) = &self.standing {
            // Where this is lost, the records are written a second time.
            keeper.take(&approval.recorded()).ok();
        }
        Ok(())
    }
}
