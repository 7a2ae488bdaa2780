//! One standing approval as a row.

use callgate_approval::standing::{StandingApproval, Whose};
use callgate_approval::{Approval, State, StoreError};
use callgate_types::Digest;
use serde_json::{Map, Value};

use crate::PostgresSinkError;
use crate::approvals::row::end;

/// The key of what is kept in a column of its own, beside the terms.
const APPROVAL: &str = "approval";
const USED: &str = "used";

/// What a step changes.
pub(super) struct Changing {
    pub(super) id: Vec<u8>,
    pub(super) revision: i64,
    pub(super) approved: bool,
    pub(super) is_open: bool,
    pub(super) untold: bool,
    /// As JSON.
    pub(super) approval: Vec<u8>,
}

/// What is kept of a new one. Times are in microseconds since the beginning of 1970, and whatever ends at one
/// has ended at it.
pub(super) struct Row {
    pub(super) changing: Changing,
    pub(super) whose: Vec<u8>,
    pub(super) tenant: Option<Vec<u8>>,
    pub(super) asked: i64,
    pub(super) expires: i64,
    pub(super) uses: i64,
    pub(super) used: i64,
    /// What it is for, as JSON: all but the approval, and how many uses are spent.
    pub(super) terms: Vec<u8>,
}

impl Changing {
    pub(super) fn of(approval: &Approval) -> Result<Self, StoreError> {
        let answers = &approval.answers;
        Ok(Self {
            id: approval.id.as_bytes().to_vec(),
            revision: i64::try_from(approval.revision).map_err(StoreError::new)?,
            approved: approval.state == State::Approved,
            is_open: approval.is_open(),
            untold: approval.unrecorded || answers.iter().any(|answer| answer.unrecorded),
            approval: serde_json::to_vec(approval).map_err(StoreError::new)?,
        })
    }
}

impl Row {
    pub(super) fn of(new: &StandingApproval) -> Result<Self, StoreError> {
        let approval = &new.approval;
        let tenant = approval.question.tenant.as_deref();
        let mut terms = serde_json::to_value(new).map_err(StoreError::new)?;
        if let Some(terms) = terms.as_object_mut() {
            terms.remove(APPROVAL);
            terms.remove(USED);
        }
        Ok(Self {
            changing: Changing::of(approval)?,
            whose: whose(&Whose::of(new)),
            tenant: tenant.map(|tenant| tenant.as_bytes().to_vec()),
            asked: approval.asked_at.timestamp_micros(),
            expires: end(approval.expires_at),
            uses: i64::try_from(new.uses).map_err(StoreError::new)?,
            used: i64::try_from(new.used).map_err(StoreError::new)?,
            terms: serde_json::to_vec(&terms).map_err(StoreError::new)?,
        })
    }
}

/// A subject of a tenant and a tool, whatever all three are called.
pub(super) fn whose(whose: &Whose<'_>) -> Vec<u8> {
    let mut bytes = Vec::with_capacity(128);
    bytes.extend_from_slice(b"callgate standing approvals of v1\n");
    bytes.push(u8::from(whose.tenant.is_some()));
    for part in [
        whose.tenant.unwrap_or_default(),
        whose.subject.as_str(),
        whose.tool,
    ] {
        // The length keeps two parts from running into one another.
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        bytes.extend_from_slice(&length.to_be_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    Digest::of(&bytes).as_bytes().to_vec()
}

/// The standing approval of these parts, which has to be the one `id`.
pub(super) fn read(
    id: &[u8],
    terms: &[u8],
    approval: &[u8],
    used: i64,
) -> Result<StandingApproval, PostgresSinkError> {
    let standing = || -> Option<StandingApproval> {
        let mut whole: Map<String, Value> = serde_json::from_slice(terms).ok()?;
        let approval: Value = serde_json::from_slice(approval).ok()?;
        // Terms that speak of either were not written here.
        let spoken = whole.insert(APPROVAL.to_owned(), approval);
        let used = u64::try_from(used).ok()?;
        let counted = whole.insert(USED.to_owned(), used.into());
        if spoken.is_some() || counted.is_some() {
            return None;
        }
        serde_json::from_value(Value::Object(whole)).ok()
    };
    standing()
        .filter(|found| found.approval.id.as_bytes() == id)
        .ok_or(PostgresSinkError::BadApproval)
}

#[cfg(test)]
mod tests {
    use callgate_types::PrincipalId;

    use super::*;

    #[test]
    fn calls_that_are_not_the_same() {
        let (alice, bob): (PrincipalId, PrincipalId) =
            ("user:alice".parse().unwrap(), "user:bob".parse().unwrap());
        let all = [
            whose(&Whose::new(None, &alice, "pay")),
            whose(&Whose::new(Some(""), &alice, "pay")),
            whose(&Whose::new(Some("acme"), &alice, "pay")),
            whose(&Whose::new(Some("acme"), &alice, "pa")),
            whose(&Whose::new(Some("acme"), &bob, "pay")),
        ];
        for (place, one) in all.iter().enumerate() {
            assert!(!all[..place].contains(one), "{place}");
        }
        assert_eq!(all[2], whose(&Whose::new(Some("acme"), &alice, "pay")));
    }
}
