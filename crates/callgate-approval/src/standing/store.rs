//! Where standing approvals are kept.

use std::time::Duration;

use callgate_types::PrincipalId;
use chrono::{DateTime, Utc};

use super::StandingApproval;
use crate::{ApprovalId, Listing, Step, StoreError, Taken};

/// Most standing approvals of one tool for one subject of a tenant that are in force, or may come to
/// be.
pub const MOST: usize = 32;

/// Where standing approvals are kept: the one truth about them.
///
/// As for an [`ApprovalStore`](crate::ApprovalStore), **each call here takes place at one moment, the
/// same for all processes**, and the time that it tells or compares with is that of the store at this
/// very moment. So no more uses are spent than there are, and none once it was revoked.
/// `callgate_approval::standing::testkit` tries whether a store keeps this.
pub trait StandingApprovalStore: Send + Sync {
    /// Keeps `new`, unless [`MOST`] others of the same tool and subject of the same tenant are open.
    ///
    /// # Errors
    ///
    /// Fails where it is not known to be kept. Nothing is kept where the store is full, its clock says
    /// that `new` has expired already, or another one has its id.
    fn give(&self, new: &StandingApproval) -> Result<Given, StoreError>;

    /// The standing approval `id` and the time now; `None` where there is none.
    ///
    /// # Errors
    ///
    /// Fails where nobody can tell.
    fn load(&self, id: ApprovalId) -> Result<StandingLoaded, StoreError>;

    /// Those of `whose` calls that are [in force](StandingApproval::is_in_force), and those of which
    /// [the log does not know](StandingApproval::is_unrecorded); at most [`MOST`] of each, those first
    /// that end first.
    ///
    /// # Errors
    ///
    /// Fails where nobody can tell.
    fn find(&self, whose: &Whose<'_>) -> Result<StandingListed, StoreError>;

    /// Keeps `step.next` in the place of what is asked in the standing approval of its id, if that one
    /// has the revision before, and the time now is inside the window of the step. How many uses are
    /// spent stays as it is.
    ///
    /// # Errors
    ///
    /// Fails where it is not known to be kept: it may be, and [`load`](Self::load) tells.
    fn take(&self, step: &Step) -> Result<Taken, StoreError>;

    /// Spends one use of the standing approval `id`, if it is in force now.
    ///
    /// # Errors
    ///
    /// Fails where it is not known to be spent: it may be, and then it is.
    fn spend(&self, id: ApprovalId) -> Result<Spent, StoreError>;

    /// Standing approvals in the order in which they were asked for, from behind `after` on.
    ///
    /// # Errors
    ///
    /// Fails where nobody can tell.
    fn list(&self, what: &Listing<'_>) -> Result<StandingListed, StoreError>;

    /// Forgets those that expired at least `since` ago. Says how many.
    ///
    /// # Errors
    ///
    /// Fails where it is not known whether they are forgotten.
    fn forget_dead(&self, since: Duration) -> Result<u64, StoreError>;
}

/// Whose calls of which tool.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Whose<'a> {
    /// The tenant of the caller.
    pub tenant: Option<&'a str>,
    /// Whose authority is used.
    pub subject: &'a PrincipalId,
    /// The tool.
    pub tool: &'a str,
}

impl<'a> Whose<'a> {
    /// Calls of `tool` for `subject` in `tenant`.
    pub const fn new(tenant: Option<&'a str>, subject: &'a PrincipalId, tool: &'a str) -> Self {
        Self {
            tenant,
            subject,
            tool,
        }
    }

    /// Those that `standing` is for.
    pub fn of(standing: &'a StandingApproval) -> Self {
        let question = &standing.approval.question;
        Self::new(
            question.tenant.as_deref(),
            &question.subject,
            &question.tool,
        )
    }

    /// Whether `standing` is for such calls.
    pub fn is_of(&self, standing: &StandingApproval) -> bool {
        let other = Whose::of(standing);
        (self.tenant, self.subject, self.tool) == (other.tenant, other.subject, other.tool)
    }
}

/// What became of a new standing approval.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Given {
    /// It is kept.
    New,
    /// There are as many as there may be.
    TooMany,
}

/// What became of a use.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Spent {
    /// It is spent, and so many are left.
    Left(u64),
    /// None was left.
    UsedUp,
    /// The time is over.
    OutOfTime,
    /// It is not approved: somebody revoked it, say.
    NotInForce,
}

/// What was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StandingLoaded {
    /// The time of the store.
    pub now: DateTime<Utc>,
    /// The standing approval; `None` where there is none.
    pub standing: Option<StandingApproval>,
}

impl StandingLoaded {
    /// At `now` there was `standing`.
    pub const fn new(now: DateTime<Utc>, standing: Option<StandingApproval>) -> Self {
        Self { now, standing }
    }
}

/// What was listed, or found.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StandingListed {
    /// The time of the store.
    pub now: DateTime<Utc>,
    /// Those that there were.
    pub standing: Vec<StandingApproval>,
}

impl StandingListed {
    /// At `now` there were `standing`.
    pub const fn new(now: DateTime<Utc>, standing: Vec<StandingApproval>) -> Self {
        Self { now, standing }
    }
}

impl StandingApproval {
    /// What a store does to spend a use at `now`: it keeps what this one is afterwards, where a use is
    /// left.
    pub fn spend(&mut self, now: DateTime<Utc>) -> Spent {
        if self.approval.state != crate::State::Approved {
            return Spent::NotInForce;
        }
        if now >= self.approval.expires_at {
            return Spent::OutOfTime;
        }
        match self
            .uses
            .checked_sub(self.used)
            .and_then(|left| left.checked_sub(1))
        {
            Some(left) => {
                self.used = self.used.saturating_add(1);
                Spent::Left(left)
            }
            None => Spent::UsedUp,
        }
    }

    /// Whether it is among those that `what` lists at `now`, but for the bound on how many.
    pub fn is_listed(&self, what: &Listing<'_>, now: DateTime<Utc>) -> bool {
        let used_up = self.used >= self.uses;
        what.takes(&self.approval, now) && (what.ended || !used_up)
    }
}
