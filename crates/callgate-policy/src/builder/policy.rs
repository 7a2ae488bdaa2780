//! A policy in the making.

use callgate_types::RiskTier;

use super::written::{Table, Written, names};
use super::{Example, Friction, Limit, Raise, Role, Rule, Tool, write};
use crate::{Diagnostics, Policy};

/// What the text is called in diagnostics.
const FILE: &str = "built.json";

/// A policy that a program puts together.
///
/// What is put in is not looked at before the end: then all of it is written, and read as any
/// policy is. What is put in twice is an error, and never the later one of two.
#[derive(Clone, Debug)]
pub struct PolicyBuilder {
    head: Table,
    roles: Table,
    actors: Table,
    tools: Table,
    rules: Vec<Written>,
    raises: Vec<Written>,
    limits: Vec<Written>,
    friction: Table,
    examples: Vec<Written>,
}

impl PolicyBuilder {
    /// A policy of this name that holds nothing yet.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            head: Table::of("format", 1).with("name", name.into()),
            roles: Table::default(),
            actors: Table::default(),
            tools: Table::default(),
            rules: Vec::new(),
            raises: Vec::new(),
            limits: Vec::new(),
            friction: Table::default(),
            examples: Vec::new(),
        }
    }

    /// Resources of other tenants than the caller's are out of reach: the rule `own-tenant-only`.
    #[must_use]
    pub fn isolated_by_tenant(mut self) -> Self {
        self.head.put("isolation", "tenant");
        self
    }

    /// A role.
    #[must_use]
    pub fn role(mut self, role: Role) -> Self {
        self.roles.put(role.name, role.table);
        self
    }

    /// An agent, by its id, and what it may use at most.
    #[must_use]
    pub fn actor(
        mut self,
        id: impl Into<String>,
        scopes: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.actors.put(id, Table::of("scopes", names(scopes)));
        self
    }

    /// A tool of the catalogue.
    #[must_use]
    pub fn tool(mut self, tool: Tool) -> Self {
        self.tools.put(tool.name.clone(), tool.into_table());
        self
    }

    /// A rule.
    #[must_use]
    pub fn rule(mut self, rule: Rule) -> Self {
        self.rules.push(rule.into_table().into());
        self
    }

    /// A statement that raises the tier.
    #[must_use]
    pub fn raise(mut self, raise: Raise) -> Self {
        self.raises.push(raise.into_table().into());
        self
    }

    /// A bound on what calls do together.
    #[must_use]
    pub fn limit(mut self, limit: Limit) -> Self {
        self.limits.push(limit.into_table().into());
        self
    }

    /// What every call of a tier demands.
    #[must_use]
    pub fn friction(mut self, tier: RiskTier, friction: Friction) -> Self {
        self.friction.put(tier.as_str(), friction.into_table());
        self
    }

    /// A call, with the decision that is expected. It is tried by the gate that loads the policy.
    #[must_use]
    pub fn example(mut self, example: Example) -> Self {
        self.examples.push(example.into_table().into());
        self
    }

    /// The policy. Its digest is that of [`PolicyBuilder::to_json`].
    ///
    /// # Errors
    ///
    /// Reports everything that is wrong, as [`Policy::parse_json`] does of the text of
    /// [`PolicyBuilder::to_json`]: places are places there.
    pub fn build(&self) -> Result<Policy, Diagnostics> {
        Policy::parse_json(&self.to_json(), FILE)
    }

    /// What was put in, as JSON; it may not load.
    pub fn to_json(&self) -> String {
        write::json(&self.document())
    }

    /// The policy in TOML, to be reviewed and kept.
    ///
    /// # Errors
    ///
    /// As [`PolicyBuilder::build`]: what does not load is not written.
    pub fn to_toml(&self) -> Result<String, Diagnostics> {
        self.build()?;
        Ok(write::toml(&self.document()))
    }

    fn document(&self) -> Table {
        let mut document = self.head.clone();
        let tables = [
            ("roles", &self.roles),
            ("actors", &self.actors),
            ("tools", &self.tools),
            ("friction", &self.friction),
        ];
        for (key, table) in tables {
            if !table.0.is_empty() {
                document.put(key, table.clone());
            }
        }
        let lists = [
            ("rules", &self.rules),
            ("raise", &self.raises),
            ("limits", &self.limits),
            ("examples", &self.examples),
        ];
        for (key, list) in lists {
            if !list.is_empty() {
                document.put(key, Written::List(list.clone()));
            }
        }
        document
    }
}
