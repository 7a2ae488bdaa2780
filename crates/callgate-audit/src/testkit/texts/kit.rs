//! Trying a store of clear texts rule by rule.

use std::fmt;
use std::sync::Arc;
use std::time::Duration;

use super::super::attempt::{self, PATIENCE};
use super::super::broken::{Broken, Finding};
use super::super::openings::Openings;
use super::{TextRule, rules};
use crate::texts::TextStore;

type Bytes<S> = Box<dyn Fn(&S) -> Result<Vec<u8>, String> + Send + Sync>;

/// Tries the stores that `fresh` opens, each of them empty. [`TextKit`] tries more.
///
/// # Errors
///
/// The first rule that such a store breaks.
///
/// # Examples
///
/// ```
/// use callgate_audit::testkit::{Broken, TextRule, check_texts};
/// use callgate_audit::texts::MemoryTexts;
///
/// # fn main() -> Result<(), Broken<TextRule>> {
/// check_texts(|| Ok::<_, std::io::Error>(MemoryTexts::new()))
/// # }
/// ```
pub fn check_texts<S, E>(
    fresh: impl Fn() -> Result<S, E> + Send + Sync + 'static,
) -> Result<(), Broken<TextRule>>
where
    S: TextStore + 'static,
    E: fmt::Display,
{
    TextKit::new(fresh).check()
}

/// What a store of clear texts is tried with; see [`check_texts`] for what does without.
///
/// # Examples
///
/// ```
/// use callgate_audit::testkit::TextKit;
/// use callgate_audit::texts::FileTexts;
///
/// # fn main() -> Result<(), Box<dyn std::error::Error>> {
/// let parent = tempfile::tempdir()?;
/// let path = parent.path().to_owned();
/// let count = std::sync::atomic::AtomicUsize::new(0);
/// TextKit::new(move || {
///     let number = count.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
///     FileTexts::open(path.join(number.to_string()))
/// })
/// .check()?;
/// # Ok(())
/// # }
/// ```
#[must_use]
pub struct TextKit<S> {
    pub(super) openings: Openings<S>,
    bytes: Option<Bytes<S>>,
    patience: Duration,
}

impl<S: TextStore + 'static> TextKit<S> {
    /// Tries the stores that `fresh` opens. Each must be empty, and not be that of another one.
    pub fn new<E: fmt::Display>(fresh: impl Fn() -> Result<S, E> + Send + Sync + 'static) -> Self {
        Self {
            openings: Openings::new("a store", fresh),
            bytes: None,
            patience: PATIENCE,
        }
    }

    /// Closes a store and opens it again.
    pub fn reopen<E: fmt::Display>(
        mut self,
        reopen: impl Fn(S) -> Result<S, E> + Send + Sync + 'static,
    ) -> Self {
        self.openings.reopen(reopen);
        self
    }

    /// Does to a store what a crash does, as well as a test can, and opens it again.
    pub fn crash<E: fmt::Display>(
        mut self,
        crash: impl Fn(S) -> Result<S, E> + Send + Sync + 'static,
    ) -> Self {
        self.openings.crash(crash);
        self
    }

    /// Opens a store a second time, as another process would. It may be refused.
    pub fn rival<E: fmt::Display>(
        mut self,
        rival: impl Fn(&S) -> Result<S, E> + Send + Sync + 'static,
    ) -> Self {
        self.openings.rival(rival);
        self
    }

    /// Gives all bytes that a store has anywhere: its files, say. Of a text that was erased none
    /// may be among them.
    pub fn bytes<E: fmt::Display>(
        mut self,
        bytes: impl Fn(&S) -> Result<Vec<u8>, E> + Send + Sync + 'static,
    ) -> Self {
        self.bytes = Some(Box::new(move |store| {
            bytes(store).map_err(|error| error.to_string())
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
    /// The first rule that a store breaks: those behind it assume it.
    pub fn check(self) -> Result<(), Broken<TextRule>> {
        let patience = self.patience;
        attempt::all(&Arc::new(self), patience, rules::all())
    }

    /// `None` where nobody said how.
    pub(super) fn bytes_of(&self, store: &S) -> Option<Result<Vec<u8>, Finding>> {
        let bytes = self.bytes.as_ref()?;
        let when = "asking for the bytes of a store";
        let failed = |error| Finding::new(when, "bytes", format_args!("the error `{error}`"));
        Some(bytes(store).map_err(failed))
    }
}

impl<S> fmt::Debug for TextKit<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("TextKit")
            .field("patience", &self.patience)
            .finish_non_exhaustive()
    }
}
