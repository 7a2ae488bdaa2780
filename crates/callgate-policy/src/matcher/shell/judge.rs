//! Judges a command line, command by command.

use super::Shell;
use super::lexer::{Join, Token, Unclear, Word};
use super::reader::Reader;

/// The longest command line, in bytes.
pub(super) const MAX_BYTES: usize = 65_536;

/// One line, as far as it has been read.
#[derive(Debug)]
pub(super) struct Line<'s, 't> {
    pub(super) shell: &'s Shell,
    pub(super) reader: Reader<'t>,
    permitted: bool,
    /// Whether the command that is read now is redirected.
    redirected: bool,
    /// What ended the last command; `None` for the end of the line.
    end: Option<Join>,
}

impl Shell {
    /// Whether every command of the line `text` is permitted; `None` where that cannot be told:
    /// bash would not parse it, or expands what is not known, or it has more than 65 536 bytes.
    pub fn test(&self, text: &str) -> Option<bool> {
        if text.len() > MAX_BYTES {
            return None;
        }
        Line::new(self, Reader::new(text)?).judge().ok()
    }

    const fn permits(&self, join: Join) -> bool {
        match join {
            Join::And => self.joins.and,
            Join::Or => self.joins.or,
            Join::Semicolon => self.joins.semicolon,
            Join::Pipe => self.joins.pipe,
            Join::Newline => self.joins.newline,
        }
    }
}

impl<'s, 't> Line<'s, 't> {
    const fn new(shell: &'s Shell, reader: Reader<'t>) -> Self {
        Self {
            shell,
            reader,
            permitted: true,
            redirected: false,
            end: None,
        }
    }

    /// Whether every command is permitted. Reads to the end in any case, for a line that ends in
    /// what nobody understands is unknown.
    #[inline]
    fn judge(mut self) -> Result<bool, Unclear> {
        let shell = self.shell;
        let mut any = false;
        loop {
            self.redirected = false;
            let before = self.end;
            if let Some(name) = self.word()? {
                let command = shell.command(name);
                if command.is_none() && is_syntax(name.text) {
                    return Err(Unclear);
                }
                self.permitted &= before.is_none_or(|join| shell.permits(join));
                self.permitted &= match command {
                    Some(command) => self.command(command)?,
                    None => self.refuse()?,
                };
                any = true;
                if self.end.is_none() {
                    return Ok(self.permitted);
                }
                continue;
            }
            // No command stands here.
            match self.end {
                _ if self.redirected => return Err(Unclear),
                Some(Join::Newline) => self.end = before,
                Some(_) => return Err(Unclear),
                None if matches!(before, Some(Join::And | Join::Or | Join::Pipe)) || !any => {
                    return Err(Unclear);
                }
                None => return Ok(self.permitted),
            }
        }
    }

    /// The next word of the command; `None` where it ends.
    #[expect(clippy::inline_always, reason = "the loops over all words of a line")]
    #[inline(always)]
    pub(super) fn word(&mut self) -> Result<Option<Word<'_>>, Unclear> {
        if let Some(word) = self.reader.plain_word() {
            return Ok(Some(word));
        }
        if self.reader.is_at_end() {
            self.end = None;
            return Ok(None);
        }
        self.other_word()
    }

    /// The same of words that may be written in any way.
    #[inline(never)]
    fn other_word(&mut self) -> Result<Option<Word<'_>>, Unclear> {
        loop {
            self.end = match self.reader.other()? {
                Token::Word => return self.reader.word().map(Some),
                // To where nothing is kept.
                Token::Redirect => {
                    self.redirected = true;
                    self.permitted &= self.shell.dev_null;
                    continue;
                }
                Token::Join(join) => Some(join),
                Token::End => None,
            };
            return Ok(None);
        }
    }

    /// Reads the rest of a command that is refused.
    #[inline(never)]
    pub(super) fn refuse(&mut self) -> Result<bool, Unclear> {
        self.reader.pass_words();
        while self.word()?.is_some() {}
        Ok(false)
    }
}

/// Whether bash may read more than the name of a command in the word where a name stands: a word
/// of its grammar, or an assignment. No command can be listed by such a name.
fn is_syntax(word: &[u8]) -> bool {
    is_reserved(word) || is_assignment(word)
}

/// Whether `word` begins or ends something else than a command.
#[inline]
const fn is_reserved(word: &[u8]) -> bool {
    matches!(
        word,
        b"!" | b"[["
            | b"case"
            | b"coproc"
            | b"do"
            | b"done"
            | b"elif"
            | b"else"
            | b"esac"
            | b"fi"
            | b"for"
            | b"function"
            | b"if"
            | b"in"
            | b"select"
            | b"then"
            | b"time"
            | b"until"
            | b"while"
            | b"{"
            | b"}"
    )
}

/// Whether `word` looks like `name=`, `name+=` or `name[…]=`.
#[inline]
fn is_assignment(word: &[u8]) -> bool {
    let is_name = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'_';
    if !word.contains(&b'=') || word.first().is_none_or(u8::is_ascii_digit) {
        return false;
    }
    let length = word.iter().take_while(|byte| is_name(byte)).count();
    match word.split_at_checked(length) {
        Some(([_, ..], [b'=', ..] | [b'+', b'=', ..])) => true,
        Some(([_, ..], [b'[', index @ ..])) => index.contains(&b'='),
        _ => false,
    }
}
