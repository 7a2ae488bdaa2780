//! What an agent was started for.

use callgate_types::{Caller, Delegation, NamePattern, Principal, PrincipalId, ResourceName};
use chrono::{DateTime, Utc};

use super::task_builder::TaskBuilder;

/// What an agent was started for: on whose behalf, with which tools, on what, until when.
///
/// A task only ever takes away: a call for it must be within it, and must be allowed besides. What it
/// does not name, it does not limit. It belongs to one subject in one tenant.
///
/// # Examples
///
/// ```
/// use callgate_identity::standing::Task;
/// use callgate_types::{Caller, Principal};
/// use chrono::DateTime;
///
/// # let until = DateTime::from_timestamp(1_796_126_400, 0).ok_or("no such time")?;
/// let alice = Principal::asserted("user:alice".parse()?).member_of("acme", ["support"]);
/// let caller = Caller::of(alice).in_tenant("acme")?;
/// let task = Task::builder("task-7", until)
///     .purpose("answer ticket 17")
///     .tools(["read_*", "adjust_billing"])
///     .resource("account", "acc_17*")
///     .scopes(["ticket:read", "billing:adjust"])
///     .build_for(&caller)?;
/// assert!(task.covers_tool("read_ticket") && !task.covers_tool("refund"));
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, PartialEq, Eq)]
pub struct Task {
    pub(super) tenant: Option<Box<str>>,
    pub(super) id: Box<str>,
    pub(super) subject: PrincipalId,
    /// Known to the process that began the task alone: texts do not go into the store.
    pub(super) purpose: Option<Box<str>>,
    pub(super) tools: Option<Vec<NamePattern>>,
    pub(super) resources: Option<Vec<TaskResource>>,
    /// Names scopes or nothing.
    pub(super) limit: Delegation,
    pub(super) expires: DateTime<Utc>,
}

/// Resources of one kind that a task covers.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct TaskResource {
    /// Their kind.
    pub kind: Box<str>,
    /// Which ids; `None` is all of them, one that is unknown included.
    pub id: Option<NamePattern>,
}

impl TaskResource {
    /// The resources of `kind` with ids like `id`.
    pub fn new(kind: impl Into<Box<str>>, id: Option<NamePattern>) -> Self {
        let kind = kind.into();
        Self { kind, id }
    }

    /// Kind and pattern, as a record names them.
    pub fn name(&self) -> ResourceName<'_> {
        ResourceName::new(&self.kind, self.id.as_ref().map(NamePattern::as_str))
    }

    fn covers(&self, name: ResourceName<'_>) -> bool {
        let id = |pattern: &NamePattern| name.id.is_some_and(|id| pattern.matches(id));
        *self.kind == *name.kind && self.id.as_ref().is_none_or(id)
    }
}

/// What of a call a task does not cover.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Outside<'a> {
    /// The tool.
    Tool,
    /// A resource that the arguments name.
    Resource(ResourceName<'a>),
}

impl Task {
    /// Longest purpose, in bytes.
    pub const MAX_PURPOSE: usize = 4096;
    /// Most patterns of tools, and most resources.
    pub const MAX_PATTERNS: usize = 256;

    /// Starts to put the task `id` together, which ends at `expires` at the latest.
    pub fn builder(id: impl Into<Box<str>>, expires: DateTime<Utc>) -> TaskBuilder {
        TaskBuilder::new(id.into(), expires)
    }

    /// The tenant; `None` of a subject without one.
    pub fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// Its id within the tenant.
    pub fn id(&self) -> &str {
        &self.id
    }

    /// On whose authority.
    pub const fn subject(&self) -> &PrincipalId {
        &self.subject
    }

    /// What is to be done, in words; known to the process that began the task alone.
    pub fn purpose(&self) -> Option<&str> {
        self.purpose.as_deref()
    }

    /// The tools, as names in which `*` stands for any run of characters; `None` does not limit them.
    pub fn tools(&self) -> Option<&[NamePattern]> {
        self.tools.as_deref()
    }

    /// The resources; `None` does not limit them.
    pub fn resources(&self) -> Option<&[TaskResource]> {
        self.resources.as_deref()
    }

    /// The scopes; `None` does not limit them.
    pub fn scopes(&self) -> Option<impl ExactSizeIterator<Item = &str>> {
        self.limit.scope_names()
    }

    /// When it ends by itself.
    pub const fn expires(&self) -> DateTime<Utc> {
        self.expires
    }

    /// Whether it is a task of the subject of `caller`.
    pub fn is_of(&self, caller: &Caller) -> bool {
        caller.subject().map(Principal::id) == Some(&self.subject)
    }

    /// Whether the tool `name` may be called for it.
    pub fn covers_tool(&self, name: &str) -> bool {
        let tools = self.tools.as_deref();
        tools.is_none_or(|tools| tools.iter().any(|tool| tool.matches(name)))
    }

    /// Whether `name` may be acted on for it. A resource without an id is covered where all ids are.
    pub fn covers_resource(&self, name: ResourceName<'_>) -> bool {
        let resources = self.resources.as_deref();
        resources.is_none_or(|covered| covered.iter().any(|one| one.covers(name)))
    }

    /// Checks that it covers `tool` and all of `resources`, those that the arguments of a call name.
    ///
    /// A call that names no resource is not limited by resources.
    ///
    /// # Errors
    ///
    /// Says what it does not cover: the tool, or the first such resource.
    pub fn check<'a>(
        &self,
        tool: &str,
        resources: impl IntoIterator<Item = ResourceName<'a>>,
    ) -> Result<(), Outside<'a>> {
        if !self.covers_tool(tool) {
            return Err(Outside::Tool);
        }
        let mut resources = resources.into_iter();
        let outside = resources.find(|name| !self.covers_resource(*name));
        outside.map_or(Ok(()), |name| Err(Outside::Resource(name)))
    }

    /// What it confers of scopes.
    pub(crate) const fn limit(&self) -> &Delegation {
        &self.limit
    }
}

/// Leaves the purpose out.
impl std::fmt::Debug for Task {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Task")
            .field("tenant", &self.tenant)
            .field("id", &self.id)
            .field("subject", &self.subject)
            .field("tools", &self.tools)
            .field("resources", &self.resources)
            .field("limit", &self.limit)
            .field("expires", &self.expires)
            .finish_non_exhaustive()
    }
}
