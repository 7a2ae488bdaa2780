//! `url`: where a text leads as an `http` or `https` URL.
//!
//! Protects tools that hand a URL to a client which follows the WHATWG URL standard. The standard
//! repairs what is malformed, and other clients repair it in another way; so the authority as it
//! is written is compared with the one that was parsed, and where they differ the text is
//! unknown: userinfo, percent signs, other scripts, odd spellings of addresses, backslashes,
//! blanks.
//!
//! It cannot say what a name resolves to, nor where a server redirects. A policy that restricts
//! addresses demands `pin_address`: the host looks the name up once, refuses what is not public,
//! connects to that very address, and judges every redirect as a new call.

mod address;
mod host;
mod path;

pub use host::{HostPattern, HostPatternError};
pub use path::{UrlPath, UrlPathError};

use std::num::NonZeroU16;

use host::Host;

/// What a URL has to be.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct UrlSpec {
    /// The schemes that it may have; never empty.
    pub schemes: Vec<UrlScheme>,
    /// Its host is one of these; empty asks nothing.
    pub hosts: Vec<HostPattern>,
    /// Its ports.
    pub ports: UrlPorts,
    /// Whether its host has to be public: no address and no name of a private network.
    pub public: bool,
    /// What is asked of its path, where anything is.
    pub path: Option<UrlPath>,
}

/// A scheme.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlScheme {
    /// `http`, whose port is 80.
    Http,
    /// `https`, whose port is 443.
    Https,
}

/// Which ports a URL may have.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum UrlPorts {
    /// That of its scheme.
    Default,
    /// Any.
    Any,
    /// One of these.
    These(Vec<NonZeroU16>),
}

/// The longest URL that is read, in bytes.
const MAX_BYTES: usize = 8192;

impl UrlSpec {
    /// Whether `text` is such a URL; `None` where readers could take it for different ones.
    pub fn admits(&self, text: &str) -> Option<bool> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let (scheme, rest) = scheme_of(text)?;
        // The path ends where query or fragment begin, and the authority where the path begins.
        let end = rest.bytes().position(|byte| matches!(byte, b'?' | b'#'));
        let (before, after) = rest.split_at_checked(end.unwrap_or(rest.len()))?;
        if !is_plain(before) || after.bytes().any(|byte| byte.is_ascii_control()) {
            return None;
        }
        let slash = before.bytes().position(|byte| byte == b'/');
        let (authority, path) = before.split_at_checked(slash.unwrap_or(before.len()))?;
        let (host, port) = split_port(authority)?;
        let port = port.unwrap_or(scheme.port());
        let parsed = if host::is_plain_name(host) && (self.path.is_none() || path::is_normal(path))
        {
            // Every parser of the standard leaves these as they are, but for capitals.
            debug_assert!(is_left_as_written(text, host, path), "{text}");
            None
        } else {
            Some(parse(text, scheme, port)?)
        };
        let written = match &parsed {
            Some(parsed) => Host::read(host, &parsed.host()?, parsed.host_str()?)?,
            None => Host::plain(host),
        };
        let at_path = match &self.path {
            None => true,
            Some(asked) => asked.admits(path, parsed.as_ref().map_or(path, url::Url::path))?,
        };
        let at_host =
            self.hosts.is_empty() || self.hosts.iter().any(|pattern| pattern.matches(&written));
        Some(
            self.schemes.contains(&scheme)
                && self.ports.contain(port, scheme)
                && at_host
                && (!self.public || written.is_public())
                && at_path,
        )
    }
}

impl UrlScheme {
    /// The scheme as it is written.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Http => "http",
            Self::Https => "https",
        }
    }

    const fn port(self) -> NonZeroU16 {
        const HTTP: NonZeroU16 = NonZeroU16::MIN.saturating_add(79);
        const HTTPS: NonZeroU16 = NonZeroU16::MIN.saturating_add(442);
        match self {
            Self::Http => HTTP,
            Self::Https => HTTPS,
        }
    }
}

impl UrlPorts {
    fn contain(&self, port: NonZeroU16, scheme: UrlScheme) -> bool {
        match self {
            Self::Default => port == scheme.port(),
            Self::Any => true,
            Self::These(ports) => ports.contains(&port),
        }
    }
}

/// The scheme, in lower case as it is written, and what follows the two slashes.
///
/// Another scheme is unknown and not just a no: what comes after it is not read here.
fn scheme_of(text: &str) -> Option<(UrlScheme, &str)> {
    let (scheme, rest) = text.split_once("://")?;
    match scheme {
        "http" => Some((UrlScheme::Http, rest)),
        "https" => Some((UrlScheme::Https, rest)),
        _ => None,
    }
}

/// Parses the text; `None` where something else comes out than is written.
fn parse(text: &str, scheme: UrlScheme, port: NonZeroU16) -> Option<url::Url> {
    let parsed = url::Url::parse(text).ok()?;
    let same = parsed.scheme() == scheme.as_str()
        && parsed.username().is_empty()
        && parsed.password().is_none()
        && parsed.port_or_known_default() == Some(port.get());
    same.then_some(parsed)
}

/// Whether the parser finds this host and, where it is in normal form, this path.
fn is_left_as_written(text: &str, host: &str, path: &str) -> bool {
    url::Url::parse(text).is_ok_and(|parsed| {
        parsed.host_str() == Some(&*host.to_ascii_lowercase())
            && (!path::is_normal(path) || parsed.path() == path)
    })
}

/// Whether each character has one meaning before the query: no blank, no control, no backslash.
fn is_plain(before: &str) -> bool {
    let mut is_plain = true;
    for byte in before.bytes() {
        is_plain &= byte > b' ' && byte != 0x7f && byte != b'\\';
    }
    is_plain && (before.is_ascii() || !before.chars().any(|c| c.is_whitespace() || c.is_control()))
}

/// Host and port as written; `None` where the port is no plain number above 0.
fn split_port(authority: &str) -> Option<(&str, Option<NonZeroU16>)> {
    // The colons of an IPv6 address stand within brackets.
    let from = authority.rfind(']').unwrap_or(0);
    let Some(colon) = authority.get(from..)?.rfind(':') else {
        return Some((authority, None));
    };
    let (host, port) = authority.split_at_checked(from.checked_add(colon)?)?;
    let port = port.strip_prefix(':')?;
    let is_plain = !port.starts_with('0') && port.bytes().all(|byte| byte.is_ascii_digit());
    let number = is_plain
        .then(|| port.parse::<NonZeroU16>().ok())
        .flatten()?;
    Some((host, Some(number)))
}

#[cfg(test)]
mod tests;
