//! What a store does not keep.

use std::fmt;

/// What is promised of a store.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Rule {
    /// A new store holds nothing.
    Empty,
    /// Changes get the places 1, 2, 3 and so on, and the store says so.
    Places,
    /// What is read is what was put, in its place.
    Unaltered,
    /// What is asked for behind a place begins there, is not more than was asked for, and is
    /// something, where there is anything.
    Pages,
    /// The end is where the last change is.
    End,
    /// Times do not go back.
    Times,
    /// What one thread was told is put, every other one reads from then on.
    ReadAfterPut,
    /// However many put at once: each change is in the place that was told, and no place is ever
    /// left out.
    OneOrder,
    /// Whoever else uses the store sees the same, and goes on where it ends.
    Shared,
    /// A store that is opened again is as it was.
    Kept,
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Self::Empty => "a new store holds nothing",
            Self::Places => "changes get the places 1, 2, 3 and so on",
            Self::Unaltered => "what is read is what was put",
            Self::Pages => "pages begin where they are asked for, and have an end",
            Self::End => "the end is where the last change is",
            Self::Times => "times do not go back",
            Self::ReadAfterPut => "what was put is read from then on",
            Self::OneOrder => "there is one order without a gap",
            Self::Shared => "whoever else uses the store sees the same",
            Self::Kept => "a store that is opened again is as it was",
        })
    }
}

/// The first rule that a store breaks.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{rule}: expected {expected}, found {found}")]
#[non_exhaustive]
pub struct Broken {
    /// Which rule.
    pub rule: Rule,
    /// What was expected.
    pub expected: String,
    /// What was found.
    pub found: String,
}

impl Broken {
    pub(super) fn new(rule: Rule, expected: impl fmt::Display, found: impl fmt::Display) -> Self {
        Self {
            rule,
            expected: expected.to_string(),
            found: found.to_string(),
        }
    }
}
