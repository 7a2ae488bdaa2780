//! What follows from the changes up to one place.

use std::sync::Arc;

use callgate_types::{Caller, Principal, PrincipalId, TableId};
use chrono::{DateTime, TimeDelta, Utc};

use super::bar::Bar;
use super::change::{Change, What};
use super::store::{Entry, Position};
use super::subject::Subject;
use super::table::{PARTS, Table};
use super::target::{Lift, Quarantine, Quarantined, Revocation};
use super::task::Task;
use super::underway::Underway;

/// Who is in good standing, as of one place in the order of changes.
///
/// Clones share what they hold, and what is changed in one is not seen in another.
#[derive(Clone, Debug)]
pub struct Standing {
    position: Position,
    /// The time of the last change, by the store's clock.
    time: DateTime<Utc>,
    /// Whose principals and tenants these are; another one with each change of them.
    table: TableId,
    revoked: Table<()>,
    /// By tenant, `None` for all of them, and id.
    quarantined: Table<Arc<[Order]>>,
    tenants: Table<Arc<[Order]>>,
    sessions: Table<()>,
    tasks: Table<State>,
    tokens: Table<()>,
}

/// One order that somebody is in quarantine.
#[derive(Clone, Debug)]
struct Order {
    /// `None` where no store has it yet: then nobody lifts it.
    position: Option<Position>,
    quarantine: Quarantine,
}

#[derive(Clone, Debug)]
enum State {
    Begun(Arc<Underway>),
    /// Ended; its id may be used again from then on.
    Ended {
        free: DateTime<Utc>,
    },
}

/// A change came out of its order.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected change {expected}, found {found}")]
#[non_exhaustive]
pub struct OutOfOrder {
    /// What comes next.
    pub expected: Position,
    /// What came.
    pub found: Position,
}

impl OutOfOrder {
    /// `found` came where `expected` comes next.
    pub const fn new(expected: Position, found: Position) -> Self {
        Self { expected, found }
    }
}

impl Standing {
    /// How long the id of a task stays taken after the task has ended, and after its time is over.
    pub const ID_KEPT: TimeDelta = TimeDelta::hours(24);

    /// Everybody is in good standing, and no task was begun.
    pub fn new() -> Self {
        Self {
            position: Position::START,
            time: DateTime::<Utc>::MIN_UTC,
            table: TableId::unique(),
            revoked: Table::default(),
            quarantined: Table::default(),
            tenants: Table::default(),
            sessions: Table::default(),
            tasks: Table::default(),
            tokens: Table::default(),
        }
    }

    /// The place of the last change in it.
    pub const fn position(&self) -> Position {
        self.position
    }

    /// The time of the last change in it, by the store's clock.
    pub const fn time(&self) -> DateTime<Utc> {
        self.time
    }

    /// How many tasks are known, ended ones among them.
    pub const fn tasks(&self) -> usize {
        self.tasks.len()
    }

    /// Looks whether anything is against `subject`; gives the task that it names.
    ///
    /// Tenant before subject, subject before actors, then session, then task.
    ///
    /// # Errors
    ///
    /// Says what is against it, the first in this order.
    #[inline]
    pub fn look(&self, subject: &Subject<'_>) -> Result<Option<&Arc<Underway>>, Bar> {
        let Subject { caller, .. } = *subject;
        if !caller.is_cleared_by(self.table) {
            self.look_at_chain(caller)?;
            caller.clear_by(self.table);
        }
        let tenant = caller.tenant();
        if let Some(session) = subject.session
            && self.sessions.get(tenant, session).is_some()
        {
            return Err(Bar::SessionRevoked);
        }
        let Some(id) = subject.task else {
            return Ok(None);
        };
        let underway = match self.tasks.get(tenant, id) {
            None => return Err(Bar::UnknownTask),
            Some(State::Ended { .. }) => return Err(Bar::TaskEnded),
            Some(State::Begun(underway)) => underway,
        };
        // At an unknown time nobody can tell.
        if subject
            .now
            .is_none_or(|now| now >= underway.task().expires())
        {
            return Err(Bar::TaskExpired);
        }
        if !underway.task().is_of(caller) {
            return Err(Bar::OtherSubject);
        }
        Ok(Some(underway))
    }

    /// What was begun as the task `id` of `tenant`, and has not ended but by its time.
    pub fn task(&self, tenant: Option<&str>, id: &str) -> Option<&Arc<Underway>> {
        match self.tasks.get(tenant, id)? {
            State::Begun(underway) => Some(underway),
            State::Ended { .. } => None,
        }
    }

    /// Whether the task `id` of `tenant` was ended.
    pub fn has_ended(&self, tenant: Option<&str>, id: &str) -> bool {
        matches!(self.tasks.get(tenant, id), Some(State::Ended { .. }))
    }

    /// Whether the id of a task is not free yet at `now`.
    pub fn is_taken(&self, tenant: Option<&str>, id: &str, now: DateTime<Utc>) -> bool {
        self.tasks
            .get(tenant, id)
            .is_some_and(|state| !state.is_free(now))
    }

    /// Whether any token was revoked.
    pub const fn revokes_tokens(&self) -> bool {
        !self.tokens.is_empty()
    }

    /// Whether the token of `tenant` was revoked by `id`.
    pub fn is_token_revoked(&self, tenant: &str, id: &str) -> bool {
        self.tokens.get(Some(tenant), id).is_some()
    }

    /// Whether `target` is in quarantine, by name: one in every tenant, or of its tenant, is another.
    pub fn is_quarantined(&self, target: &Quarantined) -> bool {
        self.orders(target).is_some()
    }

    /// Whether `who` may lift everything that was ordered for `target`.
    pub fn may_lift(&self, target: &Quarantined, who: &PrincipalId) -> bool {
        let orders = self.orders(target).into_iter();
        orders
            .flat_map(|orders| orders.iter())
            .all(|order| order.position.is_some() && order.quarantine.may_be_lifted_by(who))
    }

    /// Applies the next change.
    ///
    /// # Errors
    ///
    /// Refuses one that is not the next.
    pub fn apply(&mut self, entry: &Entry) -> Result<(), OutOfOrder> {
        let (expected, found) = (self.position.next(), entry.position);
        if found != expected {
            return Err(OutOfOrder { expected, found });
        }
        self.position = found;
        self.time = self.time.max(entry.time);
        match &entry.change.what {
            What::Begun(task) => self.begin(task, entry),
            What::Lifted(lift) => self.lift(lift, &entry.change.by),
            What::Revoked(revocation) => self.revoke(revocation),
            What::Quarantined(quarantine) => self.quarantine(quarantine, Some(found)),
        }
        Ok(())
    }

    /// Applies a change that only takes away, though no store has it yet. One that does not is left
    /// out.
    pub fn restrict(&mut self, change: &Change) {
        match &change.what {
            What::Revoked(revocation) => self.revoke(revocation),
            What::Quarantined(quarantine) => self.quarantine(quarantine, None),
            What::Begun(_) | What::Lifted(_) => {}
        }
    }

    /// Forgets, in a part of the table, tasks whose ids are free again at `now`; `round` says which
    /// part.
    pub fn forget_tasks(&mut self, round: usize, now: DateTime<Utc>) {
        // By the store's clock alone: it says whether an id can be used again.
        let now = now.min(self.time);
        self.tasks
            .retain(round % PARTS, |state| !state.is_free(now));
    }

    #[cold]
    fn look_at_chain(&self, caller: &Caller) -> Result<(), Bar> {
        let tenant = caller.tenant();
        if let Some(tenant) = tenant
            && self.tenants.get(None, tenant).is_some()
        {
            return Err(Bar::TenantQuarantined);
        }
        if self.quarantined.is_empty() && self.revoked.is_empty() {
            return Ok(());
        }
        let subject = caller.subject().map(|subject| (None, subject));
        let actors = caller.actors().iter().enumerate();
        let actors = actors.map(|(place, actor)| (Some(place), actor));
        let both = [None, tenant];
        // Without a tenant both are the same.
        let within = || both.iter().take(if tenant.is_some() { 2 } else { 1 });
        for (place, principal) in subject.into_iter().chain(actors) {
            let id = Principal::id(principal).as_str();
            if within().any(|tenant| self.quarantined.get(*tenant, id).is_some()) {
                return Err(Bar::Quarantined { place });
            }
            if within().any(|tenant| self.revoked.get(*tenant, id).is_some()) {
                return Err(Bar::Revoked { place });
            }
        }
        Ok(())
    }

    fn orders(&self, target: &Quarantined) -> Option<&Arc<[Order]>> {
        match target {
            Quarantined::Principal { tenant, id } => {
                self.quarantined.get(tenant.as_deref(), id.as_str())
            }
            Quarantined::Tenant(tenant) => self.tenants.get(None, tenant),
        }
    }

    /// The first that begins a task has begun it.
    fn begin(&mut self, task: &Task, entry: &Entry) {
        if self.is_taken(task.tenant(), task.id(), entry.time) {
            return;
        }
        let underway = Underway::new(task.clone(), entry.position, entry.time);
        let state = State::Begun(Arc::new(underway));
        self.tasks.insert(task.tenant(), task.id(), state);
    }

    fn revoke(&mut self, revocation: &Revocation) {
        let tenant = revocation.tenant();
        let id = revocation.id();
        match revocation {
            Revocation::Principal { .. } => {
                self.revoked.insert(tenant, id, ());
                self.table = TableId::unique();
            }
            Revocation::Session { .. } => self.sessions.insert(tenant, id, ()),
            Revocation::Token { .. } => self.tokens.insert(tenant, id, ()),
            Revocation::Task { .. } => {
                let known = self.tasks.get(tenant, id);
                let free = match known.filter(|known| !known.is_free(self.time)) {
                    Some(State::Ended { free }) => *free,
                    Some(State::Begun(underway)) => later(underway.task().expires().max(self.time)),
                    // One that is not known cannot be begun afterwards: its change may be on its way.
                    None => later(self.time),
                };
                self.tasks.insert(tenant, id, State::Ended { free });
            }
        }
    }

    fn quarantine(&mut self, quarantine: &Quarantine, position: Option<Position>) {
        let order = Order {
            position,
            quarantine: quarantine.clone(),
        };
        // Said again, it holds from where it was said last.
        let before = self.orders(quarantine.target());
        let others = before.into_iter().flat_map(|orders| orders.iter());
        let others = others.filter(|other| other.quarantine != *quarantine);
        let orders = others.cloned().chain([order]).collect();
        self.set_orders(quarantine.target(), orders);
    }

    fn lift(&mut self, lift: &Lift, by: &PrincipalId) {
        let Some(orders) = self.orders(&lift.target) else {
            return;
        };
        let lifted = |order: &&Order| {
            let seen = order.position.is_some_and(|position| position <= lift.upto);
            seen && order.quarantine.may_be_lifted_by(by)
        };
        let orders = orders.iter().filter(|order| !lifted(order));
        let orders = orders.cloned().collect();
        self.set_orders(&lift.target, orders);
    }

    fn set_orders(&mut self, target: &Quarantined, orders: Arc<[Order]>) {
        let (table, tenant, id) = match target {
            Quarantined::Principal { tenant, id } => {
                (&mut self.quarantined, tenant.as_deref(), id.as_str())
            }
            Quarantined::Tenant(tenant) => (&mut self.tenants, None, &**tenant),
        };
        if orders.is_empty() {
            table.remove(tenant, id);
        } else {
            table.insert(tenant, id, orders);
        }
        self.table = TableId::unique();
    }
}

impl Default for Standing {
    fn default() -> Self {
        Self::new()
    }
}

impl State {
    /// Whether its id may be used again.
    fn is_free(&self, now: DateTime<Utc>) -> bool {
        match self {
            Self::Begun(underway) => now >= later(underway.task().expires()),
            Self::Ended { free } => now >= *free,
        }
    }
}

/// When the id of a task that is over at `end` is free.
fn later(end: DateTime<Utc>) -> DateTime<Utc> {
    end.checked_add_signed(Standing::ID_KEPT)
        .unwrap_or(DateTime::<Utc>::MAX_UTC)
}
