//! Conditions of a call.

use super::{Scene, Truth, Value};
use crate::compile::{Conditions, Links, Node, Part, Source};

impl Conditions {
    /// Whether the condition `node` holds.
    ///
    /// The nesting of the document bounds the recursion. What the table does not hold is unknown.
    pub(crate) fn holds(&self, node: u32, scene: &Scene<'_>) -> Truth {
        match self.node(node) {
            Some(Node::All(links)) => self.all_hold(*links, scene),
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
                let slot = match source {
                    Source::Slot(slot) => Some(*slot),
                    Source::Argument(pointer) => scene.bound.tool().entry().slot_of(*pointer),
                    _ => None,
                };
                let part = Part {
                    node,
                    slot: slot.unwrap_or(Part::NO_SLOT),
                    test: *test,
                    shared: *shared,
                };
                self.value_holds(part, *source, scene)
            }
            None => Truth::Unknown,
        }
    }

    /// Most conditions are a list of values.
    #[inline]
    fn all_hold(&self, links: Links, scene: &Scene<'_>) -> Truth {
        let Some(parts) = self.linked(links) else {
            return Truth::Unknown;
        };
        let mut all = Truth::Yes;
        for part in parts {
            let one = if part.slot == Part::NO_SLOT {
                self.holds(part.node, scene)
            } else {
                self.value_holds(*part, Source::Slot(part.slot), scene)
            };
            match one {
                Truth::Yes => {}
                Truth::Unknown => all = Truth::Unknown,
                Truth::No => return Truth::No,
            }
        }
        all
    }

    /// Judges the value in the slot of `part`; where it has none, that at `source`.
    #[expect(
        clippy::inline_always,
        reason = "each condition of each rule is judged here"
    )]
    #[inline(always)]
    fn value_holds(&self, part: Part, source: Source, scene: &Scene<'_>) -> Truth {
        let memo = scene.memo.filter(|_| part.shared);
        if let Some(known) = memo.and_then(|memo| memo.known(part.node)) {
            return known;
        }
        let truth = match self.test(part.test) {
            Some(test) if part.slot != Part::NO_SLOT => match scene.slot(part.slot) {
                Some(json) => test.holds_of(json, scene),
                None => test.holds(Value::Absent, scene),
            },
            Some(test) => test.holds(scene.read(source), scene),
            None => Truth::Unknown,
        };
        if let Some(memo) = memo {
            memo.keep(part.node, truth);
        }
        truth
    }
}
