//! Places in a file system: components below the root.

use std::fmt;

use super::written;

/// An absolute path in normal form, from the policy.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AbsolutePath {
    components: Box<[Box<str>]>,
}

/// Why a text of a policy is no absolute path in normal form.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum AbsolutePathError {
    /// It does not begin with one slash.
    #[error("does not begin with one `/`")]
    NotAbsolute,
    /// It has an empty component, `.` or `..`.
    #[error("holds an empty component, `.` or `..`")]
    NotNormal,
    /// It holds what no argument that passes holds.
    #[error("holds characters that no path of a call may hold")]
    NotPlain,
}

impl AbsolutePath {
    /// Reads an absolute path; one slash at its end is left out.
    ///
    /// # Errors
    ///
    /// Refuses whatever is not in normal form: an author means one place.
    pub fn parse(text: &str) -> Result<Self, AbsolutePathError> {
        let Some(below) = text.strip_prefix('/') else {
            return Err(AbsolutePathError::NotAbsolute);
        };
        if text.len() > super::MAX_BYTES || !written::is_plain(text) {
            return Err(AbsolutePathError::NotPlain);
        }
        let below = below.strip_suffix('/').unwrap_or(below);
        if below.is_empty() && text.len() > 1 {
            return Err(AbsolutePathError::NotNormal);
        }
        let components = below.split('/').filter(|_| !below.is_empty());
        if components
            .clone()
            .any(|part| matches!(part, "" | "." | ".."))
        {
            return Err(AbsolutePathError::NotNormal);
        }
        Ok(Self {
            components: components.map(Box::from).collect(),
        })
    }

    /// Whether `components` lead here or below.
    pub(super) fn holds(&self, components: &[&str]) -> bool {
        components.len() >= self.components.len()
            && self
                .components()
                .zip(components)
                .all(|(one, other)| one == *other)
    }

    pub(super) fn components(&self) -> impl ExactSizeIterator<Item = &str> + Clone {
        self.components.iter().map(|part| &**part)
    }
}

impl fmt::Display for AbsolutePath {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        if self.components.is_empty() {
            return f.write_str("/");
        }
        self.components()
            .try_for_each(|component| write!(f, "/{component}"))
    }
}

/// One step down, or up with `..`; above the root is the root.
pub(super) fn step<'a>(components: &mut Vec<&'a str>, component: &'a str) {
    match component {
        "" | "." => {}
        ".." => {
            components.pop();
        }
        name => components.push(name),
    }
}
