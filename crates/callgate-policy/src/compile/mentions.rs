//! Which conditions read the resource.

use crate::document::{Condition, Fact, FactRoot, Matcher, Operand};

/// Whether a condition reads `resource/…` anywhere.
pub(super) fn mentions_resource(condition: &Condition) -> bool {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => parts.iter().any(mentions_resource),
        Condition::Not(inner) => mentions_resource(inner),
        Condition::Value(fact, matcher) => of_resource(fact) || compares_with_resource(matcher),
    }
}

/// Whether a matcher compares with `resource/…`.
pub(super) fn compares_with_resource(matcher: &Matcher) -> bool {
    match matcher {
        Matcher::All(matchers) | Matcher::Any(matchers) => {
            matchers.iter().any(compares_with_resource)
        }
        Matcher::Nullable(inner) => compares_with_resource(inner),
        Matcher::Object(fields) => fields
            .iter()
            .any(|field| compares_with_resource(&field.matcher)),
        Matcher::Equals(Operand::Fact(fact)) => of_resource(fact),
        #[cfg(feature = "sql")]
        Matcher::Sql(spec) => spec.facts().any(of_resource),
        Matcher::Array { each, some, .. } => [each, some]
            .into_iter()
            .flatten()
            .any(|inner| compares_with_resource(inner)),
        _ => false,
    }
}

fn of_resource(fact: &Fact) -> bool {
    fact.root == FactRoot::Resource
}
