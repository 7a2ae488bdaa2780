//! May they: a policy language that cannot fail open, and its compiled form.

mod compile;
mod diagnostic;
pub mod document;
mod evaluate;
mod policy;
mod read;

pub use diagnostic::{Diagnostic, DiagnosticCode, Diagnostics, Position, Severity};
pub use evaluate::{
    ArgumentFault, Bound, Judgement, Matched, MatchedIter, NamedResource, Question, ResourceNames,
    Rules, ToolRef,
};
pub use policy::Policy;
