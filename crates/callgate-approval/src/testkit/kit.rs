//! Trying the stores of this crate rule by rule: what every kit of them is made of.

use std::fmt;

use super::Rule;

/// Tries one rule.
pub(crate) type Test<S> = fn(&S) -> Result<(), Finding>;

/// A rule that a store breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the store breaks `{rule}`: expected {expected}, found {found}")]
#[non_exhaustive]
pub struct Broken<R = Rule> {
    /// The rule.
    pub rule: R,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

/// Tries `rules` in their order, each on a store that `fresh` opens; `opens` is the rule that one can be opened.
pub(crate) fn try_all<S, E: fmt::Display, R>(
    fresh: impl Fn() -> Result<S, E>,
    opens: R,
    rules: impl IntoIterator<Item = (R, Test<S>)>,
) -> Result<(), Broken<R>> {
    for (rule, test) in rules {
        let store = match fresh() {
            Ok(store) => store,
            Err(error) => {
                let finding = Finding {
                    expected: "a store".into(),
                    found: error.to_string(),
                };
                return Err(finding.of(opens));
            }
        };
        test(&store).map_err(|finding| finding.of(rule))?;
    }
    Ok(())
}

/// What was expected, and what was found; the rule is known to who asks.
#[derive(Debug)]
pub(crate) struct Finding {
    expected: String,
    found: String,
}

impl Finding {
    pub(crate) fn new(expected: impl Into<String>, found: impl fmt::Debug) -> Self {
        Self {
            expected: expected.into(),
            found: format!("{found:?}"),
        }
    }

    pub(crate) fn of<R>(self, rule: R) -> Broken<R> {
        let Self { expected, found } = self;
        Broken {
            rule,
            expected,
            found,
        }
    }
}

/// `found` must be `expected`.
pub(crate) fn same<T: PartialEq + fmt::Debug>(
    what: &str,
    found: &T,
    expected: &T,
) -> Result<(), Finding> {
    if found == expected {
        return Ok(());
    }
    Err(Finding::new(format!("{what}: {expected:?}"), found))
}
