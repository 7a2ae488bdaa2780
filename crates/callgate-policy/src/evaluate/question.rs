//! What is asked of a policy.

use callgate_types::{Caller, CallerNumbers, Context, Resource, ResourceName};

use super::age::Age;
use super::keys::Keys;
use super::{Bound, Memo, Scene, ToolRef};

/// One call, with everything that its judgement depends on.
///
/// `'p` is the policy's, `'a` the call's. Nothing is copied.
#[derive(Clone, Debug)]
pub struct Question<'a, 'p> {
    tool: ToolRef<'p>,
    caller: &'a Caller,
    context: &'a Context,
    bound: &'a Bound<'a>,
    resources: &'a [NamedResource<'a>],
    keys: Keys<'a>,
    age: Age,
}

/// A resource that the arguments name, with what the host knows of it.
#[derive(Clone, Copy, Debug)]
#[expect(
    clippy::exhaustive_structs,
    reason = "made by the caller; both halves are needed to judge"
)]
pub struct NamedResource<'a> {
    /// What the arguments say.
    pub name: ResourceName<'a>,
    /// What the host says of it; `None` where nobody knows it.
    pub facts: Option<&'a Resource>,
}

impl<'a, 'p> Question<'a, 'p> {
    /// Asks whether `caller` may call `tool` with the arguments `bound`, on `resources`.
    ///
    /// The arguments must have been bound by the same tool, and `resources` must be all that
    /// [`ToolRef::resource_names`] gives. Arguments bound by another tool match no permit.
    pub fn new(
        tool: ToolRef<'p>,
        caller: &'a Caller,
        context: &'a Context,
        bound: &'a Bound<'a>,
        resources: &'a [NamedResource<'a>],
    ) -> Self {
        Self::numbered(tool, caller, None, context, bound, resources)
    }

    /// As [`Question::new`], where `numbers` are what [`Policy::number`](crate::Policy::number)
    /// of the same policy says of `caller`, if they are known.
    #[inline]
    pub fn numbered(
        tool: ToolRef<'p>,
        caller: &'a Caller,
        numbers: Option<&'a CallerNumbers>,
        context: &'a Context,
        bound: &'a Bound<'a>,
        resources: &'a [NamedResource<'a>],
    ) -> Self {
        Self {
            tool,
            caller,
            context,
            bound,
            resources,
            keys: Keys::new(tool.compiled(), tool.number(), caller, numbers, context),
            age: Age::new(),
        }
    }

    /// The tool that is called.
    pub const fn tool(&self) -> ToolRef<'p> {
        self.tool
    }

    /// Who calls.
    pub const fn caller(&self) -> &'a Caller {
        self.caller
    }

    /// What else is true of the call.
    pub const fn context(&self) -> &'a Context {
        self.context
    }

    /// The resources that the arguments name.
    pub const fn resources(&self) -> &'a [NamedResource<'a>] {
        self.resources
    }

    #[inline]
    pub(crate) const fn keys(&self) -> &Keys<'a> {
        &self.keys
    }

    /// Whether the arguments were bound by the tool that is asked about.
    pub(crate) fn is_sound(&self) -> bool {
        self.bound.tool().is_same(self.tool)
    }

    pub(crate) fn scene<'s>(
        &'s self,
        resource: Option<&'s NamedResource<'s>>,
        memo: &'s Memo,
    ) -> Scene<'s> {
        Scene {
            compiled: self.tool.compiled(),
            tool: self.tool.entry(),
            arguments: self.bound.arguments(),
            slots: self.bound.slots(),
            caller: Some(self.caller),
            context: Some(self.context),
            resource,
            age: &self.age,
            memo: Some(memo),
        }
    }
}
