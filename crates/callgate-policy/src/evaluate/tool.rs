//! One entry of the catalogue, as calls see it.

use std::fmt;

use callgate_types::{Arguments, Caller, Context, Digest, Factor, RiskTier};

use super::bind::{self, Bound};
use super::{ArgumentFault, ResourceNames};
use crate::compile::{Compiled, CompiledTool};
use crate::document::{Access, DryRun, Recording, ScopeDemand};
use crate::policy::Policy;

/// A tool of the catalogue; found by [`Policy::tool`].
#[derive(Clone, Copy)]
pub struct ToolRef<'p> {
    policy: &'p Policy,
    tool: &'p CompiledTool,
    number: u32,
}

impl<'p> ToolRef<'p> {
    pub(crate) fn new(policy: &'p Policy, number: u32) -> Option<Self> {
        let tool = policy.compiled().tool(number)?;
        Some(Self {
            policy,
            tool,
            number,
        })
    }

    /// Its place among the tools of the policy, from 0, in order of the bytes of their names.
    pub const fn index(self) -> usize {
        self.number as usize
    }

    /// Its name.
    pub fn name(self) -> &'p str {
        &self.tool.name
    }

    /// Whether it changes anything.
    pub const fn access(self) -> Access {
        self.tool.access
    }

    /// Which scope its caller must hold.
    pub const fn scope(self) -> &'p ScopeDemand {
        &self.tool.scope
    }

    /// The least tier of its calls.
    pub const fn tier(self) -> RiskTier {
        self.tool.tier
    }

    /// The tier that its entry states, or that follows from its access.
    pub const fn stated_tier(self) -> RiskTier {
        self.tool.stated_tier
    }

    /// What raises the tier of all its calls above that.
    #[inline]
    pub fn factors(self) -> &'p [Factor<'static>] {
        self.tool.raised.as_ref().map_or(&[], |raised| &raised.0)
    }

    /// The digest of the definition that was accepted, where the catalogue pins one.
    #[inline]
    pub const fn definition(self) -> Option<&'p Digest> {
        self.tool.definition.as_ref()
    }

    /// The credential of its own that it needs for each call, by name.
    #[inline]
    pub fn credential(self) -> Option<&'p str> {
        self.tool.credential.as_deref()
    }

    /// How its calls are tried out; `None` where they cannot be. Looked up each time.
    pub fn dry_run(self) -> Option<&'p DryRun> {
        let entry = self.policy.document().tools.get(self.name())?;
        entry.dry_run.as_ref()
    }

    /// What the host must do whenever it runs.
    pub fn obligations(self) -> &'p [Box<str>] {
        &self.tool.obligations
    }

    /// What the log keeps of its calls.
    pub const fn recording(self) -> &'p Recording {
        &self.tool.record
    }

    /// Accepts arguments by the closed world: all that are there are declared, all that are
    /// required are there, and each is what its matcher says.
    ///
    /// Nothing is known of caller and context here, so an argument that the policy compares with
    /// them is refused: see [`ToolRef::bind_for`].
    ///
    /// # Errors
    ///
    /// Says what is wrong with them: first with what is there, then what is missing.
    pub fn bind<'a>(self, arguments: &'a Arguments) -> Result<Bound<'a>, ArgumentFault>
    where
        'p: 'a,
    {
        bind::bind(self, arguments, None, None)
    }

    /// Accepts the arguments of a call by `caller` in `context`, as [`ToolRef::bind`] does.
    ///
    /// # Errors
    ///
    /// As [`ToolRef::bind`].
    pub fn bind_for<'a>(
        self,
        arguments: &'a Arguments,
        caller: &Caller,
        context: &Context,
    ) -> Result<Bound<'a>, ArgumentFault>
    where
        'p: 'a,
    {
        bind::bind(self, arguments, Some(caller), Some(context))
    }

    /// Finds the declared arguments without testing any: enough to see which resources they
    /// name, and never to let a call through.
    ///
    /// # Errors
    ///
    /// Refuses arguments that are not declared, and more resources than a call may name.
    pub fn locate<'a>(self, arguments: &'a Arguments) -> Result<Bound<'a>, ArgumentFault>
    where
        'p: 'a,
    {
        bind::locate(self, arguments)
    }

    /// Whether its calls name resources.
    #[inline]
    pub fn names_resources(self) -> bool {
        !self.tool.resources.is_empty()
    }

    /// The resources that the arguments name, in the order of the catalogue entry.
    pub fn resource_names<'b, 'a>(self, bound: &'b Bound<'a>) -> ResourceNames<'b, 'a>
    where
        'p: 'a,
    {
        ResourceNames::new(self.tool, self.compiled(), bound.arguments(), bound.slots())
    }

    pub(crate) fn compiled(self) -> &'p Compiled {
        self.policy.compiled()
    }

    pub(crate) const fn policy(self) -> &'p Policy {
        self.policy
    }

    pub(crate) const fn entry(self) -> &'p CompiledTool {
        self.tool
    }

    pub(crate) const fn number(self) -> u32 {
        self.number
    }

    pub(crate) fn is_same(self, other: ToolRef<'_>) -> bool {
        self.number == other.number && std::ptr::eq(self.policy, other.policy)
    }
}

impl fmt::Debug for ToolRef<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("ToolRef").field(&self.name()).finish()
    }
}
