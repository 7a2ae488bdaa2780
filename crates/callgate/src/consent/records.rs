//! What approvals leave in the log.

use callgate_approval::standing::StandingApproval;
use callgate_approval::{Answered, Approval, Ground, GroundKind, State};
use callgate_audit::{
    ApprovalAnsweredRecord, ApprovalAskedRecord, ApprovalConsumedRecord, BasisKind, BasisPart,
    Durability, Record, RecordedPrincipal, Revocable, RevokedRecord, Standing, Verdict,
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
        let mut digits = [0; 32];
        let id = approval.id.digits(&mut digits);
        let supersedes = question.supersedes.map(|id| id.to_string());
        let basis: Vec<BasisPart<'_>> = question.basis.iter().map(part).collect();
        let mut record = ApprovalAskedRecord::new(
            asked.moment.now,
            id,
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
        self.record_yes_or_no(&approval.id.to_string(), approval, answer, None)
    }

    /// As that, of an answer to a standing approval.
    pub(super) fn record_standing_answer(
        &self,
        standing: &StandingApproval,
        answer: &Answered,
    ) -> Result<(), Code> {
        let approval = &standing.approval;
        let (id, from) = (approval.id.to_string(), standing.from.to_string());
        let bounds = approval.question.preview_digest();
        let named = Standing::new(&id, bounds, approval.expires_at, standing.uses);
        self.record_yes_or_no(&from, approval, answer, Some(named))
    }

    fn record_yes_or_no(
        &self,
        id: &str,
        approval: &Approval,
        answer: &Answered,
        standing: Option<Standing<'_>>,
    ) -> Result<(), Code> {
        let verdict = if answer.approved {
            Verdict::Approved
        } else {
            Verdict::Refused
        };
        let verification = answer.verification();
        let mut record = ApprovalAnsweredRecord::new(self.inner().clock.now(), id, verdict);
        record.approver = Some(RecordedPrincipal::new(&answer.by, &verification));
        let last = approval.answers.last() == Some(answer);
        record.settled = last && approval.state != State::Asked;
        record.preview = Some(answer.seen);
        record.reason = answer.reason.as_deref();
        record.standing = standing;
        let record = Record::ApprovalAnswered(&record);
        self.inner().ledger.approval(&record, Durability::Durable)
    }

    /// Records that a standing approval was revoked, by whoever said so in `answer`.
    pub(super) fn record_revoked(
        &self,
        standing: &StandingApproval,
        answer: Option<&Answered>,
    ) -> Result<(), Code> {
        let id = standing.approval.id.to_string();
        let verification = answer.map(Answered::verification);
        let mut record = RevokedRecord::new(self.inner().clock.now(), Revocable::Approval, &id);
        record.tenant = standing.approval.question.tenant.as_deref();
        record.by = answer
            .zip(verification.as_ref())
            .map(|(answer, verification)| RecordedPrincipal::new(&answer.by, verification));
        record.reason = answer.and_then(|answer| answer.reason.as_deref());
        let record = Record::Revoked(&record);
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
        left: Option<u64>,
        durability: Durability,
    ) -> Result<(), Code> {
        let mut record = ApprovalConsumedRecord::new(self.inner().clock.now(), id, seq);
        record.left = left;
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
