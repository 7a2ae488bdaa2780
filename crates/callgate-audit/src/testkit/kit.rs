//! Trying a sink rule by rule.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::attempt::{self, PATIENCE};
use super::broken::{Broken, Finding};
use super::rules;
use crate::AuditSink;

type Open<S> = Box<dyn Fn() -> Result<S, String> + Send + Sync>;
type Again<S> = Box<dyn Fn(S) -> Result<S, String> + Send + Sync>;
type Beside<S> = Box<dyn Fn(&S) -> Result<S, String> + Send + Sync>;

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
    fresh: Open<S>,
    reopen: Option<Again<S>>,
    crash: Option<Again<S>>,
    rival: Option<Beside<S>>,
    patience: Duration,
}

impl<S: AuditSink + 'static> Kit<S> {
    /// Tries the sinks that `fresh` opens. Each must stand on an empty store of its own.
    pub fn new<E: fmt::Display>(fresh: impl Fn() -> Result<S, E> + Send + Sync + 'static) -> Self {
        Self {
            fresh: Box::new(move || fresh().map_err(|error| error.to_string())),
            reopen: None,
            crash: None,
            rival: None,
            patience: PATIENCE,
        }
    }

    /// Closes a sink and opens its store again.
    pub fn reopen<E: fmt::Display>(
        mut self,
        reopen: impl Fn(S) -> Result<S, E> + Send + Sync + 'static,
    ) -> Self {
        self.reopen = Some(Box::new(move |sink| {
            reopen(sink).map_err(|error| error.to_string())
        }));
        self
    }

    /// Does to a sink and its store what a crash does, as well as a test can, and opens the store
    /// again.
    pub fn crash<E: fmt::Display>(
        mut self,
        crash: impl Fn(S) -> Result<S, E> + Send + Sync + 'static,
    ) -> Self {
        self.crash = Some(Box::new(move |sink| {
            crash(sink).map_err(|error| error.to_string())
        }));
        self
    }

    /// Opens the store of a sink a second time, as another process would. It may be refused.
    pub fn rival<E: fmt::Display>(
        mut self,
        rival: impl Fn(&S) -> Result<S, E> + Send + Sync + 'static,
    ) -> Self {
        self.rival = Some(Box::new(move |sink| {
            rival(sink).map_err(|error| error.to_string())
        }));
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

    pub(super) fn fresh(&self) -> Result<S, Finding> {
        (self.fresh)().map_err(|error| opening("opening a new store", &error))
    }

    /// `None` where nobody said how.
    pub(super) fn reopened(&self, sink: S) -> Option<Result<S, Finding>> {
        let reopen = self.reopen.as_ref()?;
        Some(reopen(sink).map_err(|error| opening("opening a store again", &error)))
    }

    pub(super) fn crashed(&self, sink: S) -> Option<Result<S, Finding>> {
        let crash = self.crash.as_ref()?;
        Some(crash(sink).map_err(|error| opening("opening a store after a crash", &error)))
    }

    /// A second writer; `None` where there is none.
    pub(super) fn rival_of(&self, sink: &S) -> Option<S> {
        self.rival.as_ref().and_then(|rival| rival(sink).ok())
    }
}

impl<S> fmt::Debug for Kit<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kit")
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}

fn opening(when: &str, error: &str) -> Finding {
    Finding::new(when, "a sink", format_args!("the error `{error}`"))
}
