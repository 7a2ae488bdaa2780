//! Beginning and ending tasks.

use std::sync::Arc;

use callgate_audit::{Durability, Record, TaskBegunRecord, TaskEnd, TaskEndedRecord};
use callgate_identity::standing::{
    Change, Position, Revocation, StoreError, Subject, Task, TaskBuilder, TaskResource, Underway,
};
use callgate_types::{Caller, NamePattern, Principal, ResourceName};

use super::restrict::{Done, told};
use super::{BeginTaskError, RestrictError, Watch};
use crate::Gate;
use crate::judge::amiss;
use crate::keeping::keep_result;

/// What the log says of a task whose store did not take it.
const NOT_SHARED: &str = "the store did not take the task";
/// What it says of one that somebody else began in the same moment.
const TAKEN: &str = "a task of this id was begun elsewhere";

impl Gate {
    /// Begins a task on the authority of the subject of `caller`, in its tenant. Calls for it name it
    /// by [`Context::task`](crate::Context::task), and have to be within it.
    ///
    /// It is recorded, durably, before anything is granted for it; and in force everywhere, as soon as
    /// this returns here, and elsewhere within the time for which a look at the store counts.
    ///
    /// # Errors
    ///
    /// Says why it was not begun. Nothing was granted then.
    ///
    /// # Examples
    ///
    /// ```
    /// use callgate::audit::TaskEnd;
    /// use callgate::standing::{MemoryStanding, Task};
    /// use callgate::{Caller, Context, Decision, Gate, MemorySink, Principal, ToolCall};
    ///
    /// let policy = callgate::parse_policy(
    ///     "format = 1\nname = \"desk\"\n[tools.look]\naccess = \"read\"\n[tools.list]\naccess = \"read\"\n\
    ///      [[rules]]\nid = \"any\"\neffect = \"permit\"\n",
    ///     "desk.toml",
    /// )?;
    /// let gate = Gate::builder()
    ///     .policy(policy)
    ///     .audit(MemorySink::new())
    ///     .standing(MemoryStanding::new(chrono::Utc::now))
    ///     .build()?;
    /// let alice = Principal::asserted("user:alice".parse()?).member_of("acme", ["support"]);
    /// let caller = Caller::of(alice.clone()).in_tenant("acme")?;
    ///
    /// let soon = chrono::Utc::now() + chrono::TimeDelta::minutes(15);
    /// gate.begin_task(&caller, Task::builder("t-7", soon).purpose("look").tools(["look"]))?;
    /// let context = Context::new().task("t-7");
    /// let code = |tool: &str| {
    ///     let call = ToolCall::from_text(tool, "{}");
    ///     gate.authorize(&caller, call, &context).code()
    /// };
    /// assert_eq!(code("look").as_str(), "permitted");
    /// assert_eq!(code("list").as_str(), "outside_task");
    ///
    /// gate.end_task(Some("acme"), "t-7", TaskEnd::Done, &alice, "it is done")?;
    /// assert_eq!(code("look").as_str(), "task_ended");
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn begin_task(
        &self,
        caller: &Caller,
        task: TaskBuilder,
    ) -> Result<Arc<Underway>, BeginTaskError> {
        let inner = self.inner();
        let watch = inner.watch.as_ref().ok_or(BeginTaskError::NoStore)?;
        let task = task.build_for(caller)?;
        let now = watch.now();
        if amiss(caller, Some(now)).is_some() {
            return Err(BeginTaskError::Caller);
        }
        let fresh = watch.check(inner.clock.elapsed(), || true);
        fresh.map_err(|_| BeginTaskError::Stale)?;
        if task.expires() <= now {
            return Err(BeginTaskError::Over);
        }
        let look = Subject::new(caller).at(now);
        let barred = inner.current.with_standing(|_, _, standing| {
            let look = standing.map(|standing| standing.look(&look).map(drop));
            look.unwrap_or(Ok(()))
        });
        barred.map_err(BeginTaskError::Barred)?;
        let taken =
            |watch: &Watch| watch.known(|known| known.is_taken(task.tenant(), task.id(), now));
        if taken(watch) {
            return Err(BeginTaskError::Taken);
        }
        self.record_begun(caller, &task)
            .map_err(BeginTaskError::Record)?;
        self.share_begun(watch, caller, &task)
    }

    /// Puts a task into the store that was recorded; and takes it back, where that fails.
    fn share_begun(
        &self,
        watch: &Watch,
        caller: &Caller,
        task: &Task,
    ) -> Result<Arc<Underway>, BeginTaskError> {
        let by = task.subject().clone();
        let change = Change::begin(task.clone(), by);
        match in_force(watch, &change) {
            Ok(position) => {
                let underway = watch.known(|known| {
                    let underway = known.task(task.tenant(), task.id());
                    underway.filter(|it| it.position() == position).cloned()
                });
                underway.ok_or_else(|| {
                    self.record_cancelled(caller, task, TAKEN);
                    BeginTaskError::Taken
                })
            }
            Err(error) => {
                // It may have been stored after all.
                let by = task.subject().clone();
                if let Ok(task) = Revocation::task(task.tenant(), task.id()) {
                    // What does not come through now is tried again: it was said why already.
                    drop(watch.restrict(&Change::revoke(task, by)));
                }
                self.record_cancelled(caller, task, NOT_SHARED);
                Err(BeginTaskError::Store(error))
            }
        }
    }

    /// Ends a task: whoever names it is denied from now on, its permits do not begin any more, and
    /// neither do calls by tokens that were issued for it. What runs already is not stopped.
    ///
    /// It is in force here before the store and the log are asked. A task that has ended already is
    /// left as it is.
    ///
    /// # Errors
    ///
    /// Says what is amiss; [`RestrictError::is_in_force`] says whether it is in force here all the
    /// same.
    pub fn end_task(
        &self,
        tenant: Option<&str>,
        id: &str,
        end: TaskEnd,
        by: &Principal,
        reason: &str,
    ) -> Result<(), RestrictError> {
        let watch = self.inner().watch.as_ref().ok_or(RestrictError::NoStore)?;
        let target = Revocation::task(tenant, id)?;
        if !self.may_speak_for(by, tenant) {
            return Err(RestrictError::OtherTenant);
        }
        let state = || {
            watch.known(|known| {
                let permits = known.task(tenant, id).map(|task| task.permits());
                (permits, known.has_ended(tenant, id))
            })
        };
        let mut found = state();
        if found == (None, false) {
            // Somebody else may have begun it a moment ago. Where nobody can tell, it is ended.
            match watch.look() {
                Ok(_) => found = state(),
                Err(_) => found.0 = Some(0),
            }
        }
        let permits = match found {
            (_, true) => return Ok(()),
            (None, false) => return Err(RestrictError::UnknownTask),
            (Some(_), false) => found.0.unwrap_or(0),
        };
        let change = Change::revoke(target, by.id().clone());
        let shared = watch.restrict(&change);
        let mut record = TaskEndedRecord::new(self.inner().clock.now(), id, end);
        record.tenant = tenant;
        record.by = Some(by);
        record.permits = permits;
        record.reason = Some(reason);
        let recorded = self.inner().ledger.keep(&Record::TaskEnded(&record));
        told(Done { shared, recorded })
    }

    fn record_begun(&self, caller: &Caller, task: &Task) -> Result<(), crate::AuditError> {
        let inner = self.inner();
        let tools = task.tools();
        let tools: Option<Vec<&str>> = tools.map(|it| it.iter().map(NamePattern::as_str).collect());
        let resources: Option<Vec<ResourceName<'_>>> = task.resources().map(|resources| {
            let names = resources.iter();
            names.map(TaskResource::name).collect()
        });
        let scopes: Option<Vec<&str>> = task.scopes().map(Iterator::collect);
        let mut record = TaskBegunRecord::new(inner.clock.now(), task.id(), caller);
        let purpose = task.purpose();
        record.purpose = purpose
            .map(|text| keep_result(inner.cabinet.as_ref(), None, text, Durability::Durable));
        record.tools = tools.as_deref();
        record.resources = resources.as_deref();
        record.scopes = scopes.as_deref();
        record.expires = Some(task.expires());
        inner.ledger.note(&Record::TaskBegun(&record))
    }

    /// Says that a task that was recorded was not begun after all. The record stays waiting where the
    /// log does not take it; the task grants nothing without it.
    fn record_cancelled(&self, caller: &Caller, task: &Task, reason: &str) {
        let inner = self.inner();
        let end = TaskEnd::Cancelled;
        let mut record = TaskEndedRecord::new(inner.clock.now(), task.id(), end);
        record.tenant = task.tenant();
        record.by = caller.subject();
        record.reason = Some(reason);
        drop(inner.ledger.keep(&Record::TaskEnded(&record)));
    }
}

/// Puts a change into the store, and has it in force here.
pub(super) fn in_force(watch: &Watch, change: &Change) -> Result<Position, StoreError> {
    let position = watch.put(change)?;
    let reached = watch.look()?;
    if reached < position {
        let (expected, found) = (position, reached);
        return Err(StoreError::WentBack { expected, found });
    }
    Ok(position)
}
