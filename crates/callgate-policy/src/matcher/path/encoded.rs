//! Percent signs that hide what paths are built from.
//!
//! No POSIX kernel undoes them, but a server in front of the tool may, and some do so twice.

use super::written::is_plain_char;

/// How many times a text is decoded before it counts as hiding something.
const MAX_ROUNDS: usize = 16;

/// Whether `text`, decoded any number of times, gives a dot, a separator or a control character
/// that is not there as written.
pub(super) fn hides_structure(text: &str) -> bool {
    let mut text = text.as_bytes().to_vec();
    for _ in 0..MAX_ROUNDS {
        match decoded(&text) {
            Decoded::Same => return false,
            Decoded::Structure => return true,
            Decoded::Other(inner) => text = inner,
        }
    }
    true
}

enum Decoded {
    /// Nothing is encoded.
    Same,
    /// Something that paths are built from is.
    Structure,
    /// Something else is.
    Other(Vec<u8>),
}

fn decoded(text: &[u8]) -> Decoded {
    let mut out: Vec<u8> = Vec::with_capacity(text.len());
    // Where decoded bytes that are not ASCII begin.
    let mut foreign: Option<usize> = None;
    let mut changed = false;
    let mut rest = text;
    while let Some((&byte, after)) = rest.split_first() {
        let (value, is_decoded) = match escape(rest) {
            Escape::Byte(value, after) => {
                rest = after;
                (value, true)
            }
            Escape::Wide => return Decoded::Structure,
            Escape::No => {
                rest = after;
                (byte, false)
            }
        };
        changed |= is_decoded;
        if is_decoded && value >= 0x80 {
            foreign.get_or_insert(out.len());
        } else {
            if foreign
                .take()
                .is_some_and(|from| out.get(from..).is_none_or(hides_in))
            {
                return Decoded::Structure;
            }
            if is_decoded && (value < b' ' || matches!(value, 0x7f | b'.' | b'/' | b'\\')) {
                return Decoded::Structure;
            }
        }
        out.push(value);
    }
    if foreign.is_some_and(|from| out.get(from..).is_none_or(hides_in)) {
        return Decoded::Structure;
    }
    if changed {
        Decoded::Other(out)
    } else {
        Decoded::Same
    }
}

enum Escape<'a> {
    Byte(u8, &'a [u8]),
    /// `%u` and four digits, or as many as hide a character below 256.
    Wide,
    No,
}

fn escape(text: &[u8]) -> Escape<'_> {
    match text {
        [b'%', high, low, after @ ..] => match (hex(*high), hex(*low)) {
            (Some(high), Some(low)) => Escape::Byte(high << 4 | low, after),
            _ if matches!(high, b'u' | b'U') => {
                let mut digits = [Some(*low), after.first().copied()].into_iter();
                let all_four = after.len() >= 3
                    && hex(*low).is_some()
                    && after.iter().take(3).all(|byte| hex(*byte).is_some());
                if all_four || digits.all(|byte| byte == Some(b'0')) {
                    Escape::Wide
                } else {
                    Escape::No
                }
            }
            _ => Escape::No,
        },
        _ => Escape::No,
    }
}

/// Whether bytes beyond ASCII, read as UTF-8 by somebody lenient, give what paths are built from.
fn hides_in(bytes: &[u8]) -> bool {
    let is_overlong = |pair: &[u8]| {
        matches!(
            pair,
            [0xe0, 0x80..=0x9f] | [0xf0, 0x80..=0x8f] | [0xf8 | 0xfc, 0x80..=0x87]
        )
    };
    bytes.iter().any(|byte| matches!(byte, 0xc0 | 0xc1))
        || bytes.windows(2).any(is_overlong)
        || String::from_utf8_lossy(bytes)
            .chars()
            .any(|c| !is_plain_char(c))
}

pub(super) const fn hex(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte.wrapping_sub(b'0')),
        b'a'..=b'f' => Some(byte.wrapping_sub(b'a').wrapping_add(10)),
        b'A'..=b'F' => Some(byte.wrapping_sub(b'A').wrapping_add(10)),
        _ => None,
    }
}
