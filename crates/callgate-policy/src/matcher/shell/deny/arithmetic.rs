//! Arithmetic: only what can be nothing else.

use super::Unclear;
use super::reader::Reader;

impl Reader<'_, '_> {
    /// Reads an expression and the `end` behind it; with `clauses`, the three of a `for`.
    ///
    /// What bash may take for commands in parentheses after all is not read.
    pub(super) fn arithmetic(&mut self, end: &str, clauses: bool) -> Result<(), Unclear> {
        let mut open: u32 = 0;
        let mut semicolons: u32 = 0;
        // Whether a value came last, and whether a blank came behind it.
        let (mut value, mut gap) = (false, false);
        loop {
            let byte = self.peek().ok_or(Unclear)?;
            if open == 0 && self.eat(end) {
                break;
            }
            let is_value = byte.is_ascii_alphanumeric() || b"_\"$`".contains(&byte);
            if is_value && value && gap {
                // Words, not an expression.
                return Err(Unclear);
            }
            let is_blank = matches!(byte, b' ' | b'\t' | b'\n');
            (value, gap) = if is_blank {
                (value, value)
            } else {
                (is_value, false)
            };
            match byte {
                b'(' | b'[' => open = open.saturating_add(1),
                b')' | b']' => open = open.checked_sub(1).ok_or(Unclear)?,
                b'"' => {
                    self.double(None)?;
                    continue;
                }
                b'$' => {
                    if !self.dollar(true)? {
                        return Err(Unclear);
                    }
                    continue;
                }
                b'`' => {
                    self.backticks(true)?;
                    continue;
                }
                b';' if clauses => semicolons = semicolons.saturating_add(1),
                b'a'..=b'z' | b'A'..=b'Z' | b'_' => self.found.evaluates = true,
                b'0'..=b'9' | b'#' | b'@' => {}
                _ if is_blank && !self.waits && self.pending.is_empty() => {}
                b' ' | b'\t' => {}
                _ if b"+-*/%<>=!&|^~?:,".contains(&byte) => {}
                _ => return Err(Unclear),
            }
            self.skip(1);
        }
        if clauses && semicolons != 2 {
            return Err(Unclear);
        }
        Ok(())
    }
}
