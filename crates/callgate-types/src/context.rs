//! What else is true of a call.

use std::sync::Arc;

use chrono::{DateTime, Utc};

use crate::{Facts, Resource, ResourceName};

/// What else is true of a call: environment, session, task, time, trace, facts.
///
/// All of it comes from the host. What is left out is unknown. Cheap to clone.
///
/// # Examples
///
/// ```
/// use callgate_types::{Context, Resource};
///
/// let account = Resource::new("account", "acc_1234abcd").tenant("acme");
/// let context = Context::new()
///     .environment("prod")
///     .session("s-17")
///     .resource(account)
///     .fact("on_call", true);
/// assert_eq!(context.environment_name(), Some("prod"));
/// ```
#[derive(Clone, Debug, Default)]
pub struct Context(Arc<Inner>);

#[derive(Clone, Debug, Default)]
struct Inner {
    environment: Option<Box<str>>,
    session: Option<Box<str>>,
    task: Option<Box<str>>,
    trace: Option<Box<str>>,
    prompt: Option<Box<str>>,
    time: Option<DateTime<Utc>>,
    resources: Vec<Resource>,
    facts: Facts,
}

impl Context {
    /// Nothing is known.
    pub fn new() -> Self {
        Self::default()
    }

    /// Where the call takes effect: `prod`, `staging`.
    #[must_use]
    pub fn environment(self, name: impl Into<Box<str>>) -> Self {
        self.with(|inner| inner.environment = Some(name.into()))
    }

    /// The conversation or run that the call belongs to.
    #[must_use]
    pub fn session(self, id: impl Into<Box<str>>) -> Self {
        self.with(|inner| inner.session = Some(id.into()))
    }

    /// What the agent is to do.
    #[must_use]
    pub fn task(self, id: impl Into<Box<str>>) -> Self {
        self.with(|inner| inner.task = Some(id.into()))
    }

    /// The id under which the host traces this call; recorded, without effect on the decision.
    #[must_use]
    pub fn trace(self, id: impl Into<Box<str>>) -> Self {
        self.with(|inner| inner.trace = Some(id.into()))
    }

    /// The piece of the prompt that led to the call; recorded, without effect on the decision.
    #[must_use]
    pub fn prompt(self, fragment: impl Into<Box<str>>) -> Self {
        self.with(|inner| inner.prompt = Some(fragment.into()))
    }

    /// The time that rules go by. A gate that is told none takes that of its clock.
    #[must_use]
    pub fn time(self, time: DateTime<Utc>) -> Self {
        self.with(|inner| inner.time = Some(time))
    }

    /// What the host knows of one resource. A second one of the same kind and id replaces the
    /// first.
    #[must_use]
    pub fn resource(self, resource: Resource) -> Self {
        self.with(|inner| {
            let same = |known: &&mut Resource| known.name() == resource.name();
            match inner.resources.iter_mut().find(same) {
                Some(known) => *known = resource,
                None => inner.resources.push(resource),
            }
        })
    }

    /// A further fact; rules name it as `context/NAME`.
    #[must_use]
    pub fn fact(self, name: impl Into<Box<str>>, value: impl Into<serde_json::Value>) -> Self {
        self.with(|inner| inner.facts.set(name, &value.into()))
    }

    /// All further facts at once.
    #[must_use]
    pub fn with_facts(self, facts: Facts) -> Self {
        self.with(|inner| inner.facts = facts)
    }

    fn with(mut self, change: impl FnOnce(&mut Inner)) -> Self {
        change(Arc::make_mut(&mut self.0));
        self
    }

    /// The environment; `None` where it is unknown.
    #[inline]
    pub fn environment_name(&self) -> Option<&str> {
        self.0.environment.as_deref()
    }

    /// The id of the session.
    pub fn session_id(&self) -> Option<&str> {
        self.0.session.as_deref()
    }

    /// The id of the task.
    pub fn task_id(&self) -> Option<&str> {
        self.0.task.as_deref()
    }

    /// The id of the trace.
    pub fn trace_id(&self) -> Option<&str> {
        self.0.trace.as_deref()
    }

    /// The prompt fragment.
    pub fn prompt_fragment(&self) -> Option<&str> {
        self.0.prompt.as_deref()
    }

    /// The time that rules go by; `None` where it is unknown.
    pub fn time_now(&self) -> Option<DateTime<Utc>> {
        self.0.time
    }

    /// All resources of which the host knows something.
    pub fn resources(&self) -> &[Resource] {
        &self.0.resources
    }

    /// What the host knows of `resource`.
    pub fn resource_named(&self, resource: ResourceName<'_>) -> Option<&Resource> {
        self.0
            .resources
            .iter()
            .find(|known| known.name() == resource)
    }

    /// The further facts.
    pub fn facts(&self) -> &Facts {
        &self.0.facts
    }
}
