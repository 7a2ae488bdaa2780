//! One approval as a row: its body, which is the truth, and what is beside it to find it by.

use callgate_approval::{Approval, ApprovalId, State, StoreError};
use callgate_types::Digest;
use chrono::{DateTime, Utc};

use crate::PostgresSinkError;

/// Of what never holds the place of a call.
const NEVER: i64 = i64::MIN;

/// What is kept of an approval. Times are in microseconds since the beginning of 1970, and whatever ends at one
/// has ended at it.
pub(super) struct Row {
    pub(super) id: Vec<u8>,
    pub(super) revision: i64,
    pub(super) binding: Vec<u8>,
    /// Whose asks are counted together.
    pub(super) asker: Vec<u8>,
    pub(super) tenant: Option<Vec<u8>>,
    pub(super) asked: i64,
    pub(super) expires: i64,
    pub(super) is_open: bool,
    /// Until when it holds the place of its call.
    pub(super) holds_until: i64,
    /// From when on nothing comes of it any more.
    pub(super) dead_at: i64,
    /// As JSON.
    pub(super) body: Vec<u8>,
}

impl Row {
    pub(super) fn of(approval: &Approval) -> Result<Self, StoreError> {
        let question = &approval.question;
        let tenant = question.tenant.as_deref();
        let expires = end(approval.expires_at);
        let (holds_until, dead_at) = match approval.state {
            State::Asked | State::Approved | State::Refused => (expires, expires),
            State::Claimed(claim) => {
                let until = end(claim.until).max(expires);
                (until, until)
            }
            _ => (NEVER, expires),
        };
        Ok(Self {
            id: approval.id.as_bytes().to_vec(),
            revision: i64::try_from(approval.revision).map_err(StoreError::new)?,
            binding: question.binding.as_bytes().to_vec(),
            asker: asker(tenant, question.subject.as_str()),
            tenant: tenant.map(|tenant| tenant.as_bytes().to_vec()),
            asked: approval.asked_at.timestamp_micros(),
            expires,
            is_open: approval.is_open(),
            holds_until,
            dead_at,
            body: serde_json::to_vec(approval).map_err(StoreError::new)?,
        })
    }
}

/// A subject of a tenant, whatever both are called.
pub(super) fn asker(tenant: Option<&str>, subject: &str) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(96);
    bytes.extend_from_slice(b"callgate asker v1\n");
    bytes.push(u8::from(tenant.is_some()));
    let tenant = tenant.unwrap_or_default();
    // The length keeps two parts from running into one another.
    bytes.extend_from_slice(
        &u64::try_from(tenant.len())
            .unwrap_or(u64::MAX)
            .to_be_bytes(),
    );
    bytes.extend_from_slice(tenant.as_bytes());
    bytes.extend_from_slice(subject.as_bytes());
    Digest::of(&bytes).as_bytes().to_vec()
}

/// The approval that `body` holds, which has to be the one `id`.
pub(super) fn read(body: &[u8], id: &[u8]) -> Result<Approval, PostgresSinkError> {
    let approval: Approval =
        serde_json::from_slice(body).map_err(|_| PostgresSinkError::BadApproval)?;
    if approval.id.as_bytes() == id {
        return Ok(approval);
    }
    Err(PostgresSinkError::BadApproval)
}

/// The bytes of an id, as the server takes them.
pub(super) fn bytes(id: ApprovalId) -> Vec<u8> {
    id.as_bytes().to_vec()
}

/// The time of the server.
pub(super) fn time(micros: i64) -> Result<DateTime<Utc>, PostgresSinkError> {
    DateTime::from_timestamp_micros(micros).ok_or(PostgresSinkError::BadApproval)
}

/// The first microsecond that is not before `time`.
pub(super) fn end(time: DateTime<Utc>) -> i64 {
    let part = time.timestamp_subsec_nanos().checked_rem(1_000);
    time.timestamp_micros()
        .saturating_add(i64::from(part.is_some_and(|part| part > 0)))
}

#[cfg(test)]
pub(super) mod tests {
    use std::time::Duration;

    use callgate_approval::{ApprovalId, Question, Withdrawn};
    use callgate_types::{Approver, ApproverGroup, Caller, Context, Friction, Principal, ToolCall};
    use chrono::TimeDelta;

    use super::*;

    pub(in crate::approvals) fn asked() -> Approval {
        let alice = Principal::asserted("user:alice".parse().unwrap());
        let alice = alice.member_of("acme", ["support"]);
        let caller = Caller::of(alice).in_tenant("acme").unwrap();
        let mut friction = Friction::NONE;
        friction.approvals = vec![ApproverGroup::new(vec![Approver::Role("lead".into())], 1)];
        let call = ToolCall::from_text("pay", "{}");
        let context = Context::new();
        let question = Question::new(&caller, &call, &context, &friction, Vec::new(), "pay");
        let id = ApprovalId::from_bytes([7; 16]);
        let now = DateTime::from_timestamp_micros(1_770_000_000_000_001).unwrap();
        Approval::new(id, question.unwrap(), now, Duration::from_secs(60))
    }

    /// What is beside the body says what the approval itself says, around every moment at which that
    /// changes.
    #[track_caller]
    fn check(approval: &Approval) {
        let row = Row::of(approval).unwrap();
        let until = match approval.state {
            State::Claimed(claim) => claim.until,
            _ => approval.expires_at,
        };
        for moment in [approval.asked_at, approval.expires_at, until] {
            for shift in [-1, 0, 1] {
                // The server tells whole microseconds.
                let micros = moment.timestamp_micros().saturating_add(shift);
                let now = time(micros).unwrap();
                let state = approval.state.as_str();
                assert_eq!(
                    micros < row.holds_until,
                    approval.holds_place(now),
                    "{state}"
                );
                assert_eq!(micros >= row.dead_at, approval.is_dead(now), "{state}");
            }
        }
        assert_eq!(row.is_open, approval.is_open());
        assert_eq!(read(&row.body, &row.id).unwrap(), *approval);
    }

    #[test]
    fn columns_say_what_the_approval_says() {
        let asked = asked();
        check(&asked);
        let now = asked.asked_at;
        let by = ApprovalId::from_bytes([9; 16]);
        let mut approved = asked.clone();
        approved.state = State::Approved;
        check(&approved);
        let mut refused = asked.clone();
        refused.state = State::Refused;
        check(&refused);
        for time in [Duration::from_secs(1), Duration::from_secs(600)] {
            let claimed = approved.claim(now, by, time).unwrap().next;
            check(&claimed);
            check(&claimed.consume(by).unwrap().next);
        }
        check(&asked.withdraw(now, Withdrawn::Cancelled).unwrap().next);
        check(&asked.withdraw(now, Withdrawn::Superseded).unwrap().next);
        check(&asked.expire(asked.expires_at).unwrap().next);
        // Others may hand over times that are finer than the server's.
        let mut fine = asked.clone();
        let nanosecond = TimeDelta::nanoseconds(1);
        fine.expires_at = fine.expires_at.checked_add_signed(nanosecond).unwrap();
        check(&fine);
    }

    #[test]
    fn askers_that_are_not_the_same() {
        let all = [
            asker(None, "user:alice"),
            asker(Some(""), "user:alice"),
            asker(Some("acme"), "user:alice"),
            asker(Some("acmeuser"), ":alice"),
            asker(Some("acme"), "user:bob"),
        ];
        for (place, one) in all.iter().enumerate() {
            assert!(!all[..place].contains(one), "{place}");
        }
        assert_eq!(all[2], asker(Some("acme"), "user:alice"));
    }

    #[test]
    fn body_of_another_approval() {
        let row = Row::of(&asked()).unwrap();
        assert!(read(&row.body, &[8; 16]).is_err());
        assert!(read(b"{}", &row.id).is_err());
    }
}
