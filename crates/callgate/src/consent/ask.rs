//! Asking for an approval.

use std::sync::Arc;

use callgate_approval::{
    Approval, ApprovalId, BoundCall, Look, Opened, PreviewError, Question, State, Step, Taken,
    Withdrawn, preview,
};
use callgate_policy::document::Keeping;
use callgate_types::Code;
use chrono::{DateTime, Utc};

use super::trial::Trial;
use super::{Asks, Consent, Weighed};
use crate::judged::Judged;
use crate::record::Asked;
use crate::{Gate, Snapshot};

impl Consent {
    /// Finds the approval of this call that is open, or makes a new one, which is not opened yet.
    ///
    /// # Errors
    ///
    /// The code to deny the call with.
    pub(super) fn ask(
        &self,
        gate: &Gate,
        snapshot: &Snapshot,
        judged: &Judged<'_>,
        asked: &Asked<'_>,
    ) -> Result<Weighed, Code> {
        let trial = Trial::of(gate, snapshot, judged, asked);
        let within = self.allowance.map_or(self.open, |allowed| allowed.within);
        let (caller, tenant) = (asked.caller, asked.caller.tenant());
        let subject = caller.subject().ok_or(Code::PersonUnknown)?.id();
        let bound = asked.bound();
        let look = Look::new(bound.binding, tenant, subject, within);
        let found = self
            .keeper
            .find(&look)
            .map_err(|_| Code::ApprovalsUnavailable)?;
        let now = found.now;
        let refused =
            |known: &Approval| known.holds_place(now) && matches!(known.state, State::Refused);
        // Whoever refused this very call is not overruled by what was approved ahead.
        if !found.approval.as_ref().is_some_and(refused)
            && let Some(hold) = self.carried(gate, snapshot, judged, asked)?
        {
            return Ok(Weighed::Holds(Box::new(hold)));
        }
        let mut replaces = None;
        match found.approval {
            Some(known) if known.holds_place(now) => match known.state {
                // Asking again earns nothing.
                State::Refused => return Err(Code::ApprovalRefused),
                _ if trial.carries(&known.question) => {
                    return Ok(Weighed::Asks(Asks::found(&known)));
                }
                State::Claimed(claim) if now < claim.until => return Err(Code::ApprovalInUse),
                _ => replaces = Some(Box::new(known)),
            },
            Some(known) => self.end_overdue(gate, &known, now),
            None => {}
        }
        if trial.is_missing() {
            return Err(Code::DryRunMissing);
        }
        if self
            .allowance
            .is_some_and(|allowed| found.asked >= allowed.at_most)
        {
            return Err(Code::TooManyAsks);
        }
        // What people are shown is put together for a question that is new, and for no other.
        let mut question = question(bound, judged, asked, &trial)?;
        question.supersedes = replaces.as_ref().map(|known| known.id);
        let time = judged.friction.expires_in.unwrap_or(self.open);
        let id = self.ids.next(&bound.binding, now);
        let new = Approval::new(id, question, now, time);
        Ok(Weighed::Asks(Asks {
            id,
            new: Some(Box::new(new)),
            replaces,
        }))
    }

    /// Opens the approval that the decision in record `seq` asks for, once the log knows of it.
    ///
    /// # Errors
    ///
    /// The code to deny the call with: then nothing is open that this call could be resumed by.
    fn open(
        &self,
        gate: &Gate,
        judged: &Judged<'_>,
        asked: &Asked<'_>,
        asks: Asks,
        seq: u64,
    ) -> Result<ApprovalId, Code> {
        let Some(mut new) = asks.new else {
            return Ok(asks.id);
        };
        Arc::make_mut(&mut new.question).decision = seq;
        gate.record_asked(&new, asked, &judged.friction)?;
        if let Some(old) = asks.replaces {
            // Where somebody was faster, what is there now is told below.
            let step = old.withdraw(new.asked_at, Withdrawn::Superseded);
            if let Ok(step) = step
                && self.taken(&step)? == Taken::Yes
            {
                self.told(gate, &step.next);
            }
        }
        let opened = self.keeper.open(&new, self.allowance);
        let end = match opened.map_err(|_| Code::ApprovalsUnavailable)? {
            Opened::New => return Ok(new.id),
            Opened::There(there) => {
                // Asked at the same moment: one question is enough.
                gate.record_end(&new, State::Superseded)?;
                return Ok(there.id);
            }
            Opened::TooMany => Code::TooManyAsks,
            _ => Code::ApprovalsUnavailable,
        };
        gate.record_end(&new, State::Cancelled)?;
        Err(end)
    }

    pub(super) fn taken(&self, step: &Step) -> Result<Taken, Code> {
        self.keeper
            .take(step)
            .map_err(|_| Code::ApprovalsUnavailable)
    }

    /// Ends an approval whose time is over, where it has not ended.
    pub(super) fn end_overdue(&self, gate: &Gate, approval: &Approval, now: DateTime<Utc>) {
        // It counts as expired whether or not it says so.
        if let Ok(step) = approval.expire(now)
            && self.taken(&step) == Ok(Taken::Yes)
        {
            self.told(gate, &step.next);
        }
    }

    /// Tells the log how an approval has ended. Where that fails, the approval says so, and whoever
    /// looks at it next tries again.
    pub(super) fn told(&self, gate: &Gate, ended: &Approval) {
        if ended.unrecorded && gate.record_end(ended, ended.state).is_ok() {
            // Where this is lost, the record is written a second time.
            self.taken(&ended.recorded()).ok();
        }
    }
}

impl Asks {
    pub(super) fn found(approval: &Approval) -> Self {
        Self {
            id: approval.id,
            new: None,
            replaces: None,
        }
    }
}

impl Gate {
    /// Opens what a recorded decision asks for; `None` where this gate asks nobody.
    ///
    /// # Errors
    ///
    /// The code to deny the call with instead.
    pub(crate) fn open(
        &self,
        judged: &Judged<'_>,
        asked: &Asked<'_>,
        weighed: Weighed,
        seq: u64,
    ) -> Result<Option<ApprovalId>, Code> {
        match (&self.inner().consent, weighed) {
            (Some(consent), Weighed::Asks(asks)) => {
                consent.open(self, judged, asked, asks, seq).map(Some)
            }
            _ => Ok(None),
        }
    }
}

fn question(
    bound: BoundCall,
    judged: &Judged<'_>,
    asked: &Asked<'_>,
    trial: &Trial<'_>,
) -> Result<Question, Code> {
    let resources = judged.resources.as_slice().iter();
    let resources: Vec<(&str, Option<&str>)> = resources
        .map(|named| (named.name.kind, named.name.id))
        .collect();
    let apart = judged.tool.map(|tool| &tool.recording().apart);
    let masked = |pointer: &str| {
        apart.into_iter().flatten().any(|(known, keeping)| {
            *keeping == Keeping::Digest && is_inside(pointer, known.as_str())
        })
    };
    let (caller, call, context) = (asked.caller, asked.call, asked.context);
    let shown = preview(caller, call, context, &resources, &masked);
    let shown = shown.and_then(|shown| trial.shown(shown));
    let (shown, dry_run) = shown.map_err(|error| match error {
        PreviewError::TooLarge => Code::PreviewTooLarge,
        _ => Code::InvalidArguments,
    })?;
    let (basis, friction) = (trial.basis(), &judged.friction);
    let question = Question::bound(bound, caller, call, context, friction, basis, shown);
    let mut question = question.map_err(|_| Code::PersonUnknown)?;
    question.dry_run = dry_run;
    Ok(question)
}

/// Whether `pointer` is `whole`, or leads to something inside it.
fn is_inside(pointer: &str, whole: &str) -> bool {
    let rest = pointer.strip_prefix(whole);
    rest.is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}
