//! Hosts as they are written.

use std::fmt;

use super::address;
use crate::matcher::email::DomainPattern;

/// Which hosts a URL may have: `example.com`, `*.example.com`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct HostPattern(DomainPattern);

/// Why a text of a policy is no host.
pub use crate::matcher::email::DomainError as HostPatternError;

impl HostPattern {
    /// Reads a host: a domain, or `*.` before one for every name below it.
    ///
    /// # Errors
    ///
    /// Refuses addresses and whatever is no domain name in ASCII.
    pub fn parse(text: &str) -> Result<Self, HostPatternError> {
        DomainPattern::parse(text).map(Self)
    }

    pub(super) fn matches(&self, host: &Host<'_>) -> bool {
        match host {
            Host::Name { written, .. } => self.0.matches(written),
            Host::Address(_) => false,
        }
    }
}

impl fmt::Display for HostPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A host that is written as every reader writes it.
pub(super) enum Host<'a> {
    Name {
        written: &'a str,
        /// Whether it is written in lower case, as it is parsed.
        canonical: bool,
    },
    Address(core::net::IpAddr),
}

impl<'a> Host<'a> {
    /// A plain name, which no parser changes but for its case.
    pub(super) fn plain(written: &'a str) -> Self {
        let canonical = !written.bytes().any(|byte| byte.is_ascii_uppercase());
        Self::Name { written, canonical }
    }

    /// The host `written`; `None` where it was parsed as another one, written `text`.
    pub(super) fn read(written: &'a str, parsed: &url::Host<&str>, text: &str) -> Option<Self> {
        match *parsed {
            url::Host::Domain(parsed) => {
                let same = written.eq_ignore_ascii_case(parsed) && is_name(written);
                let canonical = written == parsed;
                same.then_some(Self::Name { written, canonical })
            }
            // Not `Display` of the address: that writes some with dots, and the URL does not.
            url::Host::Ipv4(address) => (written == text).then_some(Self::Address(address.into())),
            url::Host::Ipv6(address) => (written == text).then_some(Self::Address(address.into())),
        }
    }

    /// Whether the host can be reached by everybody, as far as its spelling says. A name that no
    /// pattern of the policy has named is taken in its canonical spelling alone.
    pub(super) fn is_public(&self) -> bool {
        match self {
            Self::Name { written, canonical } => *canonical && address::is_public_name(written),
            Self::Address(address) => address::is_public(*address),
        }
    }
}

/// Whether every resolver takes `host` for a name: labels of ASCII letters, digits and inner
/// hyphens, of which the last begins with a letter, as no address does.
fn is_name(host: &str) -> bool {
    let is_plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let last = host.rsplit('.').next().unwrap_or_default();
    last.starts_with(|first: char| first.is_ascii_alphabetic())
        && host.split('.').all(|label| {
            !label.is_empty()
                && label.bytes().all(is_plain)
                && !label.starts_with('-')
                && !label.ends_with('-')
        })
}

/// Whether `host` is a name in which nothing is encoded, neither as `xn--` nor otherwise.
pub(super) fn is_plain_name(host: &str) -> bool {
    let hides = |pair: &[u8]| pair == b"--";
    is_name(host) && !host.as_bytes().windows(2).any(hides)
}
