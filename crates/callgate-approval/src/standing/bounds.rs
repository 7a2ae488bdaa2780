//! What is asked of a standing approval, and how far it may go.

use std::time::Duration;

use crate::Demands;

/// For which calls to come somebody would approve.
///
/// They are of the tool, the caller, the environment, the session and the task of the call that was
/// asked about. Unless a condition is given, they have its very arguments.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct StandingBounds<'a> {
    /// For how many calls; at least 1.
    pub uses: u64,
    /// For how long.
    pub within: Duration,
    /// What must hold of such calls instead of having the same arguments: the `when` of a rule, as
    /// JSON.
    pub when: Option<&'a str>,
    /// Also in other sessions.
    pub any_session: bool,
    /// Also for other tasks, and for none.
    pub any_task: bool,
    /// The approver's sentence.
    pub reason: Option<&'a str>,
}

impl<'a> StandingBounds<'a> {
    /// Longest condition, in bytes.
    pub const MAX_WHEN: usize = 16 << 10;

    /// For `uses` calls, `within` this time.
    pub const fn new(uses: u64, within: Duration) -> Self {
        Self {
            uses,
            within,
            when: None,
            any_session: false,
            any_task: false,
            reason: None,
        }
    }

    /// For calls of which this condition surely holds, whatever their arguments: a table as it stands
    /// in the `when` of a rule, as JSON.
    #[must_use]
    pub const fn matching(self, when: &'a str) -> Self {
        Self {
            when: Some(when),
            ..self
        }
    }

    /// Also in other sessions.
    #[must_use]
    pub const fn in_any_session(self) -> Self {
        Self {
            any_session: true,
            ..self
        }
    }

    /// Also for other tasks, and for none.
    #[must_use]
    pub const fn for_any_task(self) -> Self {
        Self {
            any_task: true,
            ..self
        }
    }

    /// For this reason.
    #[must_use]
    pub const fn because(self, reason: &'a str) -> Self {
        Self {
            reason: Some(reason),
            ..self
        }
    }

    /// Whether calls that demand this may be approved so far ahead.
    ///
    /// # Errors
    ///
    /// Fails where they are to be approved one by one, and where the policy lets nobody go so far.
    pub fn check(&self, demands: &Demands) -> Result<(), Unbounded> {
        let allowed = demands.standing.as_ref();
        let allowed = allowed.filter(|_| demands.is_carried());
        let allowed = allowed.ok_or(Unbounded::OneByOne)?;
        if self.uses == 0 || self.uses > allowed.uses {
            return Err(Unbounded::Uses { most: allowed.uses });
        }
        let within = u64::try_from(self.within.as_millis()).unwrap_or(u64::MAX);
        if within == 0 || within > allowed.within_ms {
            return Err(Unbounded::Within {
                most_ms: allowed.within_ms,
            });
        }
        if self.when.is_some_and(|when| when.len() > Self::MAX_WHEN) {
            return Err(Unbounded::LongCondition);
        }
        Ok(())
    }
}

/// Why no standing approval is given.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Unbounded {
    /// The policy has each such call approved by itself.
    #[error("such calls are approved one by one")]
    OneByOne,
    /// It would be good for too many calls, or for none.
    #[error("expected from 1 to {most} uses")]
    Uses {
        /// As many as the policy lets it be good for.
        most: u64,
    },
    /// It would last too long, or no time at all.
    #[error("expected a time of at most {most_ms} ms")]
    Within {
        /// As long as the policy lets it last, in milliseconds.
        most_ms: u64,
    },
    /// The condition is too long.
    #[error("expected a condition of at most {} bytes", StandingBounds::MAX_WHEN)]
    LongCondition,
    /// There is more to it than an approver can be shown.
    #[error("expected bounds that can be shown in {} bytes", crate::MAX_PREVIEW)]
    TooLarge,
}
