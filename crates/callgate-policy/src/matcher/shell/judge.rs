//! Judges a command line, command by command.

use super::Shell;
use super::lexer::{Join, Lexer, Token, Unclear, Word};
use super::plain::{self, Read};
use super::segment::Segment;

/// The longest command line, in bytes.
pub(super) const MAX_BYTES: usize = 65_536;

/// One line, as far as it has been read.
#[derive(Debug)]
pub(super) struct Line<'s> {
    shell: &'s Shell,
    segment: Segment<'s>,
    permitted: bool,
    /// What stands before the command that is read now.
    before: Option<Join>,
    /// Whether there was any command.
    any: bool,
}

impl Shell {
    /// Whether every command of the line `text` is permitted; `None` where that cannot be told:
    /// bash would not parse it, or expands what is not known, or it has more than 65 536 bytes.
    pub fn test(&self, text: &str) -> Option<bool> {
        if text.len() > MAX_BYTES {
            return None;
        }
        let mut line = Line::new(self);
        match plain::read(text, &mut line) {
            Read::Whole(taken) => taken.and_then(|()| line.end()).ok(),
            Read::Part { visible } => self.test_any(text, visible),
        }
    }

    /// The same for lines that need not be plain, of which it may be known that all of them is
    /// visible: reads to the end in any case, for a line that ends in what nobody understands is
    /// unknown.
    pub(super) fn test_any(&self, text: &str, visible: bool) -> Option<bool> {
        if !visible && !text_is_plain(text) {
            return None;
        }
        let mut lexer = Lexer::new(text);
        let mut line = Line::new(self);
        loop {
            let taken = match lexer.next().ok()? {
                Token::Word => line.word(lexer.word()),
                Token::Redirect => {
                    line.redirect();
                    Ok(())
                }
                Token::Join(join) => line.join(join),
                Token::End => return line.end().ok(),
            };
            taken.ok()?;
        }
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

impl<'s> Line<'s> {
    pub(super) const fn new(shell: &'s Shell) -> Self {
        Self {
            shell,
            segment: Segment::new(shell),
            permitted: true,
            before: None,
            any: false,
        }
    }

    /// Takes the next word.
    #[inline]
    pub(super) fn word(&mut self, word: Word<'_>) -> Result<(), Unclear> {
        if self.segment.is_empty() {
            if is_syntax(word.text) {
                return Err(Unclear);
            }
            self.permitted &= self.before.is_none_or(|join| self.shell.permits(join));
            self.any = true;
        }
        self.segment.word(word);
        Ok(())
    }

    /// Takes a redirection to where nothing is kept.
    const fn redirect(&mut self) {
        self.segment.redirect();
        self.permitted &= self.shell.dev_null;
    }

    /// Takes what stands between two commands.
    pub(super) fn join(&mut self, join: Join) -> Result<(), Unclear> {
        if self.segment.is_empty() {
            if join != Join::Newline || self.segment.is_redirected() {
                return Err(Unclear);
            }
            return Ok(());
        }
        self.permitted &= self.segment.finish();
        self.segment = Segment::new(self.shell);
        self.before = Some(join);
        Ok(())
    }

    /// Whether every command is permitted, now that there are no more.
    fn end(&self) -> Result<bool, Unclear> {
        if self.segment.is_empty() {
            let waits = matches!(self.before, Some(Join::And | Join::Or | Join::Pipe));
            if waits || self.segment.is_redirected() || !self.any {
                return Err(Unclear);
            }
            return Ok(self.permitted);
        }
        Ok(self.permitted && self.segment.finish())
    }
}

/// Whether bash may read more than the name of a command in the word where a name stands: a word
/// of its grammar, or an assignment. No command can be listed by such a name.
#[inline]
fn is_syntax(word: &str) -> bool {
    is_reserved(word) || is_assignment(word.as_bytes())
}

/// Whether `word` begins or ends something else than a command.
#[inline]
const fn is_reserved(word: &str) -> bool {
    matches!(
        word.as_bytes(),
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

/// Whether a reader sees what bash gets: no control characters but the tab and the end of a line,
/// nothing invisible.
pub(super) fn text_is_plain(text: &str) -> bool {
    let is_control = |byte: u8| byte < b' ' && byte != b'\t' && byte != b'\n';
    let suspect = text
        .bytes()
        .map(|byte| u8::from(is_control(byte) || byte >= 0x7f))
        .fold(0, |any, one| any | one);
    suspect == 0 || text.chars().all(is_visible)
}

fn is_visible(character: char) -> bool {
    // Letters and marks without a shape of their own.
    let is_blank = matches!(
        character,
        '\u{34f}' | '\u{115f}' | '\u{1160}' | '\u{17b4}' | '\u{17b5}' | '\u{180b}'..='\u{180f}'
            | '\u{2800}' | '\u{3164}' | '\u{ffa0}' | '\u{e0100}'..='\u{e01ef}'
    );
    match character {
        '\t' | '\n' | ' '..='~' => true,
        _ => !is_blank && is_printable(character),
    }
}

/// Neither a control, a format character, a blank, a line separator nor unassigned.
fn is_printable(character: char) -> bool {
    // A combining mark would be escaped at the start of a text.
    let mut buffer = [b'a'; 5];
    let length = character.len_utf8().saturating_add(1);
    if let Some(place) = buffer.get_mut(1..) {
        character.encode_utf8(place);
    }
    let pair = buffer.get(..length).map(str::from_utf8);
    let Some(Ok(pair)) = pair else {
        return false;
    };
    pair.escape_debug().eq(pair.chars())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn visible_characters() {
        for visible in ['é', 'ß', '日', '\u{301}', '€', '🎉', '\u{fe0f}', '。'] {
            assert!(is_visible(visible), "{}", visible.escape_unicode());
        }
        for hidden in [
            '\u{85}',
            '\u{a0}',
            '\u{ad}',
            '\u{200b}',
            '\u{200d}',
            '\u{202e}',
            '\u{2028}',
            '\u{2060}',
            '\u{3000}',
            '\u{3164}',
            '\u{e000}',
            '\u{feff}',
            '\u{ffff}',
            '\u{e0041}',
            '\u{50000}',
        ] {
            assert!(!is_visible(hidden), "{}", hidden.escape_unicode());
        }
    }
}
