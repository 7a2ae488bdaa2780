//! A policy on disk, with the files that it includes.

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::path::{Path, PathBuf};

use callgate_policy::{IncludeError, Included, Policy, Sources};

use crate::load::{LoadError, Tested, read_examples, tested, with_examples};
use crate::{Snapshot, load};

/// Largest policy file, in bytes: 8 MiB.
const MAX_POLICY: u64 = 8 << 20;

/// A policy that is read from its root file, with the files that it includes.
///
/// Included files are looked for from the folder of the root file downwards. A link in this folder
/// is followed while it stays there. Whoever can write to the folder can change the policy: the
/// check is for mistakes, and no jail.
///
/// [`load_policy`](crate::load_policy) is enough for most hosts; this keeps the texts, for who
/// shows faults in them or tries further examples.
#[derive(Debug)]
pub struct PolicyFile {
    /// `None` where the policy is a text alone, which includes nothing.
    path: Option<PathBuf>,
    sources: Sources<'static>,
}

impl PolicyFile {
    /// Reads the root file at `path`. One whose name ends in `.json` is JSON, every other TOML.
    ///
    /// # Errors
    ///
    /// Fails where the file cannot be read, or is not UTF-8.
    pub fn open(path: impl AsRef<Path>) -> Result<Self, LoadError> {
        let path = path.as_ref();
        let text = text_of(path).map_err(|source| LoadError::Read {
            path: path.into(),
            source,
        })?;
        let file = path.to_string_lossy();
        let sources = if load::is_json(&file) {
            Sources::of_json(text, &file)
        } else {
            Sources::of(text, &file)
        };
        Ok(Self {
            path: Some(path.into()),
            sources,
        })
    }

    /// A policy that is `text` alone; messages call it `file`. It is JSON where it begins with a
    /// brace, as no TOML does.
    pub fn of_text(text: String, file: &str) -> Self {
        let is_json = text.trim_start().starts_with('{');
        Self {
            path: None,
            sources: if is_json {
                Sources::of_json(text, file)
            } else {
                Sources::of(text, file)
            },
        }
    }

    /// Loads the policy, and checks its examples.
    ///
    /// # Errors
    ///
    /// As [`load_policy`](crate::load_policy).
    pub fn load(&self) -> Result<Snapshot, LoadError> {
        with_examples(self.snapshot()?)
    }

    /// Tries the examples of the policy and those of further files, given as text and name, and
    /// says of each how it came out.
    ///
    /// A text whose name ends in `.json` is read as JSON, every other as TOML.
    ///
    /// # Errors
    ///
    /// As [`load_policy`](crate::load_policy), but for examples that come out differently: they
    /// stand in the answer.
    pub fn test(&self, tests: &[(&str, &str)]) -> Result<Vec<Tested>, LoadError> {
        let snapshot = self.snapshot()?;
        let own = &snapshot.policy().document().examples;
        let mut all: Vec<Tested> = tested(&snapshot, own).collect();
        for (text, file) in tests {
            let examples = read_examples(&snapshot, text, file)?;
            all.extend(tested(&snapshot, &examples));
        }
        Ok(all)
    }

    /// The texts that were read so far: the root, and after loading what it includes.
    pub const fn sources(&self) -> &Sources<'static> {
        &self.sources
    }

    fn snapshot(&self) -> Result<Snapshot, LoadError> {
        let policy = Policy::load(&self.sources, &mut |name| match &self.path {
            Some(root) => included(root, name),
            None => Err(IncludeError::NoFiles),
        });
        policy.map(Snapshot::new).map_err(LoadError::Invalid)
    }
}

/// Reads the file `name` of the folder in which `root` is.
fn included(root: &Path, name: &str) -> Result<Included, IncludeError> {
    let unreadable = |error: io::Error| IncludeError::Unreadable(error.into());
    let folder = root.parent().unwrap_or(Path::new(""));
    let path = folder.join(name);
    let here = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    let here = fs::canonicalize(here).map_err(unreadable)?;
    let real = fs::canonicalize(&path).map_err(unreadable)?;
    if !real.starts_with(here) {
        return Err(IncludeError::Outside);
    }
    // Opening a pipe would wait for a writer.
    if !fs::metadata(&real).map_err(unreadable)?.is_file() {
        return Err(IncludeError::NotAFile);
    }
    match text_of(&real) {
        Ok(text) => Ok(Included::new(text, path.to_string_lossy().into_owned())),
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(IncludeError::NotText),
        Err(error) => Err(unreadable(error)),
    }
}

fn text_of(path: &Path) -> io::Result<String> {
    let mut text = String::new();
    // One byte past the bound is enough to see that it is passed.
    let bounded = MAX_POLICY.saturating_add(1);
    File::open(path)?.take(bounded).read_to_string(&mut text)?;
    Ok(text)
}
