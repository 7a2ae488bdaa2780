//! Strings: finding their end, and decoding the escapes in them.

use super::error::{ExpectedJson, JsonError};
use super::node::Shape;
use super::parse::Reader;

impl Reader<'_> {
    /// What the first string with escapes makes room for.
    const DECODED: usize = 1024;

    /// Reads the string whose opening quote is here.
    pub(super) fn string(&mut self) -> Result<(), JsonError> {
        let start = self.at;
        self.step();
        self.skip_plain();
        if self.peek() == Some(b'"') {
            self.step();
            self.push(start, Shape::Plain);
            return Ok(());
        }
        self.escaped(start)
    }

    /// Goes on with a string that does not end at the first special byte.
    #[inline(never)]
    fn escaped(&mut self, start: u32) -> Result<(), JsonError> {
        if self.tree.decoded.capacity() == 0 {
            let left = self.bytes.len().saturating_sub(start as usize);
            self.tree.decoded.reserve(left.min(Self::DECODED));
        }
        let from = self.decoded_len();
        let mut run = start.wrapping_add(1);
        loop {
            let at = self.position();
            let plain = self.text.get(run as usize..at);
            let plain = plain.ok_or(JsonError::BadEscape { at })?;
            self.tree.decoded.push_str(plain);
            match self.peek() {
                Some(b'"') => break,
                Some(b'\\') => {
                    let character = self.escape()?;
                    self.tree.decoded.push(character);
                }
                Some(_) => {
                    return Err(JsonError::ControlCharacter {
                        at: self.position(),
                    });
                }
                None => return Err(self.unexpected(ExpectedJson::Quote)),
            }
            run = self.at;
            self.skip_plain();
        }
        self.step();
        let to = self.decoded_len();
        self.push(start, Shape::Escaped { from, to });
        Ok(())
    }

    /// Reads the escape whose backslash is here.
    fn escape(&mut self) -> Result<char, JsonError> {
        let at = self.position();
        self.step();
        let character = match self.peek() {
            Some(b'"') => '"',
            Some(b'\\') => '\\',
            Some(b'/') => '/',
            Some(b'b') => '\u{8}',
            Some(b'f') => '\u{c}',
            Some(b'n') => '\n',
            Some(b'r') => '\r',
            Some(b't') => '\t',
            Some(b'u') => return self.code_point(at),
            _ => return Err(JsonError::BadEscape { at }),
        };
        self.step();
        Ok(character)
    }

    /// Reads the code point of the escape at `at`, whose `u` is here; a surrogate takes its other
    /// half with it.
    fn code_point(&mut self, at: usize) -> Result<char, JsonError> {
        let first = self.unit().ok_or(JsonError::BadEscape { at })?;
        let mut units = [first, 0];
        let mut used = 1;
        if (0xd800..0xdc00).contains(&first) && self.peek() == Some(b'\\') {
            self.step();
            if self.peek() == Some(b'u') {
                units[1] = self.unit().unwrap_or_default();
                used = 2;
            }
        }
        char::decode_utf16(units.into_iter().take(used))
            .next()
            .and_then(Result::ok)
            .ok_or(JsonError::LoneSurrogate { at })
    }

    /// Reads the `u` that is here and four hex digits.
    fn unit(&mut self) -> Option<u16> {
        self.step();
        let mut unit = 0;
        for _ in 0..4 {
            let digit = char::from(self.peek()?).to_digit(16)?;
            unit = (unit << 4) | u16::try_from(digit).ok()?;
            self.step();
        }
        Some(unit)
    }

    /// Goes to the next quote, backslash or control character, or to the end.
    fn skip_plain(&mut self) {
        let mut rest = self.bytes.get(self.at as usize..).unwrap_or_default();
        let mut unusual = 0;
        while let Some((word, behind)) = rest.split_first_chunk::<8>() {
            let word = u64::from_le_bytes(*word);
            unusual |= unusual_bytes(word);
            let special = special_bytes(word);
            if special != 0 {
                self.at = self.at.wrapping_add(special.trailing_zeros() >> 3);
                self.tree.unusual |= unusual != 0;
                return;
            }
            rest = behind;
            self.at = self.at.wrapping_add(8);
        }
        for &byte in rest {
            if matches!(byte, b'"' | b'\\' | 0..0x20) {
                break;
            }
            unusual |= u64::from(byte >= 0x7f);
            self.at = self.at.wrapping_add(1);
        }
        self.tree.unusual |= unusual != 0;
    }

    /// Decoding never makes a text longer, so its length fits.
    fn decoded_len(&self) -> u32 {
        u32::try_from(self.tree.decoded.len()).unwrap_or(u32::MAX)
    }
}

/// A byte repeated over a word.
const fn all(byte: u8) -> u64 {
    u64::from_ne_bytes([byte; 8])
}

/// The high bit of every byte that is zero; bits above the lowest one set may be wrong.
const fn zero_bytes(word: u64) -> u64 {
    word.wrapping_sub(all(1)) & !word & all(0x80)
}

/// The high bit of quotes, backslashes and control characters; bits above the lowest one set may
/// be wrong.
const fn special_bytes(word: u64) -> u64 {
    let control = word.wrapping_sub(all(0x20)) & !word & all(0x80);
    control | zero_bytes(word ^ all(b'"')) | zero_bytes(word ^ all(b'\\'))
}

/// Not zero if a byte is DEL or not ASCII; sometimes also if none is.
const fn unusual_bytes(word: u64) -> u64 {
    (word & all(0x80)) | zero_bytes(word ^ all(0x7f))
}
