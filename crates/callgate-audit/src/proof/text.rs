//! Proofs as text: a line that says what they are about, and one for each digest.

use std::fmt;

use callgate_types::Digest;

use crate::chain;
use crate::tree::MAX_PEAKS;

/// Most digests: the path from a leaf up has one for each bit of a size.
const MAX_PATH: usize = MAX_PEAKS;

/// The text is not a proof.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ParseProofError {
    /// The first line is not that of such a proof.
    #[error("expected the name of the proof and two numbers in the first line")]
    BadStart,
    /// A line is not a digest.
    #[error("expected a digest in line {line}")]
    BadLine {
        /// Counted from 1.
        line: usize,
    },
    /// No tree has a path as long as that.
    #[error("expected at most {MAX_PATH} digests")]
    TooLong,
}

pub(super) fn write(
    f: &mut fmt::Formatter<'_>,
    name: &str,
    (first, second): (u64, u64),
    path: &[Digest],
) -> fmt::Result {
    writeln!(f, "{name} {first} {second}")?;
    path.iter().try_for_each(|node| writeln!(f, "{node}"))
}

pub(super) fn read(name: &str, text: &str) -> Result<((u64, u64), Vec<Digest>), ParseProofError> {
    let (start, mut rest) = text.split_once('\n').ok_or(ParseProofError::BadStart)?;
    let sizes = sizes(name, start).ok_or(ParseProofError::BadStart)?;
    let mut path = Vec::new();
    while !rest.is_empty() {
        let line = path.len().saturating_add(2);
        let bad = ParseProofError::BadLine { line };
        let (node, after) = rest.split_once('\n').ok_or(bad)?;
        if path.len() == MAX_PATH {
            return Err(ParseProofError::TooLong);
        }
        path.push(node.parse().map_err(|_| bad)?);
        rest = after;
    }
    Ok((sizes, path))
}

fn sizes(name: &str, line: &str) -> Option<(u64, u64)> {
    let (first, second) = line
        .strip_prefix(name)?
        .strip_prefix(' ')?
        .split_once(' ')?;
    let number = |digits: &str| chain::number(digits.as_bytes());
    Some((number(first)?, number(second)?))
}
