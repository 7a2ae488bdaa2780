//! Whether a line is JSON: one object, without white space, of known depth.
//!
//! Nothing is built. Keys of the outermost object must be plain words and differ: whoever reads
//! the line with a JSON parser sees the same members as whoever reads its bytes.

use crate::line::LineFault;

/// Deepest nesting; the outermost object counts.
const MAX_DEPTH: u32 = 96;
/// Most members of the outermost object.
const MAX_KEYS: usize = 64;
/// Longest key of the outermost object.
const MAX_KEY: usize = 32;

/// Checks that all of `text`, which is UTF-8, is one object.
pub(crate) fn check(text: &[u8]) -> Result<(), LineFault> {
    let mut reader = Reader {
        text,
        at: 0,
        depth: 0,
        objects: 0,
        keys: Keys {
            seen: 0,
            count: 0,
            all: [&[]; MAX_KEYS],
        },
    };
    reader.document()
}

struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: u32,
    /// One bit a level: whether it is an object.
    objects: u128,
    keys: Keys<'a>,
}

impl Reader<'_> {
    fn document(&mut self) -> Result<(), LineFault> {
        if self.peek() != Some(b'{') {
            return Err(self.fault());
        }
        loop {
            // A value begins here.
            let opened = match self.peek() {
                Some(b'{') => self.open(true)?,
                Some(b'[') => self.open(false)?,
                _ => {
                    self.scalar()?;
                    false
                }
            };
            if opened {
                if self.in_object() {
                    self.key()?;
                }
                continue;
            }
            // A value has ended here.
            loop {
                if self.depth == 0 {
                    return if self.at == self.text.len() {
                        Ok(())
                    } else {
                        Err(self.fault())
                    };
                }
                match (self.peek(), self.in_object()) {
                    (Some(b','), object) => {
                        self.step();
                        if object {
                            self.key()?;
                        }
                        break;
                    }
                    (Some(b'}'), true) | (Some(b']'), false) => self.close(),
                    _ => return Err(self.fault()),
                }
            }
        }
    }

    /// Whether something stands inside; an empty container is closed at once.
    fn open(&mut self, object: bool) -> Result<bool, LineFault> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fault());
        }
        self.step();
        self.depth = self.depth.wrapping_add(1);
        self.objects = (self.objects << 1) | u128::from(object);
        let end = if object { b'}' } else { b']' };
        if self.peek() == Some(end) {
            self.close();
            return Ok(false);
        }
        Ok(true)
    }

    fn close(&mut self) {
        self.step();
        self.depth = self.depth.saturating_sub(1);
        self.objects >>= 1;
    }

    const fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    fn key(&mut self) -> Result<(), LineFault> {
        let at = self.at;
        self.string()?;
        if self.depth == 1 {
            let inner = at.saturating_add(1)..self.at.saturating_sub(1);
            let key = self.text.get(inner).unwrap_or_default();
            if !self.keys.admit(key) {
                return Err(LineFault::BadKey { at });
            }
        }
        self.expect(b':')
    }

    fn scalar(&mut self) -> Result<(), LineFault> {
        match self.peek() {
            Some(b'"') => self.string(),
            Some(b'-' | b'0'..=b'9') => self.number(),
            Some(b't') => self.word(b"true"),
            Some(b'f') => self.word(b"false"),
            Some(b'n') => self.word(b"null"),
            _ => Err(self.fault()),
        }
    }

    fn word(&mut self, word: &[u8]) -> Result<(), LineFault> {
        word.iter().try_for_each(|byte| self.expect(*byte))
    }

    fn number(&mut self) -> Result<(), LineFault> {
        if self.peek() == Some(b'-') {
            self.step();
        }
        if self.peek() == Some(b'0') {
            self.step();
        } else {
            self.digits()?;
        }
        if self.peek() == Some(b'.') {
            self.step();
            self.digits()?;
        }
        if let Some(b'e' | b'E') = self.peek() {
            self.step();
            if let Some(b'+' | b'-') = self.peek() {
                self.step();
            }
            self.digits()?;
        }
        Ok(())
    }

    fn digits(&mut self) -> Result<(), LineFault> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return Err(self.fault());
        }
        self.at = self.at.saturating_add(digits);
        Ok(())
    }

    fn string(&mut self) -> Result<(), LineFault> {
        self.expect(b'"')?;
        loop {
            let rest = self.text.get(self.at..).unwrap_or_default();
            self.at = self.at.saturating_add(plain_bytes(rest));
            match self.peek() {
                Some(b'"') => {
                    self.step();
                    return Ok(());
                }
                Some(b'\\') => self.escape()?,
                _ => return Err(self.fault()),
            }
        }
    }

    fn escape(&mut self) -> Result<(), LineFault> {
        let at = self.at;
        let lone = LineFault::NotJson { at };
        match self.unit()? {
            Some(0xdc00..0xe000) => Err(lone),
            Some(0xd800..0xdc00) => match self.peek() {
                Some(b'\\') => match self.unit()? {
                    Some(0xdc00..0xe000) => Ok(()),
                    _ => Err(lone),
                },
                _ => Err(lone),
            },
            _ => Ok(()),
        }
    }

    /// One escape, and the code unit that it gives where it is a numeric one.
    fn unit(&mut self) -> Result<Option<u32>, LineFault> {
        self.expect(b'\\')?;
        match self.peek() {
            Some(b'"' | b'\\' | b'/' | b'b' | b'f' | b'n' | b'r' | b't') => {
                self.step();
                Ok(None)
            }
            Some(b'u') => {
                self.step();
                let mut unit = 0;
                for _ in 0..4 {
                    let digit = self.peek().and_then(|byte| char::from(byte).to_digit(16));
                    unit = (unit << 4) | digit.ok_or_else(|| self.fault())?;
                    self.step();
                }
                Ok(Some(unit))
            }
            _ => Err(self.fault()),
        }
    }

    fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    fn expect(&mut self, byte: u8) -> Result<(), LineFault> {
        if self.peek() != Some(byte) {
            return Err(self.fault());
        }
        self.step();
        Ok(())
    }

    const fn fault(&self) -> LineFault {
        LineFault::NotJson { at: self.at }
    }
}

/// How many bytes at the start of `text` neither end a string nor begin an escape, and are no
/// control characters.
fn plain_bytes(text: &[u8]) -> usize {
    const ONES: u64 = u64::from_ne_bytes([1; 8]);
    const HIGH: u64 = ONES << 7;
    // Eight at a time. Each term has the high bit of the first byte that it looks for; a byte
    // behind that one may be marked wrongly.
    let (words, rest) = text.as_chunks::<8>();
    let mut plain = 0_usize;
    for word in words {
        let word = u64::from_le_bytes(*word);
        let quote = word ^ (ONES * 0x22);
        let backslash = word ^ (ONES * 0x5c);
        let found = (quote.wrapping_sub(ONES) & !quote)
            | (backslash.wrapping_sub(ONES) & !backslash)
            | (word.wrapping_sub(ONES << 5) & !word);
        let found = found & HIGH;
        if found != 0 {
            let before = found.trailing_zeros() / 8;
            return plain.saturating_add(usize::try_from(before).unwrap_or(0));
        }
        plain = plain.saturating_add(8);
    }
    let special = |byte: &&u8| !matches!(byte, b'"' | b'\\' | 0..0x20);
    plain.saturating_add(rest.iter().take_while(special).count())
}

/// The keys of the outermost object.
struct Keys<'a> {
    /// One bit for each group of keys that was seen: most keys need no comparison.
    seen: u64,
    count: usize,
    all: [&'a [u8]; MAX_KEYS],
}

impl<'a> Keys<'a> {
    /// Whether `key` is a plain word and new.
    fn admit(&mut self, key: &'a [u8]) -> bool {
        let plain = |byte: &u8| matches!(byte, b'a'..=b'z' | b'0'..=b'9' | b'_');
        let (Some(first), Some(last)) = (key.first(), key.last()) else {
            return false;
        };
        if key.len() > MAX_KEY || !key.iter().all(plain) {
            return false;
        }
        let mixed = usize::from(*first)
            .wrapping_add(usize::from(*last) << 2)
            .wrapping_add(key.len() << 3);
        let group = 1_u64 << (mixed % 64);
        let known =
            self.seen & group != 0 && self.all.iter().take(self.count).any(|known| *known == key);
        self.seen |= group;
        let Some(place) = self.all.get_mut(self.count) else {
            return false;
        };
        *place = key;
        self.count = self.count.saturating_add(1);
        !known
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_text(text: &str, expected: Result<(), LineFault>) {
        assert_eq!(check(text.as_bytes()), expected, "{text}");
        if expected.is_ok() {
            assert!(
                serde_json::from_str::<serde_json::Value>(text).is_ok(),
                "{text}"
            );
        }
    }

    #[test]
    fn objects() {
        for text in [
            "{}",
            r#"{"a":1}"#,
            r#"{"a":{},"b":[],"c":[[],{}],"d":{"a":{"a":null}}}"#,
            r#"{"a":[1,-0,0.5,1e9,1E-2,-12.50e+3,true,false,null,"x"]}"#,
            r#"{"a":"\"\\\/\b\f\n\r\t\u00e9\ud83d\ude00","b":{"É":1,"É":2}}"#,
        ] {
            check_text(text, Ok(()));
        }
    }

    #[test]
    fn no_objects() {
        let json = |at| Err(LineFault::NotJson { at });
        for (text, expected) in [
            ("", json(0)),
            ("1", json(0)),
            ("[]", json(0)),
            ("{", json(1)),
            ("{}{}", json(2)),
            ("{} ", json(2)),
            (r#"{"a" :1}"#, json(4)),
            (r#"{"a":1,}"#, json(7)),
            (r#"{"a":[1,]}"#, json(8)),
            (r#"{"a":[1}"#, json(7)),
            (r#"{"a":{"b":1]}"#, json(11)),
            (r#"{"a":01}"#, json(6)),
            (r#"{"a":1.}"#, json(7)),
            (r#"{"a":.5}"#, json(5)),
            (r#"{"a":1e}"#, json(7)),
            (r#"{"a":-}"#, json(6)),
            (r#"{"a":tru}"#, json(8)),
            (r#"{"a":NaN}"#, json(5)),
            (r#"{"a":"x}"#, json(8)),
            ("{\"a\":\"\n\"}", json(6)),
            (r#"{"a":"\x"}"#, json(7)),
            (r#"{"a":"\u12g4"}"#, json(10)),
            (r#"{"a":"\ud800"}"#, json(6)),
            (r#"{"a":"\ude00"}"#, json(6)),
            (r#"{"a":"\ud800\n"}"#, json(6)),
            (r#"{"a":1,"a":2}"#, Err(LineFault::BadKey { at: 7 })),
            (r#"{"\u0061":1}"#, Err(LineFault::BadKey { at: 1 })),
            (r#"{"A":1}"#, Err(LineFault::BadKey { at: 1 })),
            (r#"{"":1}"#, Err(LineFault::BadKey { at: 1 })),
        ] {
            check_text(text, expected);
        }
    }

    #[test]
    fn special_bytes_are_found_wherever_they_stand() {
        for length in 0..30 {
            for special in 0..=255_u8 {
                for at in 0..length {
                    let mut text = vec![b'~'; length];
                    text[at] = special;
                    let ends = matches!(special, b'"' | b'\\' | 0..0x20);
                    let expected = if ends { at } else { length };
                    assert_eq!(
                        plain_bytes(&text),
                        expected,
                        "{special} at {at} of {length}"
                    );
                    // One that ends it hides what follows.
                    text[length - 1] = b'"';
                    let expected = if ends { at } else { length - 1 };
                    assert_eq!(plain_bytes(&text), expected.min(length - 1));
                }
            }
        }
    }

    #[test]
    fn depth_and_number_of_keys_are_bounded() {
        let nested = |depth: usize| format!("{{\"a\":{}{}}}", "[".repeat(depth), "]".repeat(depth));
        check_text(&nested(95), Ok(()));
        let at = LineFault::NotJson { at: 100 };
        assert_eq!(check(nested(96).as_bytes()), Err(at));

        let keys = |count: usize| {
            let all: Vec<_> = (0..count).map(|key| format!("\"k{key}\":0")).collect();
            format!("{{{}}}", all.join(","))
        };
        check_text(&keys(MAX_KEYS), Ok(()));
        assert!(matches!(
            check(keys(MAX_KEYS + 1).as_bytes()),
            Err(LineFault::BadKey { .. })
        ));
    }
}
