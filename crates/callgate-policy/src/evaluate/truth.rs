//! Three truth values, after Kleene.

/// Whether something holds.
///
/// The order carries the logic: the least of several is their conjunction, the greatest their
/// disjunction.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Truth {
    No,
    /// Nobody can say: it restricts and never grants.
    Unknown,
    Yes,
}

impl Truth {
    /// Whether all hold; stops at the first that does not.
    #[inline]
    pub(crate) fn all(each: impl Iterator<Item = Self>) -> Self {
        let mut all = Self::Yes;
        for one in each {
            all = all.min(one);
            if all == Self::No {
                break;
            }
        }
        all
    }

    /// Whether any holds; stops at the first that does.
    #[inline]
    pub(crate) fn any(each: impl Iterator<Item = Self>) -> Self {
        let mut any = Self::No;
        for one in each {
            any = any.max(one);
            if any == Self::Yes {
                break;
            }
        }
        any
    }

    /// What is known, or unknown.
    pub(crate) fn known(holds: Option<bool>) -> Self {
        holds.map_or(Self::Unknown, Self::from)
    }

    pub(crate) const fn not(self) -> Self {
        match self {
            Self::No => Self::Yes,
            Self::Unknown => Self::Unknown,
            Self::Yes => Self::No,
        }
    }

    /// Whether a statement of which this is true takes effect: a permit only where it surely
    /// applies, a restricting one wherever it may.
    #[inline]
    pub(crate) const fn takes_effect(self, restricts: bool) -> bool {
        match self {
            Self::No => false,
            Self::Unknown => restricts,
            Self::Yes => true,
        }
    }
}

impl From<bool> for Truth {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

#[cfg(test)]
mod tests {
    use super::Truth::{self, No, Unknown, Yes};

    #[test]
    fn kleene_tables() {
        let all = [No, Unknown, Yes];
        let and = [[No, No, No], [No, Unknown, Unknown], [No, Unknown, Yes]];
        let or = [[No, Unknown, Yes], [Unknown, Unknown, Yes], [Yes, Yes, Yes]];
        for (row, left) in all.into_iter().enumerate() {
            for (column, right) in all.into_iter().enumerate() {
                let both = [left, right];
                assert_eq!(Truth::all(both.into_iter()), and[row][column]);
                assert_eq!(Truth::any(both.into_iter()), or[row][column]);
            }
        }
        assert_eq!(all.map(Truth::not), [Yes, Unknown, No]);
        assert_eq!(Truth::all([].into_iter()), Yes);
        assert_eq!(Truth::any([].into_iter()), No);
    }

    #[test]
    fn unknown_restricts_and_never_grants() {
        assert_eq!(
            [No, Unknown, Yes].map(|truth| truth.takes_effect(false)),
            [false, false, true]
        );
        assert_eq!(
            [No, Unknown, Yes].map(|truth| truth.takes_effect(true)),
            [false, true, true]
        );
    }
}
