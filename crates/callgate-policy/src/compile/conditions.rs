//! Conditions, matchers and the places of values in compact form.

use super::mentions::compares_with_resource;
use super::offset::offset;
use super::pool::Pool;
use super::tests_of;
use crate::document::{Condition, Fact, FactRoot, Matcher, Pointer, Tool};
use crate::evaluate::Test;

/// All conditions of a policy. Equal ones are kept once.
#[derive(Debug)]
pub(crate) struct Conditions {
    nodes: Box<[Node]>,
    /// The parts of nodes that have several.
    links: Box<[Part]>,
    tests: Box<[Test]>,
    pointers: Box<[Pointer]>,
}

/// What costs less is quicker done again than remembered.
const DEAR: u32 = 4;

/// A part of a condition.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    All(Links),
    Any(Links),
    Not(u32),
    Value {
        source: Source,
        test: u32,
        /// Whether its truth is the same for each resource of a call.
        steady: bool,
        /// Whether it may be asked for more than once in a call, is then the same, and is dear.
        shared: bool,
    },
}

/// A node among several. What is asked most often stands here once more: a test of a slot.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Part {
    pub(crate) node: u32,
    pub(crate) test: u16,
    /// [`Part::NO_SLOT`] for any other node, and where a number has no room here.
    pub(crate) slot: u8,
    /// Whether the node is to be asked: it may be known already, or is all that there is.
    pub(crate) shared: bool,
}

impl Part {
    pub(crate) const NO_SLOT: u8 = u8::MAX;

    fn new(node: u32, nodes: &[Node]) -> Self {
        let known = match nodes.get(node as usize) {
            Some(Node::Value {
                source: Source::Slot(slot),
                test,
                shared,
                ..
            }) => {
                let slot = u8::try_from(*slot)
                    .ok()
                    .filter(|slot| *slot != Self::NO_SLOT);
                slot.zip(u16::try_from(*test).ok())
                    .map(|(slot, test)| Self {
                        node,
                        test,
                        slot,
                        shared: *shared,
                    })
            }
            _ => None,
        };
        known.unwrap_or(Self {
            node,
            test: 0,
            slot: Self::NO_SLOT,
            shared: true,
        })
    }
}

/// Several nodes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Links {
    start: u32,
    len: u32,
}

/// Where a value stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Source {
    /// A declared argument of the one tool that the statement is about.
    Slot(u32),
    /// The arguments, by a pointer.
    Argument(u32),
    Tenant,
    Subject,
    SubjectId,
    SubjectKind,
    Actor,
    Environment,
    Session,
    Task,
    /// A fact of the context: its name is the first token of the pointer.
    ContextFact(u32),
    ResourceKind,
    ResourceId,
    ResourceTenant,
    /// A fact of the resource: its name is the first token of the pointer.
    ResourceFact(u32),
    /// Names nothing: unknown.
    Nowhere,
}

impl Conditions {
    #[inline]
    pub(crate) fn node(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    #[inline]
    pub(crate) fn linked(&self, links: Links) -> Option<&[Part]> {
        let from = links.start as usize;
        let to = from.saturating_add(links.len as usize);
        self.links.get(from..to)
    }

    #[inline]
    pub(crate) fn test(&self, test: u32) -> Option<&Test> {
        self.tests.get(test as usize)
    }

    #[inline]
    pub(crate) fn pointer(&self, pointer: u32) -> Option<&Pointer> {
        self.pointers.get(pointer as usize)
    }
}

/// Collects conditions.
#[derive(Debug, Default)]
pub(super) struct ConditionsBuilder {
    nodes: Pool<Node, Node>,
    /// By node, in how many places it stands; in one that is judged for each resource twice.
    uses: Vec<u32>,
    /// Whether the statement at hand is judged for each resource.
    per_resource: bool,
    lists: Pool<Box<[u32]>, Links>,
    links: Vec<u32>,
    tests: Pool<Box<[u8]>, Test>,
    pointers: Pool<Pointer, Pointer>,
}

impl ConditionsBuilder {
    /// The node for `condition`; `None` where it always holds. With `tool` the condition is only
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
            _ => Some(self.node(condition, tool)),
        }
    }

    /// The nesting of the document bounds the recursion.
    fn node(&mut self, condition: &Condition, tool: Option<&Tool>) -> u32 {
        let node = match condition {
            Condition::All(parts) => match self.parts(parts, tool) {
                Parts::One(node) => return node,
                Parts::Several(links) => Node::All(links),
            },
            Condition::Any(parts) => match self.parts(parts, tool) {
                Parts::One(node) => return node,
                Parts::Several(links) => Node::Any(links),
            },
            Condition::Not(inner) => Node::Not(self.node(inner, tool)),
            Condition::Value(fact, matcher) => {
                let source = self.source(fact, tool);
                let key = tests_of::key(matcher, |fact| self.source(fact, tool));
                let test = if let Some(known) = self.tests.known(&key) {
                    known
                } else {
                    let test = self.compile_test(matcher, tool);
                    self.tests.number(key, || test)
                };
                Node::Value {
                    source,
                    test,
                    steady: fact.root != FactRoot::Resource && !compares_with_resource(matcher),
                    shared: false,
                }
            }
        };
        let number = self.nodes.number(node, || node);
        if self.uses.len() <= number as usize {
            self.uses.push(0);
        }
        if let Some(uses) = self.uses.get_mut(number as usize) {
            *uses = uses
                .saturating_add(1)
                .saturating_add(self.per_resource.into());
        }
        number
    }

    fn parts(&mut self, parts: &[Condition], tool: Option<&Tool>) -> Parts {
        let mut nodes: Vec<u32> = parts.iter().map(|part| self.node(part, tool)).collect();
        // The order makes no difference to the truth, so the cheap ones go first.
        nodes.sort_by_cached_key(|node| (self.cost(*node), *node));
        nodes.dedup();
        if let [one] = *nodes {
            return Parts::One(one);
        }
        let links = &mut self.links;
        let list: Box<[u32]> = nodes.into();
        let number = self.lists.number(list.clone(), || {
            let start = offset(links.len());
            links.extend_from_slice(&list);
            Links {
                start,
                len: offset(list.len()),
            }
        });
        let none = Links { start: 0, len: 0 };
        Parts::Several(self.lists.get(number).copied().unwrap_or(none))
    }

    fn cost(&self, node: u32) -> u32 {
        match self.nodes.get(node) {
            Some(Node::Value { test, .. }) => self.tests.get(*test).map_or(0, Test::cost),
            Some(Node::Not(inner)) => self.cost(*inner),
            Some(Node::All(links) | Node::Any(links)) => {
                let from = links.start as usize;
                let to = from.saturating_add(links.len as usize);
                let inner = self.links.get(from..to).into_iter().flatten();
                inner
                    .map(|node| self.cost(*node))
                    .fold(0, u32::saturating_add)
            }
            None => 0,
        }
    }

    pub(super) fn compile_test(&mut self, matcher: &Matcher, tool: Option<&Tool>) -> Test {
        tests_of::compile(matcher, &mut |fact| self.source(fact, tool))
    }

    /// What tells the arguments that `tool` declares from those of other tools.
    pub(super) fn arguments_key(&mut self, tool: &Tool) -> Box<[u8]> {
        tests_of::arguments_key(&tool.arguments, |fact| self.source(fact, Some(tool)))
    }

    fn source(&mut self, fact: &Fact, tool: Option<&Tool>) -> Source {
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

    pub(super) fn finish(self) -> Conditions {
        let mut nodes = self.nodes.finish();
        for (node, uses) in nodes.iter_mut().zip(self.uses) {
            if let Node::Value {
                steady,
                shared,
                test,
                ..
            } = node
            {
                let cost = self.tests.get(*test).map_or(0, Test::cost);
                *shared = *steady && uses > 1 && cost >= DEAR;
            }
        }
        let links = self.links.iter();
        Conditions {
            links: links.map(|node| Part::new(*node, &nodes)).collect(),
            nodes,
            tests: self.tests.finish(),
            pointers: self.pointers.finish(),
        }
    }
}

enum Parts {
    One(u32),
    Several(Links),
}
