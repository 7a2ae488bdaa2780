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
                let value = Place {
                    node,
                    source: *source,
                    slot,
                };
                self.value_holds(value, *test, *shared, scene)
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
                let slot = u32::from(part.slot);
                let value = Place {
                    node: part.node,
                    source: Source::Slot(slot),
                    slot: Some(slot),
                };
                self.value_holds(value, part.test.into(), part.shared, scene)
            };
            match one {
                Truth::Yes => {}
                Truth::Unknown => all = Truth::Unknown,
                Truth::No => return Truth::No,
            }
        }
        all
    }

    /// Judges a value by the number of a test.
    #[expect(
        clippy::inline_always,
        reason = "each condition of each rule is judged here"
    )]
    #[inline(always)]
    fn value_holds(&self, place: Place, test: u32, shared: bool, scene: &Scene<'_>) -> Truth {
        let memo = scene.memo.filter(|_| shared);
        if let Some(known) = memo.and_then(|memo| memo.known(place.node)) {
            return known;
        }
        let truth = match (self.test(test), place.slot) {
            (Some(test), Some(slot)) => match scene.slot(slot) {
                Some(json) => test.holds_of(json, scene),
                None => test.holds(Value::Absent, scene),
            },
            (Some(test), None) => test.holds(scene.read(place.source), scene),
            (None, _) => Truth::Unknown,
        };
        if let Some(memo) = memo {
            memo.keep(place.node, truth);
        }
        truth
    }
}

/// Where the value stands that a node is about.
#[derive(Clone, Copy)]
struct Place {
    node: u32,
    source: Source,
    slot: Option<u32>,
}
