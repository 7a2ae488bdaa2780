//! Who calls in an example: how each was verified, what each holds where, and what it was handed.

use std::time::Duration;

use callgate_types::Method;
use chrono::{DateTime, Utc};

use super::friction::seconds;
use super::rule::written;
use super::written::{Table, Written, names};

/// The caller of an example.
///
/// # Examples
///
/// ```
/// use callgate_policy::builder::{
///     Example, ExampleCaller, ExampleDelegation, ExamplePrincipal, ExampleVerification,
///     PolicyBuilder, Role, Rule, Tool,
/// };
/// use callgate_types::Method;
///
/// let alice = ExamplePrincipal::new("user:alice")
///     .member_of("acme", ["support"])
///     .verified(ExampleVerification::by(Method::Jwt).issuer("https://idp.example"));
/// let bot = ExamplePrincipal::new("agent:support-bot")
///     .delegated(ExampleDelegation::all().tools(["look"]));
/// let caller = ExampleCaller::of(alice).actors([bot]).tenant("acme");
///
/// let desk = PolicyBuilder::new("desk")
///     .role(Role::new("support").scopes(["read"]))
///     .actor("support-bot", ["read"])
///     .tool(Tool::read("look").scope("read"))
///     .tool(Tool::read("list").scope("read"))
///     .rule(Rule::permit("reading").roles(["support"]))
///     .example(Example::allow("look").caller(caller.clone()))
///     .example(Example::deny("list").caller(caller).with_code("tool_not_delegated"));
/// assert_eq!(desk.build()?.document().examples.len(), 2);
/// # Ok::<(), callgate_policy::Diagnostics>(())
/// ```
#[derive(Clone, Debug)]
pub struct ExampleCaller(Table);

impl ExampleCaller {
    /// On the authority of this subject.
    pub fn of(subject: impl Into<ExamplePrincipal>) -> Self {
        Self(Table::of("subject", subject.into().into_written()))
    }

    /// Who holds these roles in the tenant of the caller.
    #[must_use]
    pub fn roles(self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(self.0.with("roles", names(roles)))
    }

    /// Through these actors, the last one acting.
    #[must_use]
    pub fn actors(self, actors: impl IntoIterator<Item = impl Into<ExamplePrincipal>>) -> Self {
        let actors = actors.into_iter().map(Into::into);
        let actors = actors.map(ExamplePrincipal::into_written).collect();
        Self(self.0.with("actors", Written::List(actors)))
    }

    /// In this tenant.
    #[must_use]
    pub fn tenant(self, tenant: impl Into<String>) -> Self {
        Self(self.0.with("tenant", tenant.into()))
    }

    /// Whoever acts for an actor may use no more than this.
    #[must_use]
    pub fn sub_agents_at_most(self, ceiling: ExampleDelegation) -> Self {
        Self(self.0.with("sub_agents_at_most", ceiling.0))
    }

    pub(super) fn into_table(self) -> Table {
        self.0
    }
}

/// The subject or an actor of an example; a text is one of which only the name is known, as `kind:id`.
#[derive(Clone, Debug)]
pub struct ExamplePrincipal {
    name: String,
    more: Table,
    tenants: Table,
}

impl ExamplePrincipal {
    /// The principal with this name, as `kind:id`.
    pub fn new(name: impl Into<String>) -> Self {
        Self {
            name: name.into(),
            more: Table::default(),
            tenants: Table::default(),
        }
    }

    /// It belongs to this tenant, and holds these roles there.
    #[must_use]
    pub fn member_of(
        mut self,
        tenant: impl Into<String>,
        roles: impl IntoIterator<Item = impl Into<String>>,
    ) -> Self {
        self.tenants.put(tenant, names(roles));
        self
    }

    /// It holds these roles in every tenant.
    #[must_use]
    pub fn crossing_tenants(self, roles: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with("crossing_roles", names(roles))
    }

    /// How it is supposed to have been verified; without it, it is asserted.
    #[must_use]
    pub fn verified(self, verification: ExampleVerification) -> Self {
        self.with("verified", verification.0)
    }

    /// What its credential confines it to.
    #[must_use]
    pub fn limited_to(self, limit: ExampleDelegation) -> Self {
        self.with("limit", limit.0)
    }

    /// What it was handed, as an actor.
    #[must_use]
    pub fn delegated(self, delegation: ExampleDelegation) -> Self {
        self.with("delegated", delegation.0)
    }

    /// Nobody but these may act for it, each as `kind:id`.
    #[must_use]
    pub fn lets_act(self, actors: impl IntoIterator<Item = impl Into<String>>) -> Self {
        self.with("lets_act", names(actors))
    }

    fn with(mut self, key: &str, value: impl Into<Written>) -> Self {
        self.more.put(key, value);
        self
    }

    fn into_written(self) -> Written {
        let Self {
            name,
            more,
            tenants,
        } = self;
        if more.0.is_empty() && tenants.0.is_empty() {
            return name.into();
        }
        // A name without a colon is refused when it is read.
        let (kind, id) = name.split_once(':').unwrap_or((&name, ""));
        let mut table = Table::of("kind", kind).with("id", id);
        if !tenants.0.is_empty() {
            table.put("tenants", tenants);
        }
        table.0.extend(more.0);
        table.into()
    }
}

impl From<&str> for ExamplePrincipal {
    fn from(name: &str) -> Self {
        Self::new(name)
    }
}

impl From<String> for ExamplePrincipal {
    fn from(name: String) -> Self {
        Self::new(name)
    }
}

/// How a principal of an example is supposed to have been verified.
#[derive(Clone, Debug)]
pub struct ExampleVerification(Table);

impl ExampleVerification {
    /// In this way.
    pub fn by(method: Method) -> Self {
        Self(Table::of("method", method.as_str()))
    }

    /// By this issuer or verifier.
    #[must_use]
    pub fn issuer(self, issuer: impl Into<String>) -> Self {
        Self(self.0.with("issuer", issuer.into()))
    }

    /// It proved who it is so long before the time of the example.
    #[must_use]
    pub fn age(self, age: Duration) -> Self {
        Self(self.0.with("age", seconds(age)))
    }

    /// It ends at this moment.
    #[must_use]
    pub fn until(self, end: DateTime<Utc>) -> Self {
        Self(self.0.with("until", written(end)))
    }
}

/// What somebody of an example was handed: everything, but for what this cuts.
#[derive(Clone, Debug, Default)]
pub struct ExampleDelegation(Table);

impl ExampleDelegation {
    /// Everything.
    pub fn all() -> Self {
        Self::default()
    }

    /// No scopes but these.
    #[must_use]
    pub fn scopes(self, scopes: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(self.0.with("scopes", names(scopes)))
    }

    /// No tools but these.
    #[must_use]
    pub fn tools(self, tools: impl IntoIterator<Item = impl Into<String>>) -> Self {
        Self(self.0.with("tools", names(tools)))
    }

    /// Until this moment.
    #[must_use]
    pub fn until(self, end: DateTime<Utc>) -> Self {
        Self(self.0.with("until", written(end)))
    }
}
