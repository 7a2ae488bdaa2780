//! Trying a sink rule by rule.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::attempt::{self, PATIENCE};
use super::broken::Broken;
use super::openings::Openings;
use super::rules;
use crate::AuditSink;

/// Tries the sinks that `fresh` opens, each on an empty store of its own. [`Kit`] tries more.
///
/// # Errors
///
/// The first rule that such a sink breaks.
pub fn check<S, E>(fresh: impl Fn() -> Result<S, E> + Send + Sync + 'static) -> Result<(), Broken>
where
    S: AuditSink + 'static,
    E: fmt::Display,
{
    Kit::new(fresh).check()
}

/// What a sink is tried with; see [`check`] for what does without.
#[must_use]
pub struct Kit<S> {
    pub(super) openings: Openings<S>,
    patience: Duration,
}

impl<S: AuditSink + 'static> Kit<S> {
    /// Tries the sinks that `fresh` opens. Each must stand on an empty store of its own.
    pub fn new<E: fmt::Display>(fresh: impl Fn() -> Result<S, E> + Send + Sync + 'static) -> Self {
        Self {
            openings: Openings::new("a sink", fresh),
            patience: PATIENCE,
        }
    }

    /// Closes a sink and opens its store again.
    pub fn reopen<E: fmt::Display>(
        mut self,
        reopen: impl Fn(S) -> Result<S, E> + Send + Sync + 'static,
    ) -> Self {
        self.openings.reopen(reopen);
        self
    }

    /// Does to a sink and its store what a crash does, as well as a test can, and opens the store
    /// again.
    pub fn crash<E: fmt::Display>(
        mut self,
        crash: impl Fn(S) -> Result<S, E> + Send + Sync + 'static,
    ) -> Self {
        self.openings.crash(crash);
        self
    }

    /// Opens the store of a sink a second time, as another process would. It may be refused.
    pub fn rival<E: fmt::Display>(
        mut self,
        rival: impl Fn(&S) -> Result<S, E> + Send + Sync + 'static,
    ) -> Self {
        self.openings.rival(rival);
        self
    }

    /// How long each rule may take, 60 s unless told otherwise. One that takes longer is broken;
    /// the thread that tries it is left behind.
    pub const fn patience(mut self, patience: Duration) -> Self {
        self.patience = patience;
        self
    }

    /// Tries all rules for which it was told enough.
    ///
    /// # Errors
    ///
    /// The first rule that a sink breaks: those behind it assume it.
    pub fn check(self) -> Result<(), Broken> {
        let patience = self.patience;
        attempt::all(&Arc::new(self), patience, rules::all())
    }
}

impl<S> fmt::Debug for Kit<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kit")
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}
