//! Going through conditions; the nesting of the document bounds every recursion here.

use crate::document::{Condition, Fact, FactRoot, Matcher, Operand};

/// Calls `see` with each value that `condition` looks at, and whether it stands under an odd
/// number of `not`.
pub(super) fn values<'c>(
    condition: &'c Condition,
    see: &mut dyn FnMut(&'c Fact, &'c Matcher, bool),
) {
    under(condition, false, see);
}

fn under<'c>(
    condition: &'c Condition,
    negated: bool,
    see: &mut dyn FnMut(&'c Fact, &'c Matcher, bool),
) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            for part in parts {
                under(part, negated, see);
            }
        }
        Condition::Not(inner) => under(inner, !negated, see),
        Condition::Value(fact, matcher) => see(fact, matcher, negated),
    }
}

/// The values that must meet their matchers together for `condition` to hold.
pub(super) fn together(condition: &Condition) -> Vec<(&Fact, &Matcher)> {
    match condition {
        Condition::All(parts) => parts.iter().flat_map(together).collect(),
        Condition::Value(fact, matcher) => vec![(fact, matcher)],
        Condition::Any(_) | Condition::Not(_) => Vec::new(),
    }
}

/// The places of values as the condition spells them.
pub(super) fn spelled(fact: &Fact) -> String {
    format!("{}{}", fact.root.as_str(), fact.pointer)
}

/// Whether `condition` reads the resource.
pub(super) fn mentions_resource(condition: &Condition) -> bool {
    reads(condition, FactRoot::Resource)
}

/// Whether `condition` reads any value of `root`, also to compare with it.
pub(super) fn reads(condition: &Condition, root: FactRoot) -> bool {
    let mut found = false;
    values(condition, &mut |fact, matcher, _| {
        found |= fact.root == root || compares_with(matcher, root);
    });
    found
}

fn compares_with(matcher: &Matcher, root: FactRoot) -> bool {
    match matcher {
        Matcher::All(matchers) | Matcher::Any(matchers) => {
            matchers.iter().any(|inner| compares_with(inner, root))
        }
        Matcher::Nullable(inner) => compares_with(inner, root),
        Matcher::Object(fields) => fields
            .iter()
            .any(|field| compares_with(&field.matcher, root)),
        #[cfg(feature = "sql")]
        Matcher::Sql(spec) => spec.facts().any(|fact| fact.root == root),
        Matcher::Equals(Operand::Fact(fact)) => fact.root == root,
        Matcher::Array { each, some, .. } => [each, some]
            .into_iter()
            .flatten()
            .any(|inner| compares_with(inner, root)),
        _ => false,
    }
}
