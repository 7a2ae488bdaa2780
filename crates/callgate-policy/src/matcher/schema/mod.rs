//! `schema`: what a JSON value may be, in words of JSON Schema.
//!
//! Protects tools whose arguments are documents that closed tables cannot describe: alternatives,
//! recursive structures, what depends on other members. The words are a stated part of draft
//! 2020-12; any other is refused when the policy is read, so that nothing that an author wrote is
//! passed over.
//!
//! It judges the text of the call as it was read: numbers by exact value, no key twice. Nothing is
//! looked up elsewhere. The work is bounded: a value that takes more than 262 144 steps, or more
//! than 256 schemas within one another, is unknown.
//!
//! The words are specified in `docs/spec/policy.md`, section "Schemas"; change neither without the
//! other.

mod cycle;
mod judge;
mod keywords;
mod multiple;
mod unique;

use std::fmt;
use std::sync::Arc;

use callgate_types::JsonRef;

pub(crate) use keywords::{
    ArrayKeywords, Combined, Id, Keywords, Named, Node, NumberKeywords, ObjectKeywords,
    TextKeywords, Types,
};
pub(crate) use multiple::Divisor;

/// What a JSON value may be.
///
/// A clone is the same schema: it is kept once.
#[derive(Clone)]
pub struct Schema(Arc<Inner>);

struct Inner {
    written: Box<str>,
    /// The first is the schema itself.
    nodes: Box<[Node]>,
}

impl Schema {
    /// The schema that is the first of `nodes`; `written` is how the policy has it.
    ///
    /// # Errors
    ///
    /// Gives the place of a schema that refers back to itself without going into a value.
    pub(crate) fn new(written: String, nodes: Vec<Node>) -> Result<Self, Id> {
        match cycle::find(&nodes) {
            Some(id) => Err(id),
            None => Ok(Self(Arc::new(Inner {
                written: written.into(),
                nodes: nodes.into(),
            }))),
        }
    }

    /// The schema as JSON, as the policy has it.
    pub fn text(&self) -> &str {
        &self.0.written
    }

    /// Whether `value` is such a value; `None` where saying so takes too much work.
    pub fn admits(&self, value: JsonRef<'_>) -> Option<bool> {
        judge::holds(&self.0.nodes, value)
    }
}

impl fmt::Debug for Schema {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Schema").field(&self.0.written).finish()
    }
}

#[cfg(test)]
mod tests;
