//! What an asked call demands before it may run.

use std::time::Duration;

use crate::PrincipalId;

/// The set of things demanded before an asked call may run.
///
/// Sets unite and never shrink: what two rules demand together is everything that each of
/// them demands, within the shorter of their times.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Friction {
    /// The subject says yes.
    pub confirm: bool,
    /// The same call was run in the tool's dry-run mode and shown.
    pub preview: bool,
    /// Groups of approvers; every group must be satisfied.
    pub approvals: Vec<ApproverGroup>,
    /// How long an answer may take; `None` where nobody set a bound.
    pub expires_in: Option<Duration>,
}

impl Friction {
    /// Demands nothing.
    pub const NONE: Self = Self {
        confirm: false,
        preview: false,
        approvals: Vec::new(),
        expires_in: None,
    };

    /// Demands a confirmation by the subject, and nothing else.
    pub const CONFIRM: Self = Self {
        confirm: true,
        preview: false,
        approvals: Vec::new(),
        expires_in: None,
    };

    /// Whether nothing is demanded. A time alone demands nothing.
    pub fn is_empty(&self) -> bool {
        !self.confirm && !self.preview && self.approvals.is_empty()
    }

    /// Demands what `other` demands, too.
    pub fn unite(&mut self, other: &Self) {
        self.confirm |= other.confirm;
        self.preview |= other.preview;
        for group in &other.approvals {
            if !self.approvals.contains(group) {
                self.approvals.push(group.clone());
            }
        }
        self.expires_in = match (self.expires_in, other.expires_in) {
            (Some(mine), Some(theirs)) => Some(mine.min(theirs)),
            (one, None) | (None, one) => one,
        };
    }
}

/// So many different people out of one group must approve.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct ApproverGroup {
    /// Who may approve: any of these.
    pub from: Vec<Approver>,
    /// How many different people must; at least 1.
    pub count: u32,
}

impl ApproverGroup {
    /// `count` people out of `from` must approve.
    pub const fn new(from: Vec<Approver>, count: u32) -> Self {
        Self { from, count }
    }
}

/// Who may approve a call.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Approver {
    /// Whoever holds this role in the tenant of the call.
    Role(Box<str>),
    /// Whoever holds this scope in the tenant of the call.
    Scope(Box<str>),
    /// This principal.
    Principal(PrincipalId),
}

#[cfg(test)]
mod tests {
    use super::*;

    fn leads(count: u32) -> ApproverGroup {
        ApproverGroup::new(vec![Approver::Role("lead".into())], count)
    }

    #[test]
    fn sets_unite() {
        let mut friction = Friction::CONFIRM;
        friction.unite(&Friction {
            preview: true,
            approvals: vec![leads(1), leads(2)],
            expires_in: Some(Duration::from_secs(60)),
            ..Friction::NONE
        });
        friction.unite(&Friction {
            approvals: vec![leads(1)],
            expires_in: Some(Duration::from_secs(30)),
            ..Friction::NONE
        });
        assert_eq!(
            friction,
            Friction {
                confirm: true,
                preview: true,
                approvals: vec![leads(1), leads(2)],
                expires_in: Some(Duration::from_secs(30)),
            }
        );
    }

    #[test]
    fn time_alone_demands_nothing() {
        let mut friction = Friction::NONE;
        assert!(friction.is_empty());
        friction.expires_in = Some(Duration::from_secs(1));
        assert!(friction.is_empty());
        friction.unite(&Friction::CONFIRM);
        assert!(!friction.is_empty());
    }
}
