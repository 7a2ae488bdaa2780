//! `path`: where a text leads as a path of a POSIX file system.
//!
//! Protects tools that hand a path to a POSIX kernel whose file names are compared byte by byte.
//! The text is read the way that kernel reads it, component by component, and never by its
//! prefix; `..` is undone twice: as it is written, and after links have been followed. Both forms
//! have to pass. What some other reader on the way could take for another path (a percent sign
//! before an encoded dot, a character that folds to a slash, a drive letter) is unknown, so no
//! permit counts on it.
//!
//! It looks at names and at facts, never at a disk, and cannot say what changes between the check
//! and the opening, which names are hard links, or where file systems are mounted. A policy
//! that looks at links therefore demands `open_no_follow`: the host opens what was checked, and
//! follows no other link than those that were.

mod deny;
mod encoded;
mod glob;
mod links;
mod place;
mod written;

pub use deny::PathDeny;
pub use glob::{GlobError, PathGlob};
pub use place::{AbsolutePath, AbsolutePathError};

#[cfg(feature = "url")]
pub(crate) use deny::{fold, percent_decoded};
pub use links::LinkFact;

use crate::document::Fact;
use links::Followed;

/// What a path has to be.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct PathSpec {
    /// It is one of these or below one of them; empty asks nothing.
    pub under: Vec<AbsolutePath>,
    /// Where relative paths begin; without it they are refused.
    pub relative_to: Option<AbsolutePath>,
    /// What is known of symbolic links.
    pub links: PathLinks,
    /// Names that it must not lead through.
    pub deny: PathDeny,
    /// It matches one of these; empty asks nothing.
    pub glob: Vec<PathGlob>,
}

/// What is known of symbolic links.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PathLinks {
    /// Nothing: only what is written is judged, and the author says so.
    Ignored,
    /// A fact of the host: an object from absolute paths to the targets of the links there.
    Fact {
        /// Where it stands.
        fact: Fact,
        /// Where the host gives no such fact there are no links; otherwise that is unknown.
        default_none: bool,
    },
}

/// The longest path that the kernel takes, in bytes (`PATH_MAX` counts the NUL).
const MAX_BYTES: usize = 4095;

impl PathSpec {
    /// Whether `text` is such a path; `None` where that is unknown.
    ///
    /// Unknown is what is no path, what two readers could read in different ways, and what is
    /// such a path as written but not as links lead, or the other way round.
    pub fn admits(&self, text: &str, links: LinkFact<'_>) -> Option<bool> {
        if text.len() > MAX_BYTES || !written::is_plain(text) {
            return None;
        }
        let start = match (text.starts_with('/'), &self.relative_to) {
            (true, _) => None,
            (false, Some(start)) => Some(start),
            (false, None) => return Some(false),
        };
        let mut components = Vec::with_capacity(16);
        components.extend(start.into_iter().flat_map(AbsolutePath::components));
        for component in text.split('/') {
            place::step(&mut components, component);
        }
        let tail = text.rsplit('/').next().unwrap_or_default();
        let as_file = !matches!(tail, "" | "." | "..");
        let written = self.passes(&components, as_file);
        let followed = match links {
            LinkFact::None => Followed::Same,
            LinkFact::Unknown => Followed::Unknown,
            LinkFact::Given(links) => links::follow(links, start, text),
        };
        let path = match followed {
            Followed::Same => return Some(written),
            Followed::Unknown => return None,
            Followed::To(path) => path,
        };
        let path: Vec<&str> = path.split('/').filter(|part| !part.is_empty()).collect();
        (self.passes(&path, as_file) == written).then_some(written)
    }

    fn passes(&self, components: &[&str], as_file: bool) -> bool {
        (self.under.is_empty() || self.under.iter().any(|root| root.holds(components)))
            && self.deny.spares(components)
            && (self.glob.is_empty()
                || as_file && self.glob.iter().any(|glob| glob.matches(components)))
    }
}

#[cfg(test)]
mod tests;
