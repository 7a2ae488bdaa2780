//! Reading JSON without building anything.

use crate::line::LineFault;

/// Deepest nesting; the outermost object counts.
const MAX_DEPTH: u32 = 96;

/// A string or number that is no key: from its first byte to behind its last.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Leaf {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) kind: LeafKind,
    /// There is no escape in it.
    pub(super) is_plain: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum LeafKind {
    Text,
    Number,
}

/// Stands somewhere in a text, within its outermost object.
pub(super) struct Reader<'a> {
    text: &'a [u8],
    at: usize,
    depth: u32,
    /// One bit a level: whether it is an object.
    objects: u128,
    /// Where the leaves are noted that it passes.
    leaves: Option<&'a mut Vec<Leaf>>,
}

impl<'a> Reader<'a> {
    /// Stands at byte `at` of `text`.
    pub(super) const fn at(text: &'a [u8], at: usize) -> Self {
        Self {
            text,
            at,
            depth: 1,
            objects: 1,
            leaves: None,
        }
    }

    /// Stands at the start of `text`, and notes its leaves.
    pub(super) const fn noting(text: &'a [u8], leaves: &'a mut Vec<Leaf>) -> Self {
        let mut reader = Self::at(text, 0);
        reader.leaves = Some(leaves);
        reader
    }

    /// A member's value, whatever stands in it.
    #[inline]
    pub(super) fn value(&mut self) -> Result<(), LineFault> {
        loop {
            // A value begins here.
            match self.peek() {
                Some(b'{') => {
                    if self.open(true, b'}')? {
                        self.key()?;
                        continue;
                    }
                }
                Some(b'[') => {
                    if self.open(false, b']')? {
                        continue;
                    }
                }
                Some(b'"') => {
                    let start = self.at;
                    self.string()?;
                    self.note(start, LeafKind::Text);
                }
                Some(b'-' | b'0'..=b'9') => {
                    let start = self.at;
                    self.number()?;
                    self.note(start, LeafKind::Number);
                }
                Some(b't') => self.word(b"true")?,
                Some(b'f') => self.word(b"false")?,
                Some(b'n') => self.word(b"null")?,
                _ => return Err(self.fault()),
            }
            // A value has ended here.
            loop {
                if self.depth == 1 {
                    return Ok(());
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

    fn note(&mut self, start: usize, kind: LeafKind) {
        let end = self.at;
        if let Some(leaves) = &mut self.leaves {
            let text = self.text.get(start..end).unwrap_or_default();
            leaves.push(Leaf {
                start,
                end,
                kind,
                is_plain: !text.contains(&b'\\'),
            });
        }
    }

    fn key(&mut self) -> Result<(), LineFault> {
        self.string()?;
        self.expect(b':')
    }

    /// Whether something stands inside; an empty container is closed at once.
    #[inline]
    fn open(&mut self, object: bool, end: u8) -> Result<bool, LineFault> {
        if self.depth >= MAX_DEPTH {
            return Err(self.fault());
        }
        self.step();
        self.depth = self.depth.wrapping_add(1);
        self.objects = (self.objects << 1) | u128::from(object);
        if self.peek() == Some(end) {
            self.close();
            return Ok(false);
        }
        Ok(true)
    }

    #[inline]
    fn close(&mut self) {
        self.step();
        self.depth = self.depth.saturating_sub(1);
        self.objects >>= 1;
    }

    #[inline]
    const fn in_object(&self) -> bool {
        self.objects & 1 == 1
    }

    fn word(&mut self, word: &[u8]) -> Result<(), LineFault> {
        word.iter().try_for_each(|byte| self.expect(*byte))
    }

    #[inline]
    pub(super) fn number(&mut self) -> Result<(), LineFault> {
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

    #[inline]
    fn digits(&mut self) -> Result<(), LineFault> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 {
            return Err(self.fault());
        }
        self.at = self.at.saturating_add(digits);
        Ok(())
    }

    #[inline]
    pub(super) fn string(&mut self) -> Result<(), LineFault> {
        self.expect(b'"')?;
        self.string_rest()
    }

    /// What is left of a string.
    #[inline]
    pub(super) fn string_rest(&mut self) -> Result<(), LineFault> {
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

    #[inline]
    pub(super) fn peek(&self) -> Option<u8> {
        self.text.get(self.at).copied()
    }

    #[inline]
    pub(super) const fn step(&mut self) {
        self.at = self.at.saturating_add(1);
    }

    #[inline]
    pub(super) fn expect(&mut self, byte: u8) -> Result<(), LineFault> {
        if self.peek() != Some(byte) {
            return Err(self.fault());
        }
        self.step();
        Ok(())
    }

    /// Nothing may follow.
    pub(super) fn end(&self) -> Result<(), LineFault> {
        if self.at == self.text.len() {
            Ok(())
        } else {
            Err(self.fault())
        }
    }

    pub(super) const fn place(&self) -> usize {
        self.at
    }

    pub(super) const fn fault(&self) -> LineFault {
        LineFault::NotJson { at: self.at }
    }
}

/// How many bytes at the start of `text` neither end a string nor begin an escape, and are no
/// control characters.
#[inline]
pub(super) fn plain_bytes(text: &[u8]) -> usize {
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
