//! How the stores are opened that a kit tries.

use std::fmt;

use super::broken::Finding;

type Open<S> = Box<dyn Fn() -> Result<S, String> + Send + Sync>;
type Again<S> = Box<dyn Fn(S) -> Result<S, String> + Send + Sync>;
type Beside<S> = Box<dyn Fn(&S) -> Result<S, String> + Send + Sync>;

/// The ways in which a kit was told that stores are opened.
pub(super) struct Openings<S> {
    /// What is opened: `a sink`, say.
    what: &'static str,
    fresh: Open<S>,
    reopen: Option<Again<S>>,
    crash: Option<Again<S>>,
    rival: Option<Beside<S>>,
}

impl<S: 'static> Openings<S> {
    pub(super) fn new<E: fmt::Display>(
        what: &'static str,
        fresh: impl Fn() -> Result<S, E> + Send + Sync + 'static,
    ) -> Self {
        Self {
            what,
            fresh: Box::new(move || fresh().map_err(|error| error.to_string())),
            reopen: None,
            crash: None,
            rival: None,
        }
    }

    pub(super) fn reopen<E: fmt::Display>(
        &mut self,
        reopen: impl Fn(S) -> Result<S, E> + Send + Sync + 'static,
    ) {
        self.reopen = Some(again(reopen));
    }

    pub(super) fn crash<E: fmt::Display>(
        &mut self,
        crash: impl Fn(S) -> Result<S, E> + Send + Sync + 'static,
    ) {
        self.crash = Some(again(crash));
    }

    pub(super) fn rival<E: fmt::Display>(
        &mut self,
        rival: impl Fn(&S) -> Result<S, E> + Send + Sync + 'static,
    ) {
        let rival = move |store: &S| rival(store).map_err(|error| error.to_string());
        self.rival = Some(Box::new(rival));
    }

    /// An empty store.
    pub(super) fn fresh(&self) -> Result<S, Finding> {
        self.opened("opening a new store", (self.fresh)())
    }

    /// `None` where nobody said how.
    pub(super) fn reopened(&self, store: S) -> Option<Result<S, Finding>> {
        let reopen = self.reopen.as_ref()?;
        Some(self.opened("opening a store again", reopen(store)))
    }

    /// `None` where nobody said how.
    pub(super) fn crashed(&self, store: S) -> Option<Result<S, Finding>> {
        let crash = self.crash.as_ref()?;
        Some(self.opened("opening a store after a crash", crash(store)))
    }

    /// Somebody else with the same store; `None` where there is none.
    pub(super) fn rival_of(&self, store: &S) -> Option<S> {
        self.rival.as_ref().and_then(|rival| rival(store).ok())
    }

    fn opened(&self, when: &str, store: Result<S, String>) -> Result<S, Finding> {
        let failed = |error| Finding::new(when, self.what, format_args!("the error `{error}`"));
        store.map_err(failed)
    }
}

fn again<S: 'static, E: fmt::Display>(
    open: impl Fn(S) -> Result<S, E> + Send + Sync + 'static,
) -> Again<S> {
    Box::new(move |store| open(store).map_err(|error| error.to_string()))
}
