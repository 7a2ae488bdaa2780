//! The end of a chain.

use std::fmt;
use std::str::FromStr;

use callgate_types::Digest;

use crate::chain::{self, Started};

/// The end of a chain: how many records there are, and the digest of the last one.
///
/// Whoever remembers a head can tell later whether the log still begins with the same records.
/// It is written `SIZE:DIGEST`.
///
/// # Examples
///
/// ```
/// use callgate_audit::Head;
///
/// let zeros = "0".repeat(64);
/// assert_eq!(Head::EMPTY.to_string(), format!("0:{zeros}"));
/// assert_eq!(format!("0:{zeros}").parse(), Ok(Head::EMPTY));
/// ```
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct Head {
    /// The number of records; also the sequence number that the next one gets.
    pub records: u64,
    /// The digest of the last record; zeros where there is none.
    pub digest: Digest,
}

impl Head {
    /// The end of a chain without records.
    pub const EMPTY: Self = Self::new(0, Digest::ZERO);

    /// The end of a chain of `records` records, the last of which has `digest`.
    pub const fn new(records: u64, digest: Digest) -> Self {
        Self { records, digest }
    }

    /// Gives `body`, a record without its tail, its place behind this head: appends the finished
    /// line to `lines` and returns the head behind it.
    ///
    /// A [`Journal`](crate::Journal) does this by itself.
    #[must_use]
    pub fn link(self, body: &[u8], lines: &mut Vec<u8>) -> Self {
        let start = lines.len();
        lines.extend_from_slice(body);
        chain::end_line(self, &Started::of(body), lines, start)
    }
}

impl fmt::Display for Head {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}:{}", self.records, self.digest)
    }
}

/// The text is not a head.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("expected `SIZE:DIGEST`: a number of records, and 64 lower-case hex digits")]
#[non_exhaustive]
pub struct ParseHeadError;

impl FromStr for Head {
    type Err = ParseHeadError;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let (records, digest) = text.split_once(':').ok_or(ParseHeadError)?;
        let records = chain::number(records.as_bytes()).ok_or(ParseHeadError)?;
        let digest = digest.parse().map_err(|_| ParseHeadError)?;
        if records == 0 && digest != Digest::ZERO {
            return Err(ParseHeadError);
        }
        Ok(Self { records, digest })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn round_trip() {
        let head = Head::new(17, Digest::of(b"abc"));
        assert_eq!(head.to_string().parse(), Ok(head));
    }

    #[test]
    fn refused_texts() {
        let digest = Digest::of(b"abc");
        for text in [
            String::new(),
            "17".to_owned(),
            format!(":{digest}"),
            format!("017:{digest}"),
            format!("+17:{digest}"),
            format!("0:{digest}"),
            format!("18446744073709551616:{digest}"),
            format!("17:{digest}0"),
        ] {
            assert_eq!(text.parse::<Head>(), Err(ParseHeadError), "{text}");
        }
    }
}
