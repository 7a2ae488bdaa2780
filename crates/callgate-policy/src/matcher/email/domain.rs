//! Names of domains, in ASCII.

use std::fmt;

/// A domain, or everything below one: `company.com`, `*.company.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DomainPattern {
    /// In lower case.
    name: Box<str>,
    /// The names below, not the name itself.
    below: bool,
}

/// Why a text of a policy is no domain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum DomainError {
    /// It is no name of at least two labels in ASCII.
    #[error("is no domain name in ASCII")]
    NotAName,
    /// A `*` somewhere else than as the first label, before two more.
    #[error("holds a `*` that is not `*.` before a domain")]
    Star,
}

impl DomainPattern {
    /// Reads a domain.
    ///
    /// # Errors
    ///
    /// Refuses what is no domain name, and a `*` that could stand for a part of a label or for a
    /// whole top-level domain.
    pub fn parse(text: &str) -> Result<Self, DomainError> {
        let (below, name) = match text.strip_prefix("*.") {
            Some(name) => (true, name),
            None => (false, text),
        };
        if name.contains('*') || (below && !name.contains('.')) {
            return Err(DomainError::Star);
        }
        if !is_name(name) {
            return Err(DomainError::NotAName);
        }
        Ok(Self {
            name: name.to_ascii_lowercase().into(),
            below,
        })
    }

    /// Whether `name`, in any case, is the domain, or one below it.
    pub fn matches(&self, name: &str) -> bool {
        if !self.below {
            return name.eq_ignore_ascii_case(&self.name);
        }
        let label = name.len().checked_sub(self.name.len());
        let split = label.and_then(|label| name.split_at_checked(label));
        split.is_some_and(|(labels, name)| {
            labels.len() > 1 && labels.ends_with('.') && name.eq_ignore_ascii_case(&self.name)
        })
    }
}

impl fmt::Display for DomainPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.below { "*." } else { "" })?;
        f.write_str(&self.name)
    }
}

/// Whether `name` has at least two labels of ASCII letters, digits and inner hyphens, of which
/// the last is no number.
pub(crate) fn is_name(name: &str) -> bool {
    let is_label = |label: &str| {
        (1..=63).contains(&label.len())
            && label
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'-')
            && !label.starts_with('-')
            && !label.ends_with('-')
    };
    let last = name.rsplit_once('.').map(|(_, last)| last);
    name.len() <= 253
        && last.is_some_and(|last| last.bytes().any(|byte| byte.is_ascii_alphabetic()))
        && name.split('.').all(is_label)
}
