//! What a chain is called where one store holds several.

use std::fmt;
use std::str::FromStr;

/// The name of a chain, where one store holds several.
///
/// It has 1 to 100 of `a` to `z`, `0` to `9`, `-`, `_` and `.`, and begins with a letter or digit:
/// no two names look alike.
///
/// # Examples
///
/// ```
/// use callgate_audit::ChainName;
///
/// let name: ChainName = "eu-west.desk-3".parse()?;
/// assert_eq!(name.as_str(), "eu-west.desk-3");
/// assert!("Desk".parse::<ChainName>().is_err());
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct ChainName(Box<str>);

const MAX_BYTES: usize = 100;

impl ChainName {
    /// `main`: the only chain, for whoever names none.
    pub fn main() -> Self {
        Self("main".into())
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for ChainName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl FromStr for ChainName {
    type Err = ParseChainNameError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit();
        let begins = text.bytes().next().is_some_and(plain);
        let known = |byte: u8| plain(byte) || matches!(byte, b'-' | b'_' | b'.');
        if begins && text.len() <= MAX_BYTES && text.bytes().all(known) {
            Ok(Self(text.into()))
        } else {
            Err(ParseChainNameError)
        }
    }
}

/// The text is not the name of a chain.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error(
    "expected a name of 1 to {MAX_BYTES} of `a` to `z`, `0` to `9`, `-`, `_` and `.`, \
     which begins with a letter or digit"
)]
#[non_exhaustive]
pub struct ParseChainNameError;

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, good: bool) {
        let name = text.parse::<ChainName>();
        assert_eq!(name.is_ok(), good, "{text}");
        if let Ok(name) = name {
            assert_eq!(name.to_string(), text);
        }
    }

    #[test]
    fn names() {
        check(ChainName::main().as_str(), true);
        check("a", true);
        check("7-of_9.x", true);
        check(&"a".repeat(100), true);
        check(&"a".repeat(101), false);
        check("", false);
        check("-a", false);
        check(".", false);
        check("A", false);
        check("a b", false);
        check("a\n", false);
        check("ä", false);
        check("a'; DROP TABLE record; --", false);
    }
}
