//! What approvals leave in the log.

use callgate_approval::{Answered, Approval, Ground, GroundKind, State};
use callgate_audit::{
    ApprovalAnsweredRecord, ApprovalAskedRecord, ApprovalConsumedRecord, BasisKind, BasisPart,
    Durability, Record, RecordedPrincipal, Verdict,
};
use callgate_types::{Code, Friction};

use crate::Gate;
use crate::record::Asked;

impl Gate {
    pub(super) fn record_asked(
        &self,
        approval: &Approval,
        asked: &Asked<'_>,
        friction: &Friction,
    ) -> Result<(), Code> {
        let question = &approval.question;
        let id = approval.id.to_string();
        let supersedes = question.supersedes.map(|id| id.to_string());
        let basis: Vec<BasisPart<'_>> = question.basis.iter().map(part).collect();
        let mut record = ApprovalAskedRecord::new(
            asked.moment.now,
            &id,
            question.decision,
            asked.caller,
            &question.tool,
            question.arguments,
            question.binding,
            friction,
        );
        record.basis = &basis;
        record.preview = Some(question.preview_digest());
        record.expires = Some(approval.expires_at);
        record.supersedes = supersedes.as_deref();
        let record = Record::ApprovalAsked(&record);
        self.inner().ledger.approval(&record, Durability::Accepted)
    }

    pub(super) fn record_answer(&self, approval: &Approval, answer: &Answered) -> Result<(), Code> {
        let verdict = if answer.approved {
            Verdict::Approved
        } else {
            Verdict::Refused
        };
        let id = approval.id.to_string();
        let verification = answer.verification();
        let mut record = ApprovalAnsweredRecord::new(self.inner().clock.now(), &id, verdict);
        record.approver = Some(RecordedPrincipal::new(&answer.by, &verification));
        let last = approval.answers.last() == Some(answer);
        record.settled = last && approval.state != State::Asked;
        record.preview = Some(answer.seen);
        record.reason = answer.reason.as_deref();
        let record = Record::ApprovalAnswered(&record);
        self.inner().ledger.approval(&record, Durability::Durable)
    }

    /// Records how an approval has ended that nobody answers any more.
    pub(super) fn record_end(&self, approval: &Approval, end: State) -> Result<(), Code> {
        let verdict = match end {
            State::Expired => Verdict::Expired,
            State::Superseded => Verdict::Superseded,
            State::Cancelled => Verdict::Cancelled,
            // Who refused it stands in the answer.
            _ => return Ok(()),
        };
        let id = approval.id.to_string();
        let record = ApprovalAnsweredRecord::new(self.inner().clock.now(), &id, verdict);
        let record = Record::ApprovalAnswered(&record);
        self.inner().ledger.approval(&record, Durability::Accepted)
    }

    pub(super) fn record_consumed(
        &self,
        id: &str,
        seq: u64,
        durability: Durability,
    ) -> Result<(), Code> {
        let record = ApprovalConsumedRecord::new(self.inner().clock.now(), id, seq);
        let record = Record::ApprovalConsumed(record);
        self.inner().ledger.approval(&record, durability)
    }
}

fn part(ground: &Ground) -> BasisPart<'_> {
    let kind = match ground.of {
        GroundKind::Tool => BasisKind::Tool,
        GroundKind::Tier => BasisKind::Tier,
        GroundKind::Friction => BasisKind::Friction,
        GroundKind::DryRun => BasisKind::DryRun,
        _ => BasisKind::Rule,
    };
    BasisPart::new(kind, ground.name.as_deref(), ground.digest)
}
