//! Collecting conditions, each once.

use super::conditions::{Conditions, Part, Source};
use super::gather;
use super::mentions::compares_with_resource;
use super::offset::offset;
use super::pool::Pool;
use super::tests_of;
use crate::document::{Condition, Fact, FactRoot, Matcher, Pointer, Tool};
use crate::evaluate::Test;

/// Collects conditions, and finishes them once it has seen how often each is used.
#[derive(Debug, Default)]
pub(super) struct ConditionsBuilder {
    drafts: Drafts,
    /// Whether the statement at hand is judged for each resource.
    per_resource: bool,
    pointers: Pool<Pointer, Pointer>,
    /// Whether something is read that depends on the time.
    is_timed: bool,
}

/// Conditions as their authors wrote them, by number. What is inside has a lower number.
#[derive(Debug, Default)]
pub(super) struct Drafts {
    pub(super) nodes: Pool<Draft, Draft>,
    pub(super) uses: Vec<Uses>,
    pub(super) lists: Pool<Box<[u32]>, Box<[u32]>>,
    pub(super) tests: Pool<Box<[u8]>, Test>,
}

/// A condition as its author wrote it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(super) enum Draft {
    All(u32),
    Any(u32),
    Not(u32),
    Value {
        source: Source,
        test: u32,
        /// Whether its truth is the same for each resource of a call.
        steady: bool,
    },
}

/// Where a condition stands.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Uses {
    /// In so many places.
    pub(super) places: u32,
    /// In one that is judged for each resource.
    pub(super) per_resource: bool,
}

impl ConditionsBuilder {
    /// The draft for `condition`; `None` where it always holds. With `tool` the condition is only
    /// judged for calls of that tool; `per_resource` says that it is judged for each resource.
    pub(super) fn compile(
        &mut self,
        condition: &Condition,
        tool: Option<&Tool>,
        per_resource: bool,
    ) -> Option<u32> {
        self.per_resource = per_resource;
        match condition {
            Condition::All(parts) if parts.is_empty() => None,
            _ => Some(self.draft(condition, tool)),
        }
    }

    /// The nesting of the document bounds the recursion.
    fn draft(&mut self, condition: &Condition, tool: Option<&Tool>) -> u32 {
        let draft = match condition {
            Condition::All(parts) => match self.parts(parts, tool) {
                Parts::One(node) => return node,
                Parts::Several(list) => Draft::All(list),
            },
            Condition::Any(parts) => match self.parts(parts, tool) {
                Parts::One(node) => return node,
                Parts::Several(list) => Draft::Any(list),
            },
            Condition::Not(inner) => Draft::Not(self.draft(inner, tool)),
            Condition::Value(fact, matcher) => {
                let source = self.source(fact, tool);
                let key = tests_of::key(matcher, |fact| self.source(fact, tool));
                let test = if let Some(known) = self.drafts.tests.known(&key) {
                    known
                } else {
                    let test = self.compile_test(matcher, tool);
                    self.drafts.tests.number(key, || test)
                };
                Draft::Value {
                    source,
                    test,
                    steady: fact.root != FactRoot::Resource && !compares_with_resource(matcher),
                }
            }
        };
        self.drafts.add(draft, self.per_resource)
    }

    fn parts(&mut self, parts: &[Condition], tool: Option<&Tool>) -> Parts {
        let mut nodes: Vec<u32> = parts.iter().map(|part| self.draft(part, tool)).collect();
        // The order makes no difference to the truth, so the cheap ones go first.
        nodes.sort_by_cached_key(|node| (self.drafts.cost(*node), *node));
        nodes.dedup();
        if let [one] = *nodes {
            return Parts::One(one);
        }
        let list: Box<[u32]> = nodes.into();
        Parts::Several(self.drafts.lists.number(list.clone(), || list))
    }

    pub(super) fn compile_test(&mut self, matcher: &Matcher, tool: Option<&Tool>) -> Test {
        tests_of::compile(matcher, &mut |fact| self.source(fact, tool))
    }

    /// What tells the arguments that `tool` declares from those of other tools.
    pub(super) fn arguments_key(&mut self, tool: &Tool) -> Box<[u8]> {
        tests_of::arguments_key(&tool.arguments, |fact| self.source(fact, Some(tool)))
    }

    pub(super) fn source(&mut self, fact: &Fact, tool: Option<&Tool>) -> Source {
        let mut tokens = fact.pointer.tokens();
        let name = (tokens.next(), tokens.next());
        match fact.root {
            FactRoot::Arguments => self.argument(&fact.pointer, tool),
            FactRoot::Caller => match name {
                (Some("tenant"), None) => Source::Tenant,
                (Some("subject"), None) => Source::Subject,
                (Some("id"), None) => Source::SubjectId,
                (Some("kind"), None) => Source::SubjectKind,
                (Some("actor"), None) => Source::Actor,
                (Some("verified"), Some("method")) => Source::VerifiedMethod,
                (Some("verified"), Some("issuer")) => Source::VerifiedIssuer,
                (Some("verified"), Some("age")) => {
                    self.is_timed = true;
                    Source::VerifiedAge
                }
                _ => Source::Nowhere,
            },
            FactRoot::Context => match name {
                (Some("environment"), None) => Source::Environment,
                (Some("session"), None) => Source::Session,
                (Some("task"), None) => Source::Task,
                (None | Some("environment" | "session" | "task"), _) => Source::Nowhere,
                _ => Source::ContextFact(self.keep_pointer(&fact.pointer)),
            },
            FactRoot::Resource => match name {
                (Some("kind"), None) => Source::ResourceKind,
                (Some("id"), None) => Source::ResourceId,
                (Some("tenant"), None) => Source::ResourceTenant,
                (None | Some("kind" | "id" | "tenant"), _) => Source::Nowhere,
                _ => Source::ResourceFact(self.keep_pointer(&fact.pointer)),
            },
        }
    }

    /// Where an argument stands: in a slot, if `tool` declares exactly this one.
    pub(super) fn argument(&mut self, pointer: &Pointer, tool: Option<&Tool>) -> Source {
        let mut declared = tool.iter().flat_map(|tool| &tool.arguments);
        match declared.position(|argument| argument.pointer == *pointer) {
            Some(slot) => Source::Slot(offset(slot)),
            None => Source::Argument(self.keep_pointer(pointer)),
        }
    }

    /// The number of a pointer that is read somewhere.
    pub(super) fn pointer_number(&self, pointer: &str) -> Option<u32> {
        self.pointers.known(&Pointer::parse(pointer)?)
    }

    pub(super) fn keep_pointer(&mut self, pointer: &Pointer) -> u32 {
        self.pointers.number(pointer.clone(), || pointer.clone())
    }

    /// All conditions, and for each of `whole`, which are those of the statements, the two parts
    /// that must hold.
    pub(super) fn finish(self, whole: &[Option<u32>]) -> (Conditions, Vec<[Part; 2]>) {
        let (mut conditions, parts) = gather::finish(self.drafts, self.pointers.finish(), whole);
        conditions.is_timed = self.is_timed;
        (conditions, parts)
    }
}

impl Drafts {
    /// The number of a condition that stands in one more place.
    pub(super) fn add(&mut self, draft: Draft, per_resource: bool) -> u32 {
        let number = self.nodes.number(draft, || draft);
        if self.uses.len() <= number as usize {
            self.uses.push(Uses::default());
        }
        if let Some(uses) = self.uses.get_mut(number as usize) {
            uses.places = uses.places.saturating_add(1);
            uses.per_resource |= per_resource;
        }
        number
    }

    /// The parts of a condition that has several.
    pub(super) fn list(&self, list: u32) -> &[u32] {
        self.lists.get(list).map_or(&[], |list| &**list)
    }

    pub(super) fn uses(&self, node: u32) -> Uses {
        self.uses.get(node as usize).copied().unwrap_or_default()
    }

    pub(super) fn cost(&self, node: u32) -> u32 {
        match self.nodes.get(node) {
            Some(Draft::Value { test, .. }) => self.tests.get(*test).map_or(0, Test::cost),
            Some(Draft::Not(inner)) => self.cost(*inner),
            Some(Draft::All(list) | Draft::Any(list)) => {
                let parts = self.list(*list).iter();
                parts
                    .map(|node| self.cost(*node))
                    .fold(0, u32::saturating_add)
            }
            None => 0,
        }
    }
}

enum Parts {
    One(u32),
    Several(u32),
}
