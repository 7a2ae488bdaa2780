//! An entry of the catalogue.

use callgate_types::RiskTier;
use serde_json::Value;

use super::Matcher;
use super::matcher::Member;
use super::written::{Table, Written, names};
use crate::document::{Hints, Keeping};

/// A tool, whose arguments are a closed world: what is not declared here is refused in a call.
#[derive(Clone, Debug)]
pub struct Tool {
    pub(super) name: String,
    table: Table,
    arguments: Table,
    record: Table,
    resources: Vec<Written>,
}

impl Tool {
    /// A tool that changes nothing.
    pub fn read(name: impl Into<String>) -> Self {
        Self::of(name, "read")
    }

    /// A tool that changes something.
    pub fn write(name: impl Into<String>) -> Self {
        Self::of(name, "write")
    }

    fn of(name: impl Into<String>, access: &str) -> Self {
        Self {
            name: name.into(),
            table: Table::of("access", access),
            arguments: Table::default(),
            record: Table::default(),
            resources: Vec::new(),
        }
    }

    /// The scope that everybody in the chain of the caller must hold.
    #[must_use]
    pub fn scope(self, scope: impl Into<String>) -> Self {
        self.with("scope", scope.into())
    }

    /// No scope is needed, whoever acts.
    #[must_use]
    pub fn without_scope(self) -> Self {
        self.with("scope", "none")
    }

    /// The least tier of its calls.
    #[must_use]
    pub fn tier(self, tier: RiskTier) -> Self {
        self.with("tier", tier.as_str())
    }

    /// What it does cannot be taken back: its calls are privileged.
    #[must_use]
    pub fn irreversible(self) -> Self {
        self.with("reversible", false)
    }

    /// What its server says of it: whether it changes nothing, may destroy something, and meets what is
    /// outside. It only raises the tier.
    #[must_use]
    pub fn hints(self, hints: Hints) -> Self {
        let mut table = Table::default();
        let all = [
            ("read_only", hints.read_only),
            ("destructive", hints.destructive),
            ("open_world", hints.open_world),
        ];
        for (key, hint) in all {
            if let Some(hint) = hint {
                table.put(key, hint);
            }
        }
        self.with("hints", table)
    }

    /// An argument that has to be there, by its pointer.
    #[must_use]
    pub fn argument(self, pointer: impl Into<String>, matcher: impl Into<Matcher>) -> Self {
        self.declare(Member::needed(pointer, matcher))
    }

    /// An argument that may be absent.
    #[must_use]
    pub fn optional(self, pointer: impl Into<String>, matcher: impl Into<Matcher>) -> Self {
        self.declare(Member::optional(pointer, matcher))
    }

    fn declare(mut self, Member { pointer, value }: Member) -> Self {
        self.arguments.put(pointer, value);
        self
    }

    /// It acts on a resource of this kind, named by the argument at this pointer.
    #[must_use]
    pub fn resource(self, kind: impl Into<String>, id: impl Into<String>) -> Self {
        let named = Table::of("kind", kind.into()).with("id", id.into());
        self.acts_on(named)
    }

    /// It acts on a resource of this kind for each item of the array at `each`; the pointer `id`
    /// leads on from the item.
    #[must_use]
    pub fn resources(
        self,
        kind: impl Into<String>,
        each: impl Into<String>,
        id: impl Into<String>,
    ) -> Self {
        let named = Table::of("kind", kind.into());
        self.acts_on(named.with("each", each.into()).with("id", id.into()))
    }

    fn acts_on(mut self, named: Table) -> Self {
        self.resources.push(named.into());
        self
    }

    /// What the host must do whenever it runs.
    #[must_use]
    pub fn obligations(self, obligations: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with("obligations", names(obligations))
    }

    /// It is the tool whose definition has this digest, as 64 hex digits, and none that is called
    /// the same.
    #[must_use]
    pub fn definition(self, digest: impl Into<String>) -> Self {
        self.with("definition", digest.into())
    }

    /// It needs this credential of its own for each call, which the host's broker issues.
    #[must_use]
    pub fn credential(self, name: impl Into<String>) -> Self {
        self.with("credential", name.into())
    }

    /// Its calls are tried out by a call with the same arguments, but that the one at `pointer` has
    /// this value.
    #[must_use]
    pub fn dry_run(self, pointer: impl Into<String>, value: impl Into<Value>) -> Self {
        let table = Table::of("argument", pointer.into()).with("value", value.into());
        self.with("dry_run", table)
    }

    /// Its calls are tried out by a call of this other tool with the same arguments.
    #[must_use]
    pub fn dry_run_by(self, tool: impl Into<String>) -> Self {
        self.with("dry_run", Table::of("tool", tool.into()))
    }

    /// What the log keeps of its arguments.
    #[must_use]
    pub fn record_arguments(self, keeping: Keeping) -> Self {
        self.record("arguments", keeping)
    }

    /// What the log keeps of its results.
    #[must_use]
    pub fn record_result(self, keeping: Keeping) -> Self {
        self.record("result", keeping)
    }

    /// What the log keeps of the fragment of the prompt that the host names.
    #[must_use]
    pub fn record_prompt(self, keeping: Keeping) -> Self {
        self.record("prompt", keeping)
    }

    /// What the log keeps of the argument at `pointer`, where that is not what it keeps of the
    /// others.
    #[must_use]
    pub fn record_argument(self, pointer: &str, keeping: Keeping) -> Self {
        self.record(pointer, keeping)
    }

    fn record(mut self, key: &str, keeping: Keeping) -> Self {
        self.record.put(key, keeping.as_str());
        self
    }

    fn with(mut self, key: &str, value: impl Into<Written>) -> Self {
        self.table.put(key, value);
        self
    }

    pub(super) fn into_table(mut self) -> Table {
        if !self.resources.is_empty() {
            self.table.put("resources", Written::List(self.resources));
        }
        if !self.record.0.is_empty() {
            self.table.put("record", self.record);
        }
        if !self.arguments.0.is_empty() {
            self.table.put("arguments", self.arguments);
        }
        self.table
    }
}
