//! Judges a command line, command by command.

use super::Shell;
use super::lexer::{Join, Lexer, Token, Unclear};
use super::segment::Segment;

/// The longest command line, in bytes.
pub(super) const MAX_BYTES: usize = 65_536;

/// The words of bash that begin or end something else than a command.
const RESERVED: &[&str] = &[
    "!", "[[", "case", "coproc", "do", "done", "elif", "else", "esac", "fi", "for", "function",
    "if", "in", "select", "then", "time", "until", "while", "{", "}",
];

impl Shell {
    /// Whether every command of the line `text` is permitted; `None` where that cannot be told:
    /// bash would not parse it, or expands what is not known, or it has more than 65 536 bytes.
    pub fn test(&self, text: &str) -> Option<bool> {
        if text.len() > MAX_BYTES || !text_is_plain(text) {
            return None;
        }
        self.judge(text).ok()
    }

    /// Reads to the end in any case: a line that ends in what nobody understands is unknown.
    fn judge(&self, text: &str) -> Result<bool, Unclear> {
        let mut lexer = Lexer::new(text);
        let mut permitted = true;
        let mut segment = Segment::new(self);
        // What stands before the command that is read now.
        let mut before = None;
        let mut any = false;
        loop {
            match lexer.next()? {
                Token::Word => {
                    if segment.is_empty() {
                        if is_syntax(lexer.word().text) {
                            return Err(Unclear);
                        }
                        permitted &= before.is_none_or(|join| self.permits(join));
                        any = true;
                    }
                    segment.word(lexer.word());
                }
                Token::Redirect => {
                    segment.redirect();
                    permitted &= self.dev_null;
                }
                Token::Join(join) => {
                    if segment.is_empty() {
                        if join != Join::Newline || segment.is_redirected() {
                            return Err(Unclear);
                        }
                        continue;
                    }
                    permitted &= segment.finish();
                    segment = Segment::new(self);
                    before = Some(join);
                }
                Token::End => break,
            }
        }
        if segment.is_empty() {
            let waits = matches!(before, Some(Join::And | Join::Or | Join::Pipe));
            if waits || segment.is_redirected() || !any {
                return Err(Unclear);
            }
            return Ok(permitted);
        }
        Ok(permitted && segment.finish())
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

/// Whether bash may read more than the name of a command in the word where a name stands: a word
/// of its grammar, or an assignment. No command can be listed by such a name.
fn is_syntax(word: &str) -> bool {
    let is_name = |name: &str| {
        name.starts_with(|first: char| first.is_ascii_alphabetic() || first == '_')
            && name
                .bytes()
                .take_while(|byte| *byte != b'[')
                .all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
    };
    RESERVED.contains(&word)
        || word
            .split_once('=')
            .is_some_and(|(name, _)| is_name(name.strip_suffix('+').unwrap_or(name)))
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
