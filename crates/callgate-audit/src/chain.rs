//! How a record gets its place: the tail of a line, and its digest.
//!
//! The tail comes last so that everything before it is hashed before the place is known: outside
//! of any lock, by as many threads as there are. What is left for the one that links is the tail.

use callgate_types::Digest;
use sha2::block_api::compress256;

use crate::encode::push_number;
use crate::{Head, sha};

const SEQ: &[u8] = b",\"seq\":";
const PREV: &[u8] = b",\"prev\":\"";
const END: &[u8] = b"\"}";

/// Room for the longest tail with its line feed.
pub(crate) const MAX_TAIL: usize = 128;

/// The hash of a record up to its tail.
///
/// Whole blocks are hashed where they stand, and what is left of the last one is read again from the
/// line: so this is small, and a record on its way is not copied about.
#[derive(Clone, Copy)]
pub(crate) struct Started {
    state: [u32; 8],
    /// How many bytes of the body are hashed, with the leaf byte before them; 0 where neither is.
    hashed: usize,
}

impl Started {
    /// Hashes `body`, a record without its tail.
    pub(crate) fn of(body: &[u8]) -> Self {
        let mut state = sha::START;
        let Some((first, rest)) = body.split_first_chunk::<63>() else {
            return Self { state, hashed: 0 };
        };
        let mut block = [sha::LEAF; 64];
        if let Some(room) = block.last_chunk_mut() {
            *room = *first;
        }
        let (blocks, left) = rest.as_chunks::<64>();
        compress256(&mut state, &[block]);
        compress256(&mut state, blocks);
        Self {
            state,
            hashed: body.len().saturating_sub(left.len()),
        }
    }

    /// The digest of `line`, which begins with the body.
    fn finish(&self, line: &[u8]) -> Digest {
        let left = line.get(self.hashed..).unwrap_or_default();
        let mut last = [0; Self::LAST];
        let filled = match self.hashed {
            0 => left.len().saturating_add(1),
            _ => left.len(),
        };
        let start = filled.saturating_sub(left.len());
        // A one bit ends the message, its length in bits ends the block.
        let used = filled.saturating_add(9).div_ceil(64).saturating_mul(64);
        let Some((end, bits)) = last
            .get_mut(..used)
            .and_then(|last| last.split_last_chunk_mut::<8>())
        else {
            // No tail is as long as that.
            return digest(line);
        };
        if let Some(room) = end.get_mut(start..filled) {
            room.copy_from_slice(left);
        }
        if let Some(one) = end.get_mut(filled) {
            *one = 0x80;
        }
        let bytes = u64::try_from(line.len()).unwrap_or(u64::MAX);
        *bits = bytes.saturating_add(1).wrapping_mul(8).to_be_bytes();
        let (blocks, _) = last.get(..used).unwrap_or_default().as_chunks::<64>();
        let mut state = self.state;
        compress256(&mut state, blocks);
        sha::digest(state)
    }

    /// Room for what is left of a block, the leaf byte, the longest tail, and the end of a message.
    const LAST: usize = 192;
}

/// Ends a line behind `head`: from `start` on, `lines` is a body, of which `started` is the hash.
/// Returns the head behind the line.
pub(crate) fn end_line(head: Head, started: &Started, lines: &mut Vec<u8>, start: usize) -> Head {
    lines.reserve(MAX_TAIL);
    lines.extend_from_slice(SEQ);
    push_number(lines, head.records);
    lines.extend_from_slice(PREV);
    lines.extend_from_slice(&head.digest.to_hex());
    lines.extend_from_slice(END);
    let digest = started.finish(lines.get(start..).unwrap_or_default());
    lines.push(b'\n');
    // No log reaches 2^64 records.
    Head::new(head.records.saturating_add(1), digest)
}

/// The digest of a record: of a whole line of a log without its line feed.
///
/// It is the next record's `prev`, and a leaf of the log's tree.
pub fn digest(line: &[u8]) -> Digest {
    sha::leaf(line)
}

/// The sequence number and the predecessor's digest that stand at the end of `line`.
///
/// They are taken from the bytes, never from a JSON parser.
pub(crate) fn tail(line: &[u8]) -> Option<(u64, Prev<'_>)> {
    split_tail(line).map(|(_, seq, prev)| (seq, prev))
}

/// As [`tail`], with what stands before them.
pub(crate) fn split_tail(line: &[u8]) -> Option<(&[u8], u64, Prev<'_>)> {
    let (rest, prev) = line.strip_suffix(END)?.split_last_chunk()?;
    let prev = Prev::of(prev)?;
    let rest = rest.strip_suffix(PREV)?;
    let digits = rest.iter().rev().take_while(|byte| byte.is_ascii_digit());
    let (rest, seq) = rest.split_at_checked(rest.len().checked_sub(digits.count())?)?;
    Some((rest.strip_suffix(SEQ)?, number(seq)?, prev))
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
    let leading_zero = digits.len() > 1 && digits.first() == Some(&b'0');
    if digits.is_empty() || leading_zero {
        return None;
    }
    digits.iter().try_fold(0_u64, |number, digit| {
        let digit = digit.is_ascii_digit().then(|| digit & 0x0f)?;
        number.checked_mul(10)?.checked_add(digit.into())
    })
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
        // Ends of blocks fall on every place of body and tail.
        for length in 0..400 {
            let body = vec![b'x'; length];
            let mut lines = b"{}\n".to_vec();
            let before = Head::new(u64::MAX / 3, Digest::of(b"before"));
            let head = before.link(&body, &mut lines);
            let line = lines.strip_prefix(b"{}\n").unwrap();
            let line = line.strip_suffix(b"\n").unwrap();
            assert_eq!(head.digest, digest(line), "{length}");
            let mut leaf = vec![0];
            leaf.extend_from_slice(line);
            assert_eq!(head.digest, Digest::of(&leaf), "{length}");
        }
    }

    #[test]
    fn a_tail_beyond_the_room_for_it() {
        for length in 0..600 {
            let line = vec![b'x'; length];
            for started in [0, 62, 63, 64, 200] {
                let body = line.get(..started).unwrap_or(&line);
                assert_eq!(Started::of(body).finish(&line), digest(&line));
            }
        }
    }
}
