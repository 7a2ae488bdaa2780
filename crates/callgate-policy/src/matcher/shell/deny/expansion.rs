//! Expansions: what runs inside of them is judged, what they give is not known.

use super::Unclear;
use super::grammar::End;
use super::reader::Reader;

/// The parameters whose names are signs.
const SIGNS: &[u8] = b"@*#?-$!";

impl Reader<'_, '_> {
    /// Reads what a `$` starts; `false` where it stands for itself. `double`: between double quotes.
    pub(super) fn dollar(&mut self, double: bool) -> Result<bool, Unclear> {
        let Some(next) = self.peek_at(1) else {
            self.skip(1);
            return Ok(false);
        };
        match next {
            b'(' if self.peek_at(2) == Some(b'(') => {
                self.skip(3);
                self.deeper(|reader| reader.arithmetic("))", false))?;
            }
            b'(' => {
                self.skip(2);
                self.substituted()?;
            }
            b'[' => {
                self.skip(2);
                self.deeper(|reader| reader.arithmetic("]", false))?;
            }
            b'{' => {
                self.skip(2);
                self.deeper(|reader| reader.parameter(double))?;
            }
            b'a'..=b'z' | b'A'..=b'Z' | b'_' => {
                self.skip(1);
                self.name();
            }
            b'0'..=b'9' => self.skip(2),
            _ if SIGNS.contains(&next) => self.skip(2),
            _ => {
                self.skip(1);
                // Where the end of a line vanishes, what follows it comes next.
                return if next == b'\\' && self.peek_at(1) == Some(b'\n') {
                    Err(Unclear)
                } else {
                    Ok(false)
                };
            }
        }
        Ok(true)
    }

    /// Reads commands up to the `)` that ends their substitution.
    pub(super) fn substituted(&mut self) -> Result<(), Unclear> {
        let pending = std::mem::take(&mut self.pending);
        let (waits, piped) = (self.waits, self.piped);
        self.waits |= !pending.is_empty();
        self.deeper(|reader| reader.list(End::Parenthesis))?;
        self.expect(")")?;
        if !self.pending.is_empty() {
            return Err(Unclear);
        }
        (self.pending, self.waits, self.piped) = (pending, waits, piped);
        Ok(())
    }

    /// Reads `` `…` ``, in which a backslash quotes a few characters before anything is read.
    pub(super) fn backticks(&mut self, double: bool) -> Result<(), Unclear> {
        self.skip(1);
        let mut commands = String::new();
        loop {
            let start = self.at;
            let length = self.rest().find(['`', '\\']).ok_or(Unclear)?;
            self.skip(length);
            commands.push_str(self.since(start));
            if self.eat("`") {
                break;
            }
            match self.peek_at(1) {
                Some(quoted @ (b'$' | b'`' | b'\\')) => {
                    commands.push(quoted.into());
                    self.skip(2);
                }
                Some(b'"') if double => return Err(Unclear),
                _ => {
                    commands.push('\\');
                    self.skip(1);
                }
            }
        }
        if commands.contains('\n') && (self.waits || !self.pending.is_empty()) {
            return Err(Unclear);
        }
        self.inner(&commands)?.program()?;
        Ok(())
    }

    /// Reads the rest of `${…}`.
    fn parameter(&mut self, double: bool) -> Result<(), Unclear> {
        if self.peek() == Some(b'!') && self.peek_at(1) != Some(b'}') {
            self.skip(1);
            self.found.evaluates = true;
        } else if self.peek() == Some(b'#') && self.peek_at(1) != Some(b'}') {
            self.skip(1);
        }
        match self.peek() {
            Some(b'a'..=b'z' | b'A'..=b'Z' | b'_') => self.name(),
            Some(b'0'..=b'9') => {
                while self.peek().is_some_and(|byte| byte.is_ascii_digit()) {
                    self.skip(1);
                }
            }
            Some(sign) if SIGNS.contains(&sign) => self.skip(1),
            _ => return Err(Unclear),
        }
        let start = self.at;
        let operator = self.peek();
        let evaluates = match operator {
            Some(b'[') => !matches!(self.peek_at(1), Some(b'@' | b'*' | b'0'..=b'9')),
            Some(b':') => !matches!(self.peek_at(1), Some(b'-' | b'=' | b'+' | b'?')),
            _ => false,
        };
        self.found.evaluates |= evaluates;
        loop {
            match self.peek().ok_or(Unclear)? {
                b'}' => break,
                b'\\' => {
                    self.skip(1);
                    self.skip_char()?;
                }
                b'\'' if double => return Err(Unclear),
                b'\'' => {
                    let quoted = self.rest().get(1..).unwrap_or_default();
                    let length = quoted.find('\'').ok_or(Unclear)?;
                    self.found.note(quoted.get(..length).unwrap_or_default());
                    self.skip(length.saturating_add(2));
                }
                b'"' => self.double(None)?,
                b'$' => {
                    self.dollar(double)?;
                }
                b'`' => self.backticks(double)?,
                b'<' | b'>' if self.peek_at(1) == Some(b'(') => return Err(Unclear),
                _ => self.skip_char()?,
            }
        }
        // `${x@P}` runs what the value of `x` holds.
        self.found.unclear |= self.since(start).ends_with("@P");
        self.skip(1);
        Ok(())
    }

    fn name(&mut self) {
        while let Some(b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'_') = self.peek() {
            self.skip(1);
        }
    }
}
