//! May they: a policy language that cannot fail open, and its compiled form.

pub mod document;
