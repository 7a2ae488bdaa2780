//! Where a chain is cut.

/// What cuts authority along a chain, besides what its principals hold.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Cut {
    /// The credential of the subject.
    Subject,
    /// The credential of the actor at this place in the chain, counted from 0.
    Actor {
        /// Its place.
        place: usize,
    },
    /// What was delegated to this actor.
    Delegation {
        /// Its place.
        place: usize,
    },
    /// The ceiling on what actors behind the first are handed; this is the first of them.
    Ceiling {
        /// Its place.
        place: usize,
    },
    /// The task that the call is made for.
    Task,
}

impl Cut {
    /// The place of the actor, counted from 0; `None` is the subject, or the task of the whole chain.
    pub const fn place(self) -> Option<usize> {
        match self {
            Self::Subject | Self::Task => None,
            Self::Actor { place } | Self::Delegation { place } | Self::Ceiling { place } => {
                Some(place)
            }
        }
    }

    /// The word for it in explanations: `credential`, `delegation`, `ceiling` or `task`.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Subject | Self::Actor { .. } => "credential",
            Self::Delegation { .. } => "delegation",
            Self::Ceiling { .. } => "ceiling",
            Self::Task => "task",
        }
    }
}
