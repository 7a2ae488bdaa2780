//! Conditions of a call.

use super::{Scene, Truth};
use crate::compile::{Conditions, Node};

impl Conditions {
    /// Whether the condition `node` holds.
    pub(crate) fn holds(&self, node: u32, scene: &Scene<'_>) -> Truth {
        self.one_holds(node, scene)
    }

    #[expect(
        clippy::inline_always,
        reason = "each condition of each rule is judged here"
    )]
    #[inline(always)]
    fn one_holds(&self, node: u32, scene: &Scene<'_>) -> Truth {
        let Some(Node::Value {
            source,
            test,
            steady,
        }) = self.node(node)
        else {
            return self.combined(node, scene);
        };
        let judge = || match self.test(*test) {
            Some(test) => test.holds(scene.read(*source), scene),
            None => Truth::Unknown,
        };
        match scene.memo {
            Some(memo) if *steady => memo.truth(node, judge),
            _ => judge(),
        }
    }

    /// The nesting of the document bounds the recursion.
    #[inline(never)]
    fn combined(&self, node: u32, scene: &Scene<'_>) -> Truth {
        match self.node(node) {
            Some(Node::All(links)) => {
                let inner = self.linked(*links).iter();
                Truth::all(inner.map(|inner| self.one_holds(*inner, scene)))
            }
            Some(Node::Any(links)) => {
                let inner = self.linked(*links).iter();
                Truth::any(inner.map(|inner| self.holds(*inner, scene)))
            }
            Some(Node::Not(inner)) => self.holds(*inner, scene).not(),
            Some(Node::Value { .. }) | None => Truth::Unknown,
        }
    }
}
