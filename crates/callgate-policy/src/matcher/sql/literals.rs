//! Strings, quoted names, numbers and variables, as the database reads them.

use super::scan::Scan;

impl Scan<'_> {
    /// From the opening quote to behind the closing one.
    pub(super) fn quoted(&mut self, quote: u8, escapes: bool) -> Option<()> {
        self.skip(1);
        loop {
            match self.peek(0)? {
                0 => return None,
                b'\\' if escapes => {
                    self.peek(1).filter(|byte| *byte != 0)?;
                    self.skip(2);
                }
                byte if byte == quote => {
                    if self.peek(1) != Some(quote) {
                        self.skip(1);
                        return Some(());
                    }
                    self.skip(2);
                }
                _ => self.skip(1),
            }
        }
    }

    pub(super) fn name(&mut self, quote: u8) -> Option<()> {
        self.count()?;
        self.mark();
        let from = self.at;
        self.quoted(quote, false)?;
        // A doubled bracket is not an escape in SQLite.
        let inner = self.text.get(from..self.at)?;
        let tricky = quote == b']' && inner.windows(2).any(|pair| pair == b"]]");
        (!tricky).then_some(())
    }

    /// `$1`, or a string between two equal tags.
    pub(super) fn dollar(&mut self) -> Option<()> {
        let rest = self.text.get(self.at.checked_add(1)?..)?;
        let tag = rest
            .iter()
            .take_while(|byte| byte.is_ascii_alphanumeric() || **byte == b'_')
            .count();
        let first = rest.first()?;
        if rest.get(tag) == Some(&b'$') && !first.is_ascii_digit() {
            self.mark();
            let length = tag.checked_add(2)?;
            let quote = self.text.get(self.at..self.at.checked_add(length)?)?;
            self.skip(length);
            loop {
                let here = self.text.get(self.at..)?;
                if here.starts_with(quote) {
                    self.skip(length);
                    return Some(());
                }
                if *here.first()? == 0 {
                    return None;
                }
                self.skip(1);
            }
        }
        let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
        if digits == 0 || digits != tag || rest.get(tag).is_some_and(|byte| *byte >= 0x80) {
            return None;
        }
        self.skip(digits.checked_add(1)?);
        Some(())
    }

    /// A number that nothing is glued to, as databases read the rest in different ways.
    pub(super) fn number(&mut self) -> Option<()> {
        if self.peek(0) == Some(b'0') && self.peek(1) == Some(b'x') {
            // The parser takes it for a string.
            self.mark();
            self.skip(2);
            self.while_byte(|byte| byte.is_ascii_hexdigit());
        } else {
            self.while_byte(|byte| byte.is_ascii_digit());
            if self.peek(0) == Some(b'.') {
                self.skip(1);
                self.while_byte(|byte| byte.is_ascii_digit());
            }
            if let (Some(b'e' | b'E'), Some(sign)) = (self.peek(0), self.peek(1)) {
                let signed = matches!(sign, b'+' | b'-');
                let digit = if signed { self.peek(2) } else { Some(sign) };
                digit.filter(u8::is_ascii_digit)?;
                self.skip(if signed { 2 } else { 1 });
                self.while_byte(|byte| byte.is_ascii_digit());
            }
        }
        let glued = |byte: u8| {
            byte.is_ascii_alphanumeric()
                || matches!(byte, b'_' | b'$' | b'.' | b'@')
                || byte >= 0x80
        };
        (!self.peek(0).is_some_and(glued)).then_some(())
    }

    /// `@name` and `@@name`.
    pub(super) fn variable(&mut self) -> Option<()> {
        self.count()?;
        self.skip(if self.peek(1) == Some(b'@') { 2 } else { 1 });
        self.peek(0)
            .filter(|byte| byte.is_ascii_alphabetic() || *byte == b'_')?;
        self.while_byte(|byte| byte.is_ascii_alphanumeric() || byte == b'_');
        (!matches!(
            self.peek(0),
            Some(b'@' | b'$' | b'\'' | b'"' | b'`' | 0x80..)
        ))
        .then_some(())
    }
}
