//! Everything that a condition can look at, at one moment of judging.

use callgate_types::{
    Arguments, Caller, Context, Facts, JsonRef, Principal, PrincipalId, Resource, Verification,
};

use super::age::{Age, verification};
use super::bind::in_slot;
use super::{Memo, NamedResource, Value};
use crate::compile::{Compiled, CompiledTool, Source};

/// What is known of a call; whatever is `None` is unknown.
#[derive(Clone, Copy)]
pub(crate) struct Scene<'a> {
    pub(crate) compiled: &'a Compiled,
    pub(crate) tool: &'a CompiledTool,
    pub(crate) arguments: &'a Arguments,
    /// By declared argument the place of its value; 0 where it is absent.
    pub(crate) slots: &'a [u32],
    pub(crate) caller: Option<&'a Caller>,
    pub(crate) context: Option<&'a Context>,
    /// The resource that is being judged.
    pub(crate) resource: Option<&'a NamedResource<'a>>,
    /// How long ago the subject proved who it is.
    pub(crate) age: &'a Age,
    /// Answers that hold for every resource of the call.
    pub(crate) memo: Option<&'a Memo>,
}

impl<'a> Scene<'a> {
    /// The value at `source`.
    pub(crate) fn read(&self, source: Source) -> Value<'a> {
        let subject = || self.caller?.subject().map(Principal::id);
        match source {
            Source::Slot(slot) => self.argument_in(slot),
            Source::Argument(pointer) => self.argument(pointer),
            Source::Tenant => Value::given(self.caller.and_then(Caller::tenant)),
            Source::Subject => Value::given(subject().map(PrincipalId::as_str)),
            Source::SubjectId => Value::given(subject().map(PrincipalId::id)),
            Source::SubjectKind => Value::given(subject().map(|id| id.kind().as_str())),
            Source::Actor => self.actor(),
            Source::VerifiedMethod => {
                let verification = verification(self.caller);
                Value::given(verification.map(|how| how.method().as_str()))
            }
            Source::VerifiedIssuer => {
                Value::given(verification(self.caller).and_then(Verification::issuer))
            }
            Source::VerifiedAge => {
                let age = self.age.of(self.caller, self.context);
                age.map_or(Value::Unknown, Value::Json)
            }
            Source::Environment => Value::given(self.context.and_then(Context::environment_name)),
            Source::Session => Value::given(self.context.and_then(Context::session_id)),
            Source::Task => Value::given(self.context.and_then(Context::task_id)),
            Source::ContextFact(pointer) => {
                let facts = self.context.map(Context::facts);
                self.fact(facts, pointer)
            }
            Source::ResourceKind => Value::given(self.resource.map(|named| named.name.kind)),
            Source::ResourceId => Value::given(self.resource.and_then(|named| named.name.id)),
            Source::ResourceTenant => {
                let facts = self.resource.and_then(|named| named.facts);
                Value::given(facts.and_then(|facts| facts.tenant_name()))
            }
            Source::ResourceFact(pointer) => {
                let resource = self.resource.and_then(|named| named.facts);
                self.fact(resource.map(Resource::facts), pointer)
            }
            Source::Nowhere => Value::Unknown,
        }
    }

    /// The argument in a slot; `None` where it is absent.
    #[inline]
    pub(super) fn slot(&self, slot: u32) -> Option<JsonRef<'a>> {
        in_slot(self.arguments, self.slots, slot)
    }

    fn argument_in(&self, slot: u32) -> Value<'a> {
        self.slot(slot).map_or(Value::Absent, Value::Json)
    }

    fn argument(&self, pointer: u32) -> Value<'a> {
        if let Some(slot) = self.tool.slot_of(pointer) {
            return self.argument_in(slot);
        }
        match self.compiled.pointer(pointer) {
            Some(pointer) => Value::below(self.arguments.root(), pointer, 0),
            None => Value::Unknown,
        }
    }

    /// The last of the chain: the one who really calls.
    fn actor(&self) -> Value<'a> {
        match self.caller {
            Some(caller) if caller.subject().is_some() => caller
                .actors()
                .last()
                .map_or(Value::Absent, |actor| Value::Text(actor.id().as_str())),
            _ => Value::Unknown,
        }
    }

    /// The fact that the first token of a pointer names, and what the rest names inside.
    fn fact(&self, facts: Option<&'a Facts>, pointer: u32) -> Value<'a> {
        let value = || {
            let pointer = self.compiled.pointer(pointer)?;
            let fact = facts?.get(pointer.tokens().next()?)?;
            Some(Value::below(fact.root(), pointer, 1))
        };
        value().unwrap_or(Value::Unknown)
    }
}
