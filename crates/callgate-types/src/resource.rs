//! What a call acts on.

use crate::Facts;

/// A resource and the facts that the host vouches for.
///
/// Which resource a call acts on follows from its arguments; what that resource *is* (its
/// tenant, owner, classification) never does: only the host can say so.
#[derive(Clone, Debug)]
pub struct Resource {
    kind: Box<str>,
    id: Box<str>,
    tenant: Option<Box<str>>,
    facts: Facts,
}

impl Resource {
    /// The resource `id` of `kind`, of which nothing else is known yet.
    pub fn new(kind: impl Into<Box<str>>, id: impl Into<Box<str>>) -> Self {
        Self {
            kind: kind.into(),
            id: id.into(),
            tenant: None,
            facts: Facts::new(),
        }
    }

    /// The tenant to which the resource belongs.
    #[must_use]
    pub fn tenant(mut self, tenant: impl Into<Box<str>>) -> Self {
        self.tenant = Some(tenant.into());
        self
    }

    /// A further fact; rules name it as `resource/NAME`. `kind`, `id` and `tenant` are not
    /// facts of this sort: those names are never looked up here.
    #[must_use]
    pub fn fact(mut self, name: impl Into<Box<str>>, value: impl Into<serde_json::Value>) -> Self {
        self.facts.set(name, &value.into());
        self
    }

    /// All further facts at once.
    #[must_use]
    pub fn with_facts(mut self, facts: Facts) -> Self {
        self.facts = facts;
        self
    }

    /// Kind and id.
    pub fn name(&self) -> ResourceName<'_> {
        ResourceName {
            kind: &self.kind,
            id: Some(&self.id),
        }
    }

    /// The tenant; `None` where it is unknown.
    pub fn tenant_name(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    /// The further facts.
    pub const fn facts(&self) -> &Facts {
        &self.facts
    }
}

/// What the arguments of a call say it acts on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct ResourceName<'a> {
    /// The kind, as the tool's catalogue entry names it.
    pub kind: &'a str,
    /// The id; `None` where the argument that names it is absent or names nothing.
    pub id: Option<&'a str>,
}

impl<'a> ResourceName<'a> {
    /// The resource `id` of `kind`.
    pub const fn new(kind: &'a str, id: Option<&'a str>) -> Self {
        Self { kind, id }
    }
}

/// Looks up the facts of a resource, so that hosts need not do it call by call.
///
/// It is asked, in the thread that authorizes, for every resource that the arguments name and
/// the context does not hold. Answer from memory, or bound the time you take.
pub trait ResourceDirectory: Send + Sync {
    /// What is known of `resource`; `None` where nothing is, or nothing could be learnt: its
    /// facts then are unknown. The answer must have the kind and id asked for; any other is
    /// taken as `None`.
    fn look_up(&self, resource: ResourceName<'_>) -> Option<Resource>;
}
