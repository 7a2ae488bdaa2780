//! Taking back, putting in quarantine, and lifting that.

use callgate_audit::{
    Record, Revocable, Revocation as Action, RevokedRecord, TaskEnd, TokenRevokedRecord,
};
use callgate_identity::standing::{
    Change, Lift, Position, Quarantine, Quarantined, Revocation, StoreError,
};
use callgate_types::Principal;

use super::task::in_force;
use super::{LiftError, RestrictError};
use crate::{AuditError, Gate};

/// What the log says where the store did not take the end of a quarantine.
const NOT_LIFTED: &str = "the store did not take the end of the quarantine";

impl Gate {
    /// Takes a principal, a session, a task or a token back, for good.
    ///
    /// It is in force here before the store and the log are asked: from the moment in which this
    /// returns, whatever it returns but a refusal, no permit that was given out before begins. In other
    /// processes it is in force within the time for which their look at the store counts.
    ///
    /// `by` has to belong to the tenant; or to hold a role in every tenant that the policy lets cross
    /// into this one, and into all (`"*"`) for what holds in all of them.
    ///
    /// # Errors
    ///
    /// Says what is amiss; [`RestrictError::is_in_force`] says whether it is in force here all the
    /// same.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate::standing::{MemoryStanding, Revocation};
    /// use callgate::{Caller, Context, Gate, MemorySink, Principal, ToolCall};
    ///
    /// let policy = callgate::parse_policy(
    ///     "format = 1\nname = \"desk\"\n[tools.look]\naccess = \"read\"\nscope = \"none\"\n\
    ///      [[rules]]\nid = \"any\"\neffect = \"permit\"\n",
    ///     "desk.toml",
    /// )?;
    /// let gate = Gate::builder()
    ///     .policy(policy)
    ///     .audit(MemorySink::new())
    ///     .standing(MemoryStanding::new(chrono::Utc::now))
    ///     .build()?;
    /// let officer = Principal::asserted("user:officer".parse()?).member_of("acme", ["security"]);
    /// let alice = Principal::asserted("user:alice".parse()?).member_of("acme", ["support"]);
    /// let bot = Principal::asserted("agent:support-bot".parse()?);
    /// let caller = Caller::of(alice).acting(bot.clone()).in_tenant("acme")?;
    ///
    /// let leaked = Revocation::principal(Some("acme"), bot.id().clone())?;
    /// gate.revoke(&leaked, &officer, "its key was found on a wall")?;
    /// let denied = gate.authorize(&caller, ToolCall::from_text("look", "{}"), &Context::new());
    /// assert_eq!(denied.code().as_str(), "caller_revoked");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn revoke(
        &self,
        target: &Revocation,
        by: &Principal,
        reason: &str,
    ) -> Result<(), RestrictError> {
        let inner = self.inner();
        let watch = inner.watch.as_ref().ok_or(RestrictError::NoStore)?;
        let tenant = target.tenant();
        if !self.may_revoke(by, target) {
            return Err(RestrictError::OtherTenant);
        }
        if let Revocation::Task { id, .. } = target {
            return self.end_task(tenant, id, TaskEnd::Revoked, by, reason);
        }
        let shared = watch.restrict(&Change::revoke(target.clone(), by.id().clone()));
        let now = inner.clock.now();
        let recorded = if let Revocation::Token { id, .. } = target {
            let mut record = TokenRevokedRecord::new(now, id);
            record.by = Some(by);
            record.reason = Some(reason);
            inner.ledger.keep(&Record::TokenRevoked(record))
        } else {
            let of = match target {
                Revocation::Session { .. } => Revocable::Session,
                _ => Revocable::Principal,
            };
            let mut record = RevokedRecord::new(now, of, target.id());
            (record.tenant, record.by) = (tenant, Some(by.into()));
            record.reason = Some(reason);
            inner.ledger.keep(&Record::Revoked(&record))
        };
        told(Done { shared, recorded })
    }

    /// Allows nothing to a principal or a tenant until that is lifted.
    ///
    /// In force, and refused, as [`revoke`](Self::revoke) is.
    ///
    /// # Errors
    ///
    /// As [`revoke`](Self::revoke).
    pub fn quarantine(
        &self,
        quarantine: &Quarantine,
        by: &Principal,
        reason: &str,
    ) -> Result<(), RestrictError> {
        let inner = self.inner();
        let watch = inner.watch.as_ref().ok_or(RestrictError::NoStore)?;
        if !self.may_order(by, quarantine.target()) {
            return Err(RestrictError::OtherTenant);
        }
        let change = Change::quarantine(quarantine.clone(), by.id().clone());
        let shared = watch.restrict(&change);
        let recorded =
            self.record_quarantine(quarantine.target(), Action::Quarantined, by, reason, true);
        told(Done { shared, recorded })
    }

    /// Lifts every quarantine of `target` that was ordered until now.
    ///
    /// Needs the store, and is recorded, durably, before it is lifted.
    ///
    /// # Errors
    ///
    /// Says why it was not lifted, or is not known to be.
    pub fn lift(
        &self,
        target: &Quarantined,
        by: &Principal,
        reason: &str,
    ) -> Result<(), LiftError> {
        let inner = self.inner();
        let watch = inner.watch.as_ref().ok_or(LiftError::NoStore)?;
        if !self.may_order(by, target) {
            return Err(LiftError::OtherTenant);
        }
        let upto = watch.look().map_err(LiftError::Store)?;
        let (is_there, may) = watch.known(|known| {
            let may = known.may_lift(target, by.id());
            (known.is_quarantined(target), may)
        });
        if !is_there {
            return Err(LiftError::NotQuarantined);
        }
        if !may {
            return Err(LiftError::NotByThem(by.id().clone()));
        }
        self.record_quarantine(target, Action::Lifted, by, reason, false)
            .map_err(LiftError::Record)?;
        let lift = Lift::new(target.clone(), upto);
        let change = Change::lift(lift, by.id().clone());
        in_force(watch, &change).map(drop).map_err(|error| {
            if !matches!(error, StoreError::Unknown(_)) {
                // The record stays waiting where the log does not take it.
                drop(self.record_quarantine(target, Action::Quarantined, by, NOT_LIFTED, true));
            }
            LiftError::Store(error)
        })
    }

    /// Records what was done to `target`. A record that `keeps` stays waiting where the log does not
    /// take it.
    fn record_quarantine(
        &self,
        target: &Quarantined,
        action: Action,
        by: &Principal,
        reason: &str,
        keeps: bool,
    ) -> Result<(), AuditError> {
        let ledger = &self.inner().ledger;
        let of = match target {
            Quarantined::Tenant(_) => Revocable::Tenant,
            _ => Revocable::Principal,
        };
        let mut record = RevokedRecord::new(self.inner().clock.now(), of, target.id());
        record.action = action;
        (record.tenant, record.by) = (target.within(), Some(by.into()));
        record.reason = Some(reason);
        let record = Record::Revoked(&record);
        if keeps {
            ledger.keep(&record)
        } else {
            ledger.note(&record)
        }
    }
}

/// What became of something that was taken away, which is in force here.
pub(super) struct Done {
    pub(super) shared: Result<Position, StoreError>,
    pub(super) recorded: Result<(), AuditError>,
}

/// What is told of it.
pub(super) fn told(done: Done) -> Result<(), RestrictError> {
    match (done.shared, done.recorded) {
        (Ok(_), Ok(())) => Ok(()),
        (Ok(_), Err(error)) => Err(RestrictError::Unrecorded(error)),
        (Err(store), recorded) => Err(RestrictError::Unshared {
            store,
            record: recorded.err(),
        }),
    }
}
