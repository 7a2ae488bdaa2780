//! Calls, with the decision that their author expects.

use chrono::{DateTime, Utc};
use serde_json::Value;

use super::example_caller::ExampleCaller;
use super::rule::written;
use super::written::{Table, Written};

/// A call, with the decision that is expected. A gate that loads the policy tries it.
#[derive(Clone, Debug)]
pub struct Example {
    table: Table,
    call: Table,
    resources: Vec<Written>,
    context: Table,
}

impl Example {
    /// A call of this tool is allowed.
    pub fn allow(tool: impl Into<String>) -> Self {
        Self::of(tool, "allow")
    }

    /// A call of this tool has to wait for an answer.
    pub fn ask(tool: impl Into<String>) -> Self {
        Self::of(tool, "ask")
    }

    /// A call of this tool is denied.
    pub fn deny(tool: impl Into<String>) -> Self {
        Self::of(tool, "deny")
    }

    fn of(tool: impl Into<String>, gets: &str) -> Self {
        Self {
            table: Table::of("gets", gets),
            call: Table::of("tool", tool.into()),
            resources: Vec::new(),
            context: Table::default(),
        }
    }

    /// With these arguments; numbers other than integers need a text.
    #[must_use]
    pub fn arguments(mut self, arguments: Value) -> Self {
        self.call.put("arguments", arguments);
        self
    }

    /// With these arguments as JSON text.
    #[must_use]
    pub fn arguments_text(mut self, text: impl Into<String>) -> Self {
        self.call.put("arguments_text", text.into());
        self
    }

    /// Made by this caller; by the unknown one where nothing is said.
    #[must_use]
    pub fn caller(self, caller: ExampleCaller) -> Self {
        self.with("caller", caller.into_table())
    }

    /// In this environment.
    #[must_use]
    pub fn environment(self, name: impl Into<String>) -> Self {
        self.with("environment", name.into())
    }

    /// At this moment.
    #[must_use]
    pub fn time(self, moment: DateTime<Utc>) -> Self {
        self.with("time", written(moment))
    }

    /// In this session.
    #[must_use]
    pub fn session(self, name: impl Into<String>) -> Self {
        self.with("session", name.into())
    }

    /// For this task.
    #[must_use]
    pub fn task(self, name: impl Into<String>) -> Self {
        self.with("task", name.into())
    }

    /// The host knows this of a resource.
    #[must_use]
    pub fn resource(mut self, resource: ExampleResource) -> Self {
        self.resources.push(resource.0.into());
        self
    }

    /// The host says this fact.
    #[must_use]
    pub fn context(mut self, name: impl Into<String>, fact: impl Into<Value>) -> Self {
        self.context.put(name, fact.into());
        self
    }

    /// It is this rule that decides.
    #[must_use]
    pub fn by_rule(self, id: impl Into<String>) -> Self {
        self.with("rule", id.into())
    }

    /// It is decided with this code.
    #[must_use]
    pub fn with_code(self, code: impl Into<String>) -> Self {
        self.with("code", code.into())
    }

    fn with(mut self, key: &str, value: impl Into<Written>) -> Self {
        self.table.put(key, value);
        self
    }

    pub(super) fn into_table(mut self) -> Table {
        self.table.put("call", self.call);
        if !self.resources.is_empty() {
            self.table.put("resources", Written::List(self.resources));
        }
        if !self.context.0.is_empty() {
            self.table.put("context", self.context);
        }
        self.table
    }
}

/// What the host of an example knows of a resource.
#[derive(Clone, Debug)]
pub struct ExampleResource(Table);

impl ExampleResource {
    /// The resource of this kind and id.
    pub fn new(kind: impl Into<String>, id: impl Into<String>) -> Self {
        Self(Table::of("kind", kind.into()).with("id", id.into()))
    }

    /// It belongs to this tenant.
    #[must_use]
    pub fn tenant(self, tenant: impl Into<String>) -> Self {
        Self(self.0.with("tenant", tenant.into()))
    }

    /// The host says this fact about it.
    #[must_use]
    pub fn fact(self, name: impl Into<String>, value: impl Into<Value>) -> Self {
        Self(self.0.with(name, value.into()))
    }
}
