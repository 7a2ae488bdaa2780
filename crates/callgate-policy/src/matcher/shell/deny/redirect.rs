//! Redirections: where a command reads and writes is not judged, but that it reads is noted.

use super::Unclear;
use super::reader::Reader;
use super::word::{Word, is_name, is_number};

/// What the redirections of a command show.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Redirected {
    /// There is any.
    pub(super) any: bool,
    /// One of them says what is read.
    pub(super) input: bool,
}

impl Reader<'_, '_> {
    /// Reads a redirection if one comes next.
    pub(super) fn redirection(&mut self, seen: &mut Redirected) -> Result<bool, Unclear> {
        let here = ["<<<", "<<-", "<<"].into_iter().find(|sign| self.eat(sign));
        let sign = here.or_else(|| {
            let signs = ["&>>", "&>", "<&", "<>", "<", ">>", ">&", ">|", ">"];
            signs.into_iter().find(|sign| self.eat(sign))
        });
        let Some(sign) = sign else {
            return Ok(false);
        };
        seen.any = true;
        seen.input |= sign.starts_with('<');
        match sign {
            "<<" | "<<-" => self.here(sign == "<<-")?,
            _ => {
                self.blanks();
                let target = self.word(false)?.ok_or(Unclear)?;
                // Behind `>&` bash expands what quotes had kept from it.
                if sign.contains('&') && target.text.contains(['$', '`', '\\', '"', '\'']) {
                    return Err(Unclear);
                }
            }
        }
        Ok(true)
    }

    /// Whether `word` only names the descriptor of the redirection that follows it.
    pub(super) fn is_descriptor(&self, word: &Word<'_>) -> bool {
        let is_name = |raw: &str| {
            let name = raw.strip_prefix('{').and_then(|raw| raw.strip_suffix('}'));
            name.is_some_and(is_name)
        };
        matches!(self.peek(), Some(b'<' | b'>')) && (is_number(word.raw) || is_name(word.raw))
    }

    /// Reads the redirections behind a compound command.
    pub(super) fn redirections(&mut self) -> Result<(), Unclear> {
        let mut seen = Redirected::default();
        loop {
            self.blanks();
            let start = self.at;
            if self.redirection(&mut seen)? {
                continue;
            }
            if !matches!(self.peek(), Some(b'0'..=b'9' | b'{')) {
                return Ok(());
            }
            match self.word(false)? {
                Some(word) if self.is_descriptor(&word) => {}
                _ => {
                    self.at = start;
                    return Ok(());
                }
            }
        }
    }
}
