//! How a record gets its place: the tail of a line, and its digest.
//!
//! The tail comes last so that everything before it is hashed before the place is known: outside
//! of any lock, by as many threads as there are. What is left for the one that links is the tail.

use callgate_types::Digest;
use sha2::{Digest as _, Sha256};

use crate::Head;
use crate::encode::push_number;

/// The first byte of what is hashed for a record: a leaf of RFC 6962.
const LEAF: [u8; 1] = [0x00];

const SEQ: &[u8] = b",\"seq\":";
const PREV: &[u8] = b",\"prev\":\"";
const END: &[u8] = b"\"}";

/// Room for the longest tail with its line feed.
pub(crate) const MAX_TAIL: usize = 128;

/// The hash of a record up to its tail.
#[derive(Clone)]
pub(crate) struct Started(Sha256);

impl Started {
    /// Hashes `body`, a record without its tail.
    pub(crate) fn of(body: &[u8]) -> Self {
        let mut state = Sha256::new();
        state.update(LEAF);
        state.update(body);
        Self(state)
    }

    fn finish(&self, tail: &[u8]) -> Digest {
        Digest::from_bytes(self.0.clone().chain_update(tail).finalize().into())
    }
}

/// Ends a line behind `head`: `lines` ends with a body, of which `started` is the hash. Returns the
/// head behind the line.
pub(crate) fn end_line(head: Head, started: &Started, lines: &mut Vec<u8>) -> Head {
    let tail = lines.len();
    lines.reserve(MAX_TAIL);
    lines.extend_from_slice(SEQ);
    push_number(lines, head.records);
    lines.extend_from_slice(PREV);
    lines.extend_from_slice(&head.digest.to_hex());
    lines.extend_from_slice(END);
    let digest = started.finish(lines.get(tail..).unwrap_or_default());
    lines.push(b'\n');
    // No log reaches 2^64 records.
    Head::new(head.records.saturating_add(1), digest)
}

/// The digest of a record: of a whole line of a log without its line feed.
///
/// It is the next record's `prev`, and a leaf of the log's tree.
pub fn digest(line: &[u8]) -> Digest {
    let state = Sha256::new().chain_update(LEAF).chain_update(line);
    Digest::from_bytes(state.finalize().into())
}

/// The sequence number and the predecessor's digest that stand at the end of `line`.
///
/// They are taken from the bytes, never from a JSON parser.
pub(crate) fn tail(line: &[u8]) -> Option<(u64, Prev<'_>)> {
    let (rest, prev) = line.strip_suffix(END)?.split_last_chunk()?;
    let prev = Prev::of(prev)?;
    let rest = rest.strip_suffix(PREV)?;
    let digits = rest.iter().rev().take_while(|byte| byte.is_ascii_digit());
    let (rest, seq) = rest.split_at_checked(rest.len().checked_sub(digits.count())?)?;
    rest.ends_with(SEQ).then_some(())?;
    Some((number(seq)?, prev))
}

/// The predecessor's digest at the end of a line that was linked before.
pub(crate) fn prev(line: &[u8]) -> Digest {
    tail(line).map_or(Digest::ZERO, |(_, prev)| prev.digest())
}

/// The digest at the end of a line, in hex. Most of the time it is only compared.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Prev<'a>(&'a [u8; 64]);

impl<'a> Prev<'a> {
    fn of(hex: &'a [u8; 64]) -> Option<Self> {
        // Without a way out of the loop, many digits are looked at in one step.
        let plain = hex.iter().fold(true, |plain, digit| {
            plain & matches!(digit, b'0'..=b'9' | b'a'..=b'f')
        });
        plain.then_some(Self(hex))
    }

    pub(crate) fn is(self, digest: Digest) -> bool {
        *self.0 == digest.to_hex()
    }

    /// The digest: the hex digits were looked at before.
    pub(crate) fn digest(self) -> Digest {
        let value = |digit: u8| (digit & 0x0f).wrapping_add((digit >> 6).wrapping_mul(9));
        let mut bytes = [0; 32];
        let (pairs, _) = self.0.as_chunks::<2>();
        for (byte, [high, low]) in bytes.iter_mut().zip(pairs) {
            *byte = (value(*high) << 4) | value(*low);
        }
        Digest::from_bytes(bytes)
    }
}

/// The number that `digits` are; as the encoder writes it, and in no other way.
pub(crate) fn number(digits: &[u8]) -> Option<u64> {
    let plain = digits.iter().all(u8::is_ascii_digit);
    let leading_zero = digits.len() > 1 && digits.first() == Some(&b'0');
    if !plain || leading_zero {
        return None;
    }
    str::from_utf8(digits).ok()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(line: &str, expected: Option<u64>) {
        let found = tail(line.as_bytes());
        assert_eq!(found.map(|(seq, _)| seq), expected, "{line}");
        if let Some((_, prev)) = found {
            assert!(prev.is(Digest::ZERO));
            assert_eq!(prev.digest(), Digest::ZERO);
        }
    }

    #[test]
    fn tails() {
        let hex = "0".repeat(64);
        check(&format!(r#"{{"v":1,"seq":0,"prev":"{hex}"}}"#), Some(0));
        check(&format!(r#"{{"v":1,"seq":120,"prev":"{hex}"}}"#), Some(120));
        check(&format!(r#"{{"v":1,"seq":,"prev":"{hex}"}}"#), None);
        check(&format!(r#"{{"v":1,"seq":01,"prev":"{hex}"}}"#), None);
        check(&format!(r#"{{"v":1,"seq":-1,"prev":"{hex}"}}"#), None);
        check(&format!(r#"{{"v":1,"seq": 1,"prev":"{hex}"}}"#), None);
        check(&format!(r#"{{"v":1,"seq":1,"prev":"{hex}"}} "#), None);
        check(
            &format!(r#"{{"v":1,"seq":1,"prev":"{}"}}"#, "A".repeat(64)),
            None,
        );
        check(
            &format!(r#"{{"v":1,"seq":99999999999999999999,"prev":"{hex}"}}"#),
            None,
        );
        check("", None);
        check("\"}", None);
    }

    #[test]
    fn linked_line_has_the_digest_of_its_bytes() {
        let mut lines = Vec::new();
        let head = Head::EMPTY.link(b"{\"v\":1", &mut lines);
        let line = lines.strip_suffix(b"\n").unwrap();
        assert_eq!(head, Head::new(1, digest(line)));
        let mut leaf = vec![0];
        leaf.extend_from_slice(line);
        assert_eq!(head.digest, Digest::of(&leaf));
    }
}
