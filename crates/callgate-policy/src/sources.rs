//! The texts that a policy is read from.

use std::borrow::Cow;
use std::cell::OnceCell;
use std::error::Error;
use std::fmt::Write as _;
use std::sync::Arc;

use callgate_types::Digest;

/// The most files that a policy includes, all together.
pub(crate) const MAX_INCLUDED: usize = 1_000;

/// The texts of one policy: its root file, and the files that were included from it.
///
/// This crate opens no file. Whoever does hands the root over and answers, while
/// [`Policy::load`](crate::Policy::load) reads it, for each file that is included. What was read
/// stays here, also when the policy does not load: for carets under faults, and for
/// [`Policy::lints`](crate::Policy::lints).
#[derive(Debug)]
pub struct Sources<'t> {
    root: Source<Cow<'t, str>>,
    /// Filled from the front, and made when a policy first includes something.
    included: OnceCell<Box<[OnceCell<Source>]>>,
}

/// One text of a policy.
#[derive(Debug)]
pub(crate) struct Source<T = Arc<str>> {
    /// Its name from the folder of the root file, with `/` between components.
    pub(crate) name: Box<str>,
    /// How messages call it.
    pub(crate) file: Box<str>,
    pub(crate) text: T,
    pub(crate) notation: Notation,
}

/// What a policy is written in; the document is the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Notation {
    Toml,
    Json,
}

impl<'t> Sources<'t> {
    /// A policy whose root is `text`, which is TOML; messages call it `file`.
    pub fn of(text: impl Into<Cow<'t, str>>, file: &str) -> Self {
        Self::rooted(text.into(), file, Notation::Toml)
    }

    /// A policy whose root is `text`, which is JSON.
    pub fn of_json(text: impl Into<Cow<'t, str>>, file: &str) -> Self {
        Self::rooted(text.into(), file, Notation::Json)
    }

    fn rooted(text: Cow<'t, str>, file: &str, notation: Notation) -> Self {
        let name = file.rsplit(['/', '\\']).next().unwrap_or(file);
        Self {
            root: Source {
                name: name.into(),
                file: file.into(),
                text,
                notation,
            },
            included: OnceCell::new(),
        }
    }

    /// The text that messages call `file`; `None` where no file of this policy is called so.
    pub fn text_of(&self, file: &str) -> Option<&str> {
        if &*self.root.file == file {
            return Some(&self.root.text);
        }
        let mut included = self.included();
        Some(&included.find(|source| &*source.file == file)?.text)
    }

    pub(crate) const fn root(&self) -> &Source<Cow<'t, str>> {
        &self.root
    }

    /// The digest of a policy that is read from these texts.
    ///
    /// Of one file, that of its text. Of several, that of a line for each: the digest of the text
    /// in hex, two blanks, its name from the folder of the root, a line feed; the root is `-`.
    pub(crate) fn digest(&self) -> Digest {
        let root = Digest::of(self.root.text.as_bytes());
        let mut lines = String::new();
        for source in self.included() {
            let digest = Digest::of(source.text.as_bytes());
            // Writing to a `String` never fails.
            writeln!(lines, "{digest}  {}", source.name).ok();
        }
        if lines.is_empty() {
            return root;
        }
        Digest::of(format!("{root}  -\n{lines}").as_bytes())
    }

    /// The file of this name, where it was included before.
    pub(crate) fn find(&self, name: &str) -> Option<&Source> {
        self.included().find(|source| &*source.name == name)
    }

    /// Adds a file; `None` where there are too many.
    pub(crate) fn add(&self, name: &str, included: Included) -> Option<&Source> {
        let slots = self
            .included
            .get_or_init(|| (0..MAX_INCLUDED).map(|_| OnceCell::new()).collect());
        let slot = slots.iter().find(|slot| slot.get().is_none())?;
        Some(slot.get_or_init(|| Source {
            name: name.into(),
            notation: Notation::of_name(name),
            file: included.file.into(),
            text: included.text.into(),
        }))
    }

    fn included(&self) -> impl Iterator<Item = &Source> {
        let slots = self.included.get().into_iter().flatten();
        slots.map_while(OnceCell::get)
    }
}

impl Notation {
    fn of_name(name: &str) -> Self {
        if has_ending(name, ".json") {
            Self::Json
        } else {
            Self::Toml
        }
    }
}

/// Whether a name ends so, whatever the case.
pub(crate) fn has_ending(name: &str, ending: &str) -> bool {
    let at = name.len().checked_sub(ending.len());
    let end = at.and_then(|at| name.get(at..));
    end.is_some_and(|end| end.eq_ignore_ascii_case(ending))
}

/// A file that a policy includes, as whoever opens files hands it over.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Included {
    /// Its text.
    pub text: String,
    /// How messages call it.
    pub file: String,
}

impl Included {
    /// The text of a file, which messages call `file`.
    pub const fn new(text: String, file: String) -> Self {
        Self { text, file }
    }
}

/// Why a file that a policy includes is not handed over.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum IncludeError {
    /// There are no files: the policy is a text alone.
    #[error("a policy that is given as text alone includes nothing")]
    NoFiles,
    /// It cannot be read.
    #[error("it cannot be read: {0}")]
    Unreadable(#[source] Box<dyn Error + Send + Sync>),
    /// It is not UTF-8.
    #[error("it is not UTF-8")]
    NotText,
    /// It is no regular file.
    #[error("it is no regular file")]
    NotAFile,
    /// A link leads out of the folder of the root file.
    #[error("a link leads out of the folder of the policy")]
    Outside,
}
