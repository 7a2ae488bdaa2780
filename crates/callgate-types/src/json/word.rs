//! Eight bytes of a text at a time.

/// The eight bytes at `at`, the first one lowest; zeros stand for those beyond the end.
#[inline]
pub(super) fn word(bytes: &[u8], at: u32) -> u64 {
    let start = at as usize;
    // With both ends it is one check, as they cannot be in disorder.
    let word = bytes.get(start..start.wrapping_add(8));
    match word.and_then(<[u8]>::first_chunk) {
        Some(word) => u64::from_le_bytes(*word),
        None => last_word(bytes, start),
    }
}

/// The word of the last few bytes, which begin at `start`.
#[inline(never)]
fn last_word(bytes: &[u8], start: usize) -> u64 {
    let rest = bytes.get(start..).unwrap_or_default();
    match bytes.last_chunk() {
        Some(word) => {
            let beyond = 8_u32.wrapping_sub(u32::try_from(rest.len()).unwrap_or(0));
            let shift = beyond.wrapping_mul(8);
            u64::from_le_bytes(*word).checked_shr(shift).unwrap_or(0)
        }
        None => rest
            .iter()
            .rev()
            .fold(0, |word, byte| (word << 8) | u64::from(*byte)),
    }
}

/// The high bit of every quote, backslash and control character, in words of UTF-8; bits above the
/// lowest one set may be wrong.
#[inline]
pub(super) const fn special_bytes(word: u64) -> u64 {
    // That exchanges the quote for the blank, the next one above the control characters.
    let quote_or_control = (word ^ all(b'"' ^ b' ')).wrapping_sub(all(b' ' + 1));
    let backslash = (word ^ all(b'\\')).wrapping_sub(all(1));
    (quote_or_control | backslash) & !word & HIGH
}

/// Not zero if a byte is DEL or not ASCII, in words of UTF-8.
#[inline]
pub(super) const fn unusual_bytes(word: u64) -> u64 {
    // No byte of UTF-8 is 0xff: nothing is carried over.
    word.wrapping_add(all(1)) & HIGH
}

/// How many decimal digits a word begins with, and their value; `None` for none and for eight.
#[inline]
pub(super) fn leading_digits(word: u64) -> Option<(u32, u64)> {
    let digits = word ^ all(b'0');
    let others = (digits.wrapping_add(all(0x7f - 9)) | digits) & HIGH;
    let count = others.trailing_zeros() >> 3;
    // As eight digits with zeros in front; each step adds neighbours up.
    let beyond = 8_u32.wrapping_sub(count).wrapping_mul(8);
    let eight = digits.checked_shl(beyond)?;
    if count == 8 {
        return None;
    }
    let pairs = eight.wrapping_mul(10).wrapping_add(eight >> 8);
    let odd = (pairs & 0xff_0000_00ff).wrapping_mul(100 + (1_000_000 << 32));
    let even = ((pairs >> 16) & 0xff_0000_00ff).wrapping_mul(1 + (10_000 << 32));
    Some((count, odd.wrapping_add(even) >> 32))
}

const HIGH: u64 = all(0x80);

/// A byte repeated over a word.
const fn all(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_end_in_zeros_beyond_the_text() {
        let text = b"0123456789";
        assert_eq!(word(text, 0), u64::from_le_bytes(*b"01234567"));
        assert_eq!(word(text, 2), u64::from_le_bytes(*b"23456789"));
        assert_eq!(word(text, 3), u64::from_le_bytes(*b"3456789\0"));
        assert_eq!(word(text, 9), u64::from_le_bytes(*b"9\0\0\0\0\0\0\0"));
        assert_eq!(word(text, 10), 0);
        assert_eq!(word(text, 11), 0);
        assert_eq!(word(b"abc", 1), u64::from_le_bytes(*b"bc\0\0\0\0\0\0"));
        assert_eq!(word(b"", 0), 0);
    }

    #[test]
    fn every_byte_at_every_place() {
        for byte in 0..u8::MAX {
            for place in 0..8_u32 {
                let mut bytes = *b"a~ !#[]z";
                bytes[place as usize] = byte;
                let word = u64::from_le_bytes(bytes);
                let special = matches!(byte, b'"' | b'\\' | 0..0x20);
                let expected = if special { place } else { 8 };
                assert_eq!(special_bytes(word).trailing_zeros() >> 3, expected);
                assert_eq!(unusual_bytes(word) != 0, byte >= 0x7f);

                let mut digits = *b"12345678";
                digits[place as usize] = byte;
                let (first, _) = digits.split_at(place as usize);
                let value = str::from_utf8(first).unwrap().parse().ok();
                let expected = value.map(|value| (place, value));
                if !byte.is_ascii_digit() {
                    assert_eq!(leading_digits(u64::from_le_bytes(digits)), expected);
                }
            }
        }
        assert_eq!(leading_digits(u64::from_le_bytes(*b"12345678")), None);
    }
}
