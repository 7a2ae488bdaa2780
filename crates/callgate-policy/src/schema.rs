//! The policy format for editors.

/// The JSON Schema (draft 7) of the policy format, for editors: completion, hover, and a red line
/// under a typo.
///
/// It says less than the reader does: what a name refers to, which bounds are upside down and what
/// a pattern means, only loading a policy tells. It never refuses a policy that loads, but for
/// one that puts a named value where a name or a word is enough: under `format`, `name`, `include`
/// and `isolation`, or in the place of a whole table of the top level.
pub const SCHEMA: &str = include_str!("../schema/policy.schema.json");
