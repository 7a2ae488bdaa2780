//! Trying a store rule by rule.

use std::fmt;

use super::broken::{Broken, Rule};
use super::rules;
use crate::standing::StandingStore;

type Open<S> = Box<dyn Fn() -> Result<S, String>>;
type Again<S> = Box<dyn Fn(S) -> Result<S, String>>;
type Beside<S> = Box<dyn Fn(&S) -> Result<S, String>>;

/// Tries the stores that `fresh` opens, each empty. [`Kit`] tries more.
///
/// # Errors
///
/// The first rule that such a store breaks.
pub fn check<S: StandingStore, E: fmt::Display>(
    fresh: impl Fn() -> Result<S, E> + 'static,
) -> Result<(), Broken> {
    Kit::new(fresh).check()
}

/// What a store is tried with; see [`check`] for what does without.
#[must_use]
pub struct Kit<S> {
    fresh: Open<S>,
    reopen: Option<Again<S>>,
    rival: Option<Beside<S>>,
}

impl<S: StandingStore> Kit<S> {
    /// Tries the stores that `fresh` opens. Each must be an empty one of its own.
    pub fn new<E: fmt::Display>(fresh: impl Fn() -> Result<S, E> + 'static) -> Self {
        Self {
            fresh: Box::new(move || fresh().map_err(|error| error.to_string())),
            reopen: None,
            rival: None,
        }
    }

    /// Closes a store and opens it again.
    pub fn reopen<E: fmt::Display>(mut self, reopen: impl Fn(S) -> Result<S, E> + 'static) -> Self {
        self.reopen = Some(Box::new(move |store| {
            reopen(store).map_err(|error| error.to_string())
        }));
        self
    }

    /// Opens a store a second time, as another process would.
    pub fn rival<E: fmt::Display>(mut self, rival: impl Fn(&S) -> Result<S, E> + 'static) -> Self {
        self.rival = Some(Box::new(move |store| {
            rival(store).map_err(|error| error.to_string())
        }));
        self
    }

    /// Tries all rules for which it was told enough.
    ///
    /// # Errors
    ///
    /// The first rule that a store breaks: those behind it assume it.
    pub fn check(self) -> Result<(), Broken> {
        rules::empty(&self.fresh()?)?;
        rules::one_by_one(&self.fresh()?)?;
        rules::pages(&self.fresh()?)?;
        rules::together(&self.fresh()?)?;
        if let Some(rival) = &self.rival {
            let store = self.fresh()?;
            let other = opened(Rule::Shared, rival(&store))?;
            rules::shared(&store, &other)?;
            rules::together_with(&store, &other)?;
        }
        if let Some(reopen) = &self.reopen {
            let store = self.fresh()?;
            let held = rules::filled(&store)?;
            rules::kept(&opened(Rule::Kept, reopen(store))?, &held)?;
        }
        Ok(())
    }

    fn fresh(&self) -> Result<S, Broken> {
        opened(Rule::Empty, (self.fresh)())
    }
}

impl<S> fmt::Debug for Kit<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kit").finish_non_exhaustive()
    }
}

fn opened<S>(rule: Rule, store: Result<S, String>) -> Result<S, Broken> {
    store.map_err(|error| Broken::new(rule, "a store", format_args!("the error `{error}`")))
}
