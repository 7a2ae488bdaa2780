//! What a matcher makes of one value: `None` where it does not speak about values of this type.
//!
//! Written from `docs/spec/policy.md`, section "Matchers", and not from the matchers: nothing here
//! calls one, but [`shell_deny`] where a line is not plain. What a text of a policy means is taken
//! from the document as it was read: scalars, lists of names, grammars, and of `deny` of paths the
//! folded names.

mod email;
mod expression;
mod path;
mod shell;
mod shell_deny;
#[cfg(feature = "sql")]
mod sql;
#[cfg(feature = "url")]
mod url;

use callgate_policy::document::path::PathLinks;
use callgate_policy::document::{Bounds, Fact, Matcher, Operand, Scalar};
use callgate_types::{Decimal, Number};

use crate::truth::{Truth, Value, is_integer};

/// Judges a value that is there. `find` gives the values of facts.
pub(crate) fn test<'v>(matcher: &Matcher, value: Value<'v>, find: &dyn Fn(&Fact) -> Value<'v>) -> Truth {
    let text = value.text();
    let number = value.number();
    let chars = text.map(|text| text.chars().count() as u64);
    let outcome = match matcher {
        Matcher::Equals(Operand::Literal(expected)) => equals(expected, value),
        Matcher::OneOf(list) => list.iter().filter_map(|one| equals(one, value)).max(),
        Matcher::Matches(pattern) => text.map(|text| expression::matches(pattern.source(), text)),
        Matcher::Text { chars: span } => chars.map(|chars| span.contains(chars)),
        Matcher::Integer(bounds) => number.map(|number| is_integer(number) && within(bounds, number)),
        Matcher::Decimal { bounds, scale } => {
            number.map(|number| scale.is_none_or(|places| number.has_scale(places)) && within(bounds, number))
        }
        Matcher::Boolean => value.boolean().map(|_| true),
        Matcher::Length(span) => {
            chars.or(value.array().map(|items| items.len() as u64)).map(|count| span.contains(count))
        }
        Matcher::Path(spec) => text.and_then(|text| path::admits(spec, text, find)),
        Matcher::Email(spec) => text.and_then(|text| email::admits(spec, text)),
        Matcher::Shell(shell) => text.and_then(|text| shell::admits(shell, text)),
        Matcher::ShellDeny(deny) => text.and_then(|text| shell_deny::admits(deny, text)),
        #[cfg(feature = "url")]
        Matcher::Url(spec) => text.and_then(|text| url::admits(spec, text)),
        #[cfg(feature = "sql")]
        Matcher::Sql(spec) => text.and_then(|text| sql::admits(spec, text, find)),
        other => panic!("a matcher that the reference does not know: {other:?}"),
    };
    outcome.map_or(Truth::Unknown, Truth::of)
}

fn equals(expected: &Scalar, value: Value<'_>) -> Option<bool> {
    match expected {
        Scalar::Text(expected) => value.text().map(|text| text == &**expected),
        Scalar::Number(expected) => value.number().map(|number| number == expected.as_number()),
        Scalar::Boolean(expected) => value.boolean().map(|found| found == *expected),
        other => panic!("a value that the reference does not know: {other:?}"),
    }
}

fn within(bounds: &Bounds, number: Number<'_>) -> bool {
    let holds = |bound: &Option<Decimal>, fits: fn(Number<'_>, Number<'_>) -> bool| {
        bound.as_ref().is_none_or(|bound| fits(number, bound.as_number()))
    };
    holds(&bounds.above, |number, bound| number > bound)
        && holds(&bounds.at_least, |number, bound| number >= bound)
        && holds(&bounds.below, |number, bound| number < bound)
        && holds(&bounds.at_most, |number, bound| number <= bound)
}

/// The facts that a matcher reads.
pub(crate) fn facts(matcher: &Matcher) -> Vec<&Fact> {
    match matcher {
        Matcher::All(parts) | Matcher::Any(parts) => parts.iter().flat_map(facts).collect(),
        Matcher::Nullable(inner) => facts(inner),
        Matcher::Object(fields) => fields.iter().flat_map(|field| facts(&field.matcher)).collect(),
        Matcher::Array { each, some, .. } => each.iter().chain(some).flat_map(|inner| facts(inner)).collect(),
        Matcher::Equals(Operand::Fact(fact)) => vec![fact],
        Matcher::Path(spec) => match &spec.links {
            PathLinks::Fact { fact, .. } => vec![fact],
            _ => Vec::new(),
        },
        #[cfg(feature = "sql")]
        Matcher::Sql(spec) => spec.facts().collect(),
        _ => Vec::new(),
    }
}

/// Whether a name matches a pattern: `*` stands for any run of characters.
pub(crate) fn glob(pattern: &str, name: &str) -> bool {
    let mut rest = pattern.chars();
    match rest.next() {
        None => name.is_empty(),
        Some('*') => (0..=name.len()).any(|at| name.get(at..).is_some_and(|name| glob(rest.as_str(), name))),
        Some(letter) => name.strip_prefix(letter).is_some_and(|name| glob(rest.as_str(), name)),
    }
}
