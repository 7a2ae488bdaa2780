//! The records: what happened, in a shape of its own for each kind.

mod apart;
mod approval;
mod caller;
mod checkpoint;
mod decision;
mod erased;
mod event;
mod extent;
mod keep;
mod key_changed;
mod limit;
mod not_begun;
mod outcome;
mod pruned;
mod review;
mod revoked;
mod task;
mod token;
mod write;

pub use apart::Apart;
pub(crate) use apart::write as write_apart;
pub use approval::{
    ApprovalAnsweredRecord, ApprovalAskedRecord, ApprovalConsumedRecord, BasisKind, BasisPart,
    RecordedPrincipal, Standing, Verdict,
};
pub use checkpoint::CheckpointRecord;
pub use decision::{DecisionRecord, RecordedResource};
pub use erased::{ErasedRecord, ErasedText};
pub use event::{GapRecord, PolicyLoadedRecord, RecoveredRecord};
pub use keep::{Keep, Kept};
pub use key_changed::KeyChangedRecord;
pub use limit::{LimitEffect, LimitKey, LimitReachedRecord, Window};
pub use not_begun::{AbandonedRecord, NotBegunReason, NotBegunRecord};
pub use outcome::{Masked, OutcomeRecord, OutcomeStatus};
pub use pruned::PrunedRecord;
pub use review::{ReviewDecidedRecord, ReviewVerdict};
pub use revoked::{Revocable, Revocation, RevokedRecord};
pub use task::{Budget, TaskBegunRecord, TaskEnd, TaskEndedRecord};
pub use token::{CredentialIssuedRecord, TokenIssuedRecord, TokenRevokedRecord};

use chrono::{DateTime, Utc};

use self::extent::Extent;
use crate::chain::MAX_TAIL;
use crate::encode::{Object, push_time};
use crate::line::MAX_LINE;

/// How far a record must be safe before its caller goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Durability {
    /// The sink has taken it.
    Accepted,
    /// It survives loss of power.
    Durable,
}

impl Durability {
    /// The word for it in records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Durable => "durable",
        }
    }
}

/// One entry of the log; `docs/spec/audit-log.md` says how it is written.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub enum Record<'a> {
    /// A call was decided.
    Decision(&'a DecisionRecord<'a>),
    /// A call that ran has ended.
    Outcome(OutcomeRecord<'a>),
    /// A call that was allowed was not begun.
    NotBegun(NotBegunRecord),
    /// A call that was begun never told how it ended.
    Abandoned(AbandonedRecord),
    /// Records were lost.
    Gap(GapRecord),
    /// A torn end of the log was moved aside.
    Recovered(RecoveredRecord<'a>),
    /// A policy came into force.
    PolicyLoaded(PolicyLoadedRecord<'a>),
    /// An approval was asked for.
    ApprovalAsked(&'a ApprovalAskedRecord<'a>),
    /// An approval was answered, or ended without an answer.
    ApprovalAnswered(&'a ApprovalAnsweredRecord<'a>),
    /// An approval was used up by a call.
    ApprovalConsumed(ApprovalConsumedRecord<'a>),
    /// A task was begun.
    TaskBegun(&'a TaskBegunRecord<'a>),
    /// A task has ended.
    TaskEnded(&'a TaskEndedRecord<'a>),
    /// A capability token was issued.
    TokenIssued(&'a TokenIssuedRecord<'a>),
    /// A capability token was revoked.
    TokenRevoked(TokenRevokedRecord<'a>),
    /// What calls rest on was revoked, or put in quarantine.
    Revoked(&'a RevokedRecord<'a>),
    /// A tool's credential was fetched.
    CredentialIssued(&'a CredentialIssuedRecord<'a>),
    /// A call ran into a limit.
    LimitReached(&'a LimitReachedRecord<'a>),
    /// A review has decided.
    ReviewDecided(&'a ReviewDecidedRecord<'a>),
    /// Clear texts were erased.
    Erased(&'a ErasedRecord<'a>),
    /// All records until now, in one signed statement.
    Checkpoint(CheckpointRecord<'a>),
    /// Another key signs from now on.
    KeyChanged(KeyChangedRecord<'a>),
    /// The first records were removed.
    Pruned(&'a PrunedRecord<'a>),
}

impl Record<'_> {
    /// The word for the kind.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Decision(_) => "decision",
            Self::Outcome(_) => "outcome",
            Self::NotBegun(_) => "not_begun",
            Self::Abandoned(_) => "abandoned",
            Self::Gap(_) => "gap",
            Self::Recovered(_) => "recovered",
            Self::PolicyLoaded(_) => "policy_loaded",
            Self::ApprovalAsked(_) => "approval_asked",
            Self::ApprovalAnswered(_) => "approval_answered",
            Self::ApprovalConsumed(_) => "approval_consumed",
            Self::TaskBegun(_) => "task_begun",
            Self::TaskEnded(_) => "task_ended",
            Self::TokenIssued(_) => "token_issued",
            Self::TokenRevoked(_) => "token_revoked",
            Self::Revoked(_) => "revoked",
            Self::CredentialIssued(_) => "credential_issued",
            Self::LimitReached(_) => "limit_reached",
            Self::ReviewDecided(_) => "review_decided",
            Self::Erased(_) => "erased",
            Self::Checkpoint(_) => "checkpoint",
            Self::KeyChanged(_) => "key_changed",
            Self::Pruned(_) => "pruned",
        }
    }

    /// When it happened.
    pub const fn time(&self) -> DateTime<Utc> {
        match self {
            Self::Decision(record) => record.time,
            Self::Outcome(record) => record.time,
            Self::NotBegun(record) => record.time,
            Self::Abandoned(record) => record.time,
            Self::Gap(record) => record.time,
            Self::Recovered(record) => record.time,
            Self::PolicyLoaded(record) => record.time,
            Self::ApprovalAsked(record) => record.time,
            Self::ApprovalAnswered(record) => record.time,
            Self::ApprovalConsumed(record) => record.time,
            Self::TaskBegun(record) => record.time,
            Self::TaskEnded(record) => record.time,
            Self::TokenIssued(record) => record.time,
            Self::TokenRevoked(record) => record.time,
            Self::Revoked(record) => record.time,
            Self::CredentialIssued(record) => record.time,
            Self::LimitReached(record) => record.time,
            Self::ReviewDecided(record) => record.time,
            Self::Erased(record) => record.time,
            Self::Checkpoint(record) => record.time,
            Self::KeyChanged(record) => record.time,
            Self::Pruned(record) => record.time,
        }
    }

    /// Replaces what is in `body` with this record, up to its tail; `durable` is the number of
    /// records known to be durable. A [`Journal`](crate::Journal) does this by itself.
    ///
    /// A record that would be too long is written again with less: first without texts, then
    /// with short lists. It says what it left out.
    pub fn encode(&self, durable: u64, body: &mut Vec<u8>) {
        for extent in Extent::ALL {
            body.clear();
            self.write(durable, extent, body);
            if body.len() <= MAX_LINE.saturating_sub(MAX_TAIL) {
                return;
            }
        }
    }

    fn write(&self, durable: u64, extent: Extent, body: &mut Vec<u8>) {
        body.extend_from_slice(b"{\"v\":1,\"kind\":\"");
        body.extend_from_slice(self.kind().as_bytes());
        body.extend_from_slice(b"\",\"time\":\"");
        push_time(body, self.time());
        body.push(b'"');
        let mut object = Object::resume(body);
        object.number("durable", durable);
        match self {
            Self::Decision(record) => record.write(extent, &mut object),
            Self::Outcome(record) => record.write(extent, &mut object),
            Self::NotBegun(record) => record.write(&mut object),
            Self::Abandoned(record) => record.write(&mut object),
            Self::Gap(record) => record.write(&mut object),
            Self::Recovered(record) => record.write(&mut object),
            Self::PolicyLoaded(record) => record.write(&mut object),
            Self::ApprovalAsked(record) => record.write(extent, &mut object),
            Self::ApprovalAnswered(record) => record.write(&mut object),
            Self::ApprovalConsumed(record) => record.write(&mut object),
            Self::TaskBegun(record) => record.write(extent, &mut object),
            Self::TaskEnded(record) => record.write(&mut object),
            Self::TokenIssued(record) => record.write(extent, &mut object),
            Self::TokenRevoked(record) => record.write(&mut object),
            Self::Revoked(record) => record.write(&mut object),
            Self::CredentialIssued(record) => record.write(extent, &mut object),
            Self::LimitReached(record) => record.write(extent, &mut object),
            Self::ReviewDecided(record) => record.write(&mut object),
            Self::Erased(record) => record.write(&mut object),
            Self::Checkpoint(record) => record.write(&mut object),
            Self::KeyChanged(record) => record.write(&mut object),
            Self::Pruned(record) => record.write(&mut object),
        }
    }
}
