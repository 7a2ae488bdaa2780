//! Conditions of a call.

use super::{Scene, Truth, Value};
use crate::compile::{Conditions, Node, Part, Source};

impl Conditions {
    /// Whether a statement whose condition is `node` takes effect.
    #[expect(
        clippy::inline_always,
        reason = "the condition of each candidate is judged here"
    )]
    #[inline(always)]
    pub(super) fn take_effect(&self, node: u32, restricts: bool, scene: &Scene<'_>) -> bool {
        let Some(Node::All(links)) = self.node(node) else {
            return self.holds(node, scene).takes_effect(restricts);
        };
        // Of several that must all hold none may stand in the way. Most are tests of a slot.
        match self.linked(*links) {
            Some(parts) => parts
                .iter()
                .all(|part| self.part_holds(*part, scene).takes_effect(restricts)),
            None => restricts,
        }
    }

    /// Whether the condition `node` holds.
    ///
    /// The nesting of the document bounds the recursion. What the table does not hold is unknown.
    pub(crate) fn holds(&self, node: u32, scene: &Scene<'_>) -> Truth {
        match self.node(node) {
            Some(Node::All(links)) => match self.linked(*links) {
                Some(parts) => Truth::all(parts.iter().map(|part| self.holds(part.node, scene))),
                None => Truth::Unknown,
            },
            Some(Node::Any(links)) => match self.linked(*links) {
                Some(parts) => Truth::any(parts.iter().map(|part| self.holds(part.node, scene))),
                None => Truth::Unknown,
            },
            Some(Node::Not(inner)) => self.holds(*inner, scene).not(),
            Some(Node::Value {
                source,
                test,
                shared,
                ..
            }) => {
                let memo = scene.memo.filter(|_| *shared);
                if let Some(known) = memo.and_then(|memo| memo.known(node)) {
                    return known;
                }
                let truth = self.value_holds(*source, *test, scene);
                if let Some(memo) = memo {
                    memo.keep(node, truth);
                }
                truth
            }
            None => Truth::Unknown,
        }
    }

    #[expect(
        clippy::inline_always,
        reason = "each condition of each candidate is judged here"
    )]
    #[inline(always)]
    fn part_holds(&self, part: Part, scene: &Scene<'_>) -> Truth {
        if !part.shared
            && let Some(json) = scene.slot(part.slot.into())
            && let Some(test) = self.test(part.test.into())
        {
            return test.holds_of(json, scene);
        }
        self.holds(part.node, scene)
    }

    fn value_holds(&self, source: Source, test: u32, scene: &Scene<'_>) -> Truth {
        let Some(test) = self.test(test) else {
            return Truth::Unknown;
        };
        let slot = match source {
            Source::Slot(slot) => Some(slot),
            Source::Argument(pointer) => scene.bound.tool().entry().slot_of(pointer),
            _ => None,
        };
        match slot.map(|slot| scene.slot(slot)) {
            Some(Some(json)) => test.holds_of(json, scene),
            Some(None) => test.holds(Value::Absent, scene),
            None => test.holds(scene.read(source), scene),
        }
    }
}
