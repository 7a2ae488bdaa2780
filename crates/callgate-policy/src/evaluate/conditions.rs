//! Conditions of a call.

use super::{Scene, Truth};
use crate::compile::{Conditions, Node};

impl Conditions {
    /// Whether the condition `node` holds. The nesting of the document bounds the recursion.
    pub(crate) fn holds(&self, node: u32, scene: &Scene<'_>) -> Truth {
        match self.node(node) {
            Some(Node::All(links)) => {
                let inner = self.linked(*links).iter();
                Truth::all(inner.map(|inner| self.holds(*inner, scene)))
            }
            Some(Node::Any(links)) => {
                let inner = self.linked(*links).iter();
                Truth::any(inner.map(|inner| self.holds(*inner, scene)))
            }
            Some(Node::Not(inner)) => self.holds(*inner, scene).not(),
            Some(Node::Value {
                source,
                test,
                steady,
            }) => {
                let judge = || match self.test(*test) {
                    Some(test) => test.holds(scene.read(*source), scene),
                    None => Truth::Unknown,
                };
                match scene.memo {
                    Some(memo) if *steady => memo.truth(node, judge),
                    _ => judge(),
                }
            }
            None => Truth::Unknown,
        }
    }
}
