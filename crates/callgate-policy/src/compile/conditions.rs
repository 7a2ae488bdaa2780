//! Conditions, tests and the places of values in compact form.

use crate::document::Pointer;
use crate::evaluate::Test;

/// All conditions of a policy. Equal ones are kept once.
#[derive(Debug)]
pub(crate) struct Conditions {
    pub(super) nodes: Box<[Node]>,
    /// The parts of nodes that have several.
    pub(super) lists: Box<[Part]>,
    pub(super) tests: Box<[Test]>,
    pub(super) pointers: Box<[Pointer]>,
    /// Whether something is read that depends on the time.
    pub(super) is_timed: bool,
}

/// A condition, or a part of one. Most are the test of an argument, and stand here whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Part {
    /// Holds of every call.
    Always,
    /// The argument in a slot passes a test.
    Slot {
        slot: u16,
        test: u32,
    },
    Node(u32),
    /// A node that several ask for. Its truth is the same throughout a call, so it is kept.
    Kept(u32),
}

/// A condition that is more than the test of an argument.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) enum Node {
    All(Links),
    Any(Links),
    Not(Part),
    Value {
        source: Source,
        test: u32,
    },
    /// Some of the parts that a list has, gathered here: they must all hold.
    Gathered(Links),
}

/// Several parts.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Links {
    pub(super) start: u32,
    pub(super) len: u32,
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
    VerifiedMethod,
    VerifiedIssuer,
    VerifiedAge,
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
    /// Whether a condition or an argument reads what depends on the time.
    pub(crate) const fn is_timed(&self) -> bool {
        self.is_timed
    }

    #[inline]
    pub(crate) fn node(&self, node: u32) -> Option<&Node> {
        self.nodes.get(node as usize)
    }

    #[inline]
    pub(crate) fn linked(&self, links: Links) -> Option<&[Part]> {
        let from = links.start as usize;
        let to = from.saturating_add(links.len as usize);
        self.lists.get(from..to)
    }

    #[inline]
    pub(crate) fn test(&self, test: u32) -> Option<&Test> {
        self.tests.get(test as usize)
    }

    #[inline]
    pub(crate) fn pointer(&self, pointer: u32) -> Option<&Pointer> {
        self.pointers.get(pointer as usize)
    }

    /// How much work it is to judge a part.
    pub(crate) fn cost(&self, part: Part) -> u32 {
        let of = |test: u32| self.test(test).map_or(0, Test::cost);
        match part {
            Part::Always => 0,
            Part::Slot { test, .. } => of(test),
            Part::Node(node) | Part::Kept(node) => match self.node(node) {
                Some(Node::Value { test, .. }) => of(*test),
                Some(Node::Not(inner)) => self.cost(*inner),
                Some(Node::All(links) | Node::Any(links) | Node::Gathered(links)) => {
                    let parts = self.linked(*links).unwrap_or_default().iter();
                    let costs = parts.map(|part| self.cost(*part));
                    costs.fold(0, u32::saturating_add)
                }
                None => 0,
            },
        }
    }
}
