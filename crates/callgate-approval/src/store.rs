//! Where approvals are kept.

use std::error::Error;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use callgate_types::{Digest, PrincipalId};
use chrono::{DateTime, Utc};

use crate::{Approval, ApprovalId, Step};

/// Where approvals are kept: the one truth about them.
///
/// A store decides nothing: it keeps what it is given, one step after the other, and tells the time.
/// All that processes do at once happens as if one after the other: **each call here takes place
/// at one moment, the same for all processes**, and the time that it tells or compares with is that of
/// the store at this very moment. So no two permits get hold of one approval, and no answer lands that
/// came too late, whatever the clocks of hosts say.
///
/// Calls may come from many threads at once. `callgate_approval::testkit` tries whether a store
/// keeps this.
pub trait ApprovalStore: Send + Sync {
    /// What there is about a call with this binding, and how much its caller has asked of late.
    ///
    /// Of several approvals with one binding it is the one that holds its place; where none does, the one
    /// that was asked last.
    ///
    /// # Errors
    ///
    /// Fails where nobody can tell.
    fn find(&self, look: &Look<'_>) -> Result<Found, StoreError>;

    /// Keeps `new`, unless another one [holds its place](Approval::holds_place) now: then gives that
    /// one. And unless its caller has asked too often: at most `allowed`, or without bound.
    ///
    /// # Errors
    ///
    /// Fails where it is not known to be kept. Nothing is kept where the store is full, or its
    /// clock says that `new` has expired already.
    fn open(&self, new: &Approval, allowed: Option<Allowance>) -> Result<Opened, StoreError>;

    /// The approval `id` and the time now; `None` where there is none.
    ///
    /// # Errors
    ///
    /// Fails where nobody can tell.
    fn load(&self, id: ApprovalId) -> Result<Loaded, StoreError>;

    /// Keeps `step.next` in the place of the approval with its id, if that one has the revision
    /// before, and the time now is inside the window of the step.
    ///
    /// # Errors
    ///
    /// Fails where it is not known to be kept: it may be, and [`load`](Self::load) tells.
    fn take(&self, step: &Step) -> Result<Taken, StoreError>;

    /// Approvals in the order in which they were asked, from behind `after` on.
    ///
    /// # Errors
    ///
    /// Fails where nobody can tell.
    fn list(&self, what: &Listing<'_>) -> Result<Listed, StoreError>;

    /// Forgets approvals that are [dead](Approval::is_dead) and expired at least `since` ago. Says
    /// how many.
    ///
    /// # Errors
    ///
    /// Fails where it is not known whether they are forgotten.
    fn forget_dead(&self, since: Duration) -> Result<u64, StoreError>;
}

/// What is looked for before something is asked.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Look<'a> {
    /// The call.
    pub binding: Digest,
    /// The tenant of the caller.
    pub tenant: Option<&'a str>,
    /// Whose authority is used.
    pub subject: &'a PrincipalId,
    /// Over which time the asks of this subject are counted.
    pub within: Duration,
}

impl<'a> Look<'a> {
    /// Looks for `binding`, and counts what `subject` in `tenant` asked `within` this time.
    pub const fn new(
        binding: Digest,
        tenant: Option<&'a str>,
        subject: &'a PrincipalId,
        within: Duration,
    ) -> Self {
        Self {
            binding,
            tenant,
            subject,
            within,
        }
    }
}

/// What there was.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Found {
    /// The time of the store.
    pub now: DateTime<Utc>,
    /// The approval with this binding: the one that holds its place, or else was asked last.
    pub approval: Option<Approval>,
    /// How many approvals were asked for this subject in this tenant of late.
    pub asked: u64,
}

impl Found {
    /// At `now` there was `approval`, and `asked` of late.
    pub const fn new(now: DateTime<Utc>, approval: Option<Approval>, asked: u64) -> Self {
        Self {
            now,
            approval,
            asked,
        }
    }
}

/// How many approvals one subject of a tenant may ask for within a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Allowance {
    /// So many.
    pub at_most: u64,
    /// Within this time.
    pub within: Duration,
}

impl Allowance {
    /// `at_most` within this time.
    pub const fn new(at_most: u64, within: Duration) -> Self {
        Self { at_most, within }
    }
}

/// What became of a new approval.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Opened {
    /// It is kept.
    New,
    /// This one holds its place.
    There(Box<Approval>),
    /// Its caller has asked too often.
    TooMany,
}

/// What was loaded.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Loaded {
    /// The time of the store.
    pub now: DateTime<Utc>,
    /// The approval; `None` where there is none.
    pub approval: Option<Approval>,
}

impl Loaded {
    /// At `now` there was `approval`.
    pub const fn new(now: DateTime<Utc>, approval: Option<Approval>) -> Self {
        Self { now, approval }
    }
}

/// What became of a step.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Taken {
    /// It was taken.
    Yes,
    /// Somebody was faster, or there is no such approval.
    Moved,
    /// The time is outside the window of the step.
    OutOfTime,
}

/// What is listed.
#[derive(Clone, Copy, Debug, Default)]
#[non_exhaustive]
pub struct Listing<'a> {
    /// Of this tenant alone; `None` is all of them.
    pub tenant: Option<&'a str>,
    /// Also those that have ended.
    pub ended: bool,
    /// From behind this one on.
    pub after: Option<(DateTime<Utc>, ApprovalId)>,
    /// At most so many.
    pub most: usize,
}

impl<'a> Listing<'a> {
    /// Most approvals that are listed at once.
    pub const MOST: usize = 1_000;

    /// Those that have not ended, of all tenants.
    pub const fn new() -> Self {
        Self {
            tenant: None,
            ended: false,
            after: None,
            most: Self::MOST,
        }
    }

    /// Of `tenant` alone.
    #[must_use]
    pub const fn of_tenant(mut self, tenant: &'a str) -> Self {
        self.tenant = Some(tenant);
        self
    }

    /// Also those that have ended.
    #[must_use]
    pub const fn with_ended(mut self) -> Self {
        self.ended = true;
        self
    }

    /// From behind `approval` on.
    #[must_use]
    pub const fn after(mut self, approval: &Approval) -> Self {
        self.after = Some((approval.asked_at, approval.id));
        self
    }

    /// Whether `approval` is in it at `now`, but for the bound on how many.
    pub fn takes(&self, approval: &Approval, now: DateTime<Utc>) -> bool {
        let tenant = approval.question.tenant.as_deref();
        let place = (approval.asked_at, approval.id);
        self.tenant.is_none_or(|of| tenant == Some(of))
            && self.after.is_none_or(|after| place > after)
            && (self.ended || (approval.is_open() && !approval.is_dead(now)))
    }
}

/// What was listed.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Listed {
    /// The time of the store.
    pub now: DateTime<Utc>,
    /// In the order in which they were asked.
    pub approvals: Vec<Approval>,
}

impl Listed {
    /// At `now` there were `approvals`.
    pub const fn new(now: DateTime<Utc>, approvals: Vec<Approval>) -> Self {
        Self { now, approvals }
    }
}

/// A store did not do what it was asked, or nobody knows whether it did.
#[derive(Clone)]
pub struct StoreError(Arc<dyn Error + Send + Sync>);

impl StoreError {
    /// For this cause.
    pub fn new(cause: impl Into<Box<dyn Error + Send + Sync>>) -> Self {
        Self(cause.into().into())
    }
}

impl fmt::Debug for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("StoreError").field(&self.0).finish()
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("the store of approvals failed")
    }
}

impl Error for StoreError {
    fn source(&self) -> Option<&(dyn Error + 'static)> {
        Some(&*self.0)
    }
}
