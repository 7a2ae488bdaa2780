//! What matchers oblige the host to do.
//!
//! Some things cannot be judged before a call runs: what a name resolves to, what a path is by
//! the time it is opened. A matcher that depends on them is worth what the host then does.

use super::path::PathLinks;
use super::{Condition, Matcher};

/// Open what was judged, and follow no other link than those that were.
const OPEN_NO_FOLLOW: &str = "open_no_follow";
/// Look the host up once, refuse what is not public, and connect to that very address.
#[cfg(feature = "url")]
const PIN_ADDRESS: &str = "pin_address";

/// Adds to `obligations` what `matcher` implies.
pub(crate) fn by_matcher(matcher: &Matcher, obligations: &mut Vec<Box<str>>) {
    match matcher {
        Matcher::All(inner) | Matcher::Any(inner) => {
            for inner in inner {
                by_matcher(inner, obligations);
            }
        }
        Matcher::Nullable(inner) => by_matcher(inner, obligations),
        Matcher::Object(fields) => {
            for field in fields {
                by_matcher(&field.matcher, obligations);
            }
        }
        Matcher::Array { each, some, .. } => {
            for inner in [each, some].into_iter().flatten() {
                by_matcher(inner, obligations);
            }
        }
        Matcher::Path(spec) if spec.links != PathLinks::Ignored => add(OPEN_NO_FOLLOW, obligations),
        #[cfg(feature = "url")]
        Matcher::Url(spec) if spec.public => add(PIN_ADDRESS, obligations),
        _ => {}
    }
}

/// Adds to `obligations` what the matchers in `condition` imply.
pub(crate) fn by_condition(condition: &Condition, obligations: &mut Vec<Box<str>>) {
    match condition {
        Condition::All(parts) | Condition::Any(parts) => {
            for part in parts {
                by_condition(part, obligations);
            }
        }
        Condition::Not(part) => by_condition(part, obligations),
        Condition::Value(_, matcher) => by_matcher(matcher, obligations),
    }
}

fn add(name: &str, obligations: &mut Vec<Box<str>>) {
    if !obligations.iter().any(|known| **known == *name) {
        obligations.push(name.into());
    }
}
