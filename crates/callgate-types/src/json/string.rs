//! Strings: finding their end, and decoding the escapes in them.

use super::error::{ExpectedJson, JsonError};
use super::node::{Shape, Word};
use super::parse::Reader;
use super::word;

/// A string without escapes, of at most eight bytes.
pub(super) struct Short {
    /// The first byte behind it.
    pub(super) end: u32,
    pub(super) length: u32,
    pub(super) content: Word,
}

impl Reader<'_> {
    /// What the first string with escapes makes room for.
    const DECODED: usize = 1024;

    /// Reads the string whose opening quote stands at `start`; gives the place behind it.
    #[inline]
    pub(super) fn string(&mut self, start: u32) -> Result<u32, JsonError> {
        match self.short_string(start) {
            Ok(short) => Ok(short.end),
            Err(special) => self.rest_of_string(start, special),
        }
    }

    /// Reads the string whose opening quote stands at `start`, where it is short; else says where
    /// its first special byte stands.
    #[expect(clippy::inline_always, reason = "every key and every text begins here")]
    #[inline(always)]
    pub(super) fn short_string(&mut self, start: u32) -> Result<Short, u32> {
        let first = start.wrapping_add(1);
        let word = word::word(self.bytes, first);
        self.unusual |= word::unusual_bytes(word);
        let special = word::special_bytes(word);
        let length = special.trailing_zeros() >> 3;
        let end = first.wrapping_add(length);
        if self.byte(end) != b'"' {
            return Err(if special == 0 {
                self.skip_plain(first.wrapping_add(8))
            } else {
                end
            });
        }
        let content = Word::before(word, special);
        let end = end.wrapping_add(1);
        self.push(start, end, Shape::Short(content));
        Ok(Short {
            end,
            length,
            content,
        })
    }

    /// Goes on with a string whose first special byte stands at `special`.
    #[inline]
    pub(super) fn rest_of_string(&mut self, start: u32, special: u32) -> Result<u32, JsonError> {
        if self.byte(special) != b'"' {
            return self.escaped(start, special);
        }
        let end = special.wrapping_add(1);
        self.push(start, end, Shape::Plain);
        Ok(end)
    }

    /// Goes on with a string that does not end at the first special byte.
    #[inline(never)]
    fn escaped(&mut self, start: u32, special: u32) -> Result<u32, JsonError> {
        self.at = special;
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
                None => return Err(self.unexpected(self.at, ExpectedJson::Quote)),
            }
            run = self.at;
            self.at = self.skip_plain(run);
        }
        self.step();
        let to = self.decoded_len();
        self.push(start, self.at, Shape::Escaped { from, to });
        Ok(self.at)
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

    /// The next quote, backslash or control character, or the end.
    #[inline]
    pub(super) fn skip_plain(&mut self, at: u32) -> u32 {
        let (end, unusual) = skip_plain(self.bytes, at);
        self.unusual |= unusual;
        end
    }

    /// Decoding never makes a text longer, so its length fits.
    fn decoded_len(&self) -> u32 {
        u32::try_from(self.tree.decoded.len()).unwrap_or(u32::MAX)
    }
}

/// The next quote, backslash or control character from `at` on, or the end; not zero with it, if a
/// byte before it is beyond printable ASCII.
#[inline(never)]
fn skip_plain(bytes: &[u8], at: u32) -> (u32, u64) {
    let mut at = at;
    let mut unusual = 0;
    loop {
        at = skip_usual(bytes, at);
        // So long is the piece that is not usual.
        for _ in 0..2 {
            let word = word::word(bytes, at);
            unusual |= word::unusual_bytes(word);
            // Beyond the end there are zeros, which are special, too.
            let special = word::special_bytes(word);
            if special != 0 {
                return (at.wrapping_add(special.trailing_zeros() >> 3), unusual);
            }
            at = at.wrapping_add(8);
        }
    }
}

/// Passes long pieces of nothing but usual bytes.
#[inline]
fn skip_usual(bytes: &[u8], at: u32) -> u32 {
    let mut at = at;
    loop {
        let start = at as usize;
        let piece = bytes.get(start..start.wrapping_add(16));
        let Some(piece) = piece.and_then(<[u8]>::first_chunk::<16>) else {
            return at;
        };
        // Without an early end: many bytes are looked at in one step.
        let mut special = 0;
        for &byte in piece {
            special |= u8::from(byte.wrapping_sub(b' ') >= 0x5f);
            special |= u8::from(byte == b'"');
            special |= u8::from(byte == b'\\');
        }
        if special != 0 {
            return at;
        }
        at = at.wrapping_add(16);
    }
}
