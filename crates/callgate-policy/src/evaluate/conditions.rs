//! Conditions of a call.

use super::{Scene, Truth, Value};
use crate::compile::{Conditions, Links, Node, Part, Source};

impl Conditions {
    /// Whether a statement takes effect whose condition are these two.
    #[expect(
        clippy::inline_always,
        reason = "the condition of each candidate is judged here"
    )]
    #[inline(always)]
    pub(super) fn take_effect(
        &self,
        [first, rest]: &[Part; 2],
        restricts: bool,
        scene: &Scene<'_>,
    ) -> bool {
        // Of several that must all hold none may stand in the way.
        self.part_holds(*first, scene).takes_effect(restricts)
            && self.rest_holds(*rest, scene).takes_effect(restricts)
    }

    /// Whether both hold.
    pub(crate) fn both_hold(&self, parts: [Part; 2], scene: &Scene<'_>) -> Truth {
        Truth::all(parts.into_iter().map(|part| self.holds(part, scene)))
    }

    /// Whether a part of a condition holds.
    ///
    /// The nesting of the document bounds the recursion. What the table does not hold is unknown.
    #[inline(never)]
    pub(crate) fn holds(&self, part: Part, scene: &Scene<'_>) -> Truth {
        self.part_holds(part, scene)
    }

    /// As [`Conditions::holds`], spelled out where it is called.
    #[expect(
        clippy::inline_always,
        reason = "each condition of each candidate is judged here"
    )]
    #[inline(always)]
    fn part_holds(&self, part: Part, scene: &Scene<'_>) -> Truth {
        if let Part::Slot { slot, test } = part
            && let Some(json) = scene.slot(slot.into())
            && let Some(test) = self.test(test)
        {
            return test.holds_of(json, scene);
        }
        self.other_holds(part, scene)
    }

    /// As [`Conditions::holds`], of what is mostly known already.
    #[expect(
        clippy::inline_always,
        reason = "the condition of each candidate is judged here"
    )]
    #[inline(always)]
    fn rest_holds(&self, part: Part, scene: &Scene<'_>) -> Truth {
        match part {
            Part::Kept(node) => match scene.memo.and_then(|memo| memo.known(node)) {
                Some(known) => known,
                None => self.find_out(node, scene),
            },
            Part::Always => Truth::Yes,
            _ => self.holds(part, scene),
        }
    }

    /// As [`Conditions::holds`], of anything but a test of what is there.
    #[inline(never)]
    fn other_holds(&self, part: Part, scene: &Scene<'_>) -> Truth {
        match part {
            Part::Always => Truth::Yes,
            Part::Slot { slot, test } => match (self.test(test), scene.slot(slot.into())) {
                (Some(test), None) => test.holds(Value::Absent, scene),
                (Some(test), Some(json)) => test.holds(Value::Json(json), scene),
                (None, _) => Truth::Unknown,
            },
            Part::Node(node) => self.node_holds(node, scene),
            Part::Kept(_) => self.rest_holds(part, scene),
        }
    }

    #[inline(never)]
    fn find_out(&self, node: u32, scene: &Scene<'_>) -> Truth {
        let truth = self.node_holds(node, scene);
        if let Some(memo) = scene.memo {
            memo.keep(node, truth);
        }
        truth
    }

    fn node_holds(&self, node: u32, scene: &Scene<'_>) -> Truth {
        match self.node(node) {
            Some(Node::All(links) | Node::Gathered(links)) => self.all_hold(*links, scene),
            Some(Node::Any(links)) => match self.linked(*links) {
                Some(parts) => Truth::any(parts.iter().map(|part| self.holds(*part, scene))),
                None => Truth::Unknown,
            },
            Some(Node::Not(inner)) => self.holds(*inner, scene).not(),
            Some(Node::Value { source, test }) => self.value_holds(*source, *test, scene),
            None => Truth::Unknown,
        }
    }

    fn all_hold(&self, links: Links, scene: &Scene<'_>) -> Truth {
        match self.linked(links) {
            Some(parts) => Truth::all(parts.iter().map(|part| self.part_holds(*part, scene))),
            None => Truth::Unknown,
        }
    }

    fn value_holds(&self, source: Source, test: u32, scene: &Scene<'_>) -> Truth {
        let Some(test) = self.test(test) else {
            return Truth::Unknown;
        };
        let slot = match source {
            Source::Slot(slot) => Some(slot),
            Source::Argument(pointer) => scene.tool.slot_of(pointer),
            _ => None,
        };
        match slot.map(|slot| scene.slot(slot)) {
            Some(Some(json)) => test.holds_of(json, scene),
            Some(None) => test.holds(Value::Absent, scene),
            None => test.holds(scene.read(source), scene),
        }
    }
}
