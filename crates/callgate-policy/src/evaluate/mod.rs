//! Judging calls by a compiled policy: borrowed values in, matched statements out.
//!
//! Nothing here allocates unless a call is unusual: more arguments, roles or matched rules than
//! the inline lists hold. Nothing here fails: what cannot be told is unknown.

mod age;
mod bind;
mod conditions;
mod fault;
mod judgement;
mod keys;
mod learned;
mod list;
mod matcher;
mod memo;
mod place;
mod question;
mod resources;
mod scene;
mod selector;
mod statements;
mod tool;
mod truth;
mod uses;
mod value;

pub use bind::Bound;
pub use fault::ArgumentFault;
pub use judgement::{Judgement, Raises, Rules};
pub use question::{NamedResource, Question};
pub use resources::ResourceNames;
pub use tool::ToolRef;
pub use uses::Use;

pub(crate) use keys::{Keys, Known, number};
pub(crate) use learned::Learned;
pub(crate) use list::List;
#[cfg(feature = "sql")]
pub(crate) use matcher::SqlTest;
pub(crate) use matcher::{Array, Choice, Closed, Limits, PathTest, Sequence, Test};
pub(crate) use selector::{Dims, holds as selected};
pub(crate) use statements::Stated;

pub(crate) use memo::Memo;
pub(crate) use scene::Scene;
pub(crate) use truth::Truth;
pub(crate) use uses::push_part;
pub(crate) use value::Value;
