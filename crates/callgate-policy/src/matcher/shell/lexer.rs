//! Splits a command line into words, as bash does, and knows when it cannot.
//!
//! The list of what is understood is closed: words with quotes and backslashes, comments, the
//! separators `&&`, `||`, `;`, `|` and the end of a line, and redirection to `/dev/null`, `1` and
//! `2`. All else is [`Unclear`]: expansions, groups, loops, functions, here-documents.
//!
//! A word borrows from the text where it is written plainly, else from a buffer that the next
//! word reuses. It is asked for apart from the token: what is returned stays in registers.

use super::listed::Key;
use super::quotes;

/// The command line is not one that this module understands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Unclear;

/// A piece of a command line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Token {
    /// [`Lexer::word`] is the word.
    Word,
    Join(Join),
    /// To `/dev/null`, to 1 or to 2, or from `/dev/null`.
    Redirect,
    End,
}

/// What stands between commands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Join {
    And,
    Or,
    Semicolon,
    Pipe,
    Newline,
}

/// A word after quotes are removed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Word<'l> {
    pub(super) text: &'l [u8],
    pub(super) key: Key,
    /// `false` where there is no `=` in it for certain.
    pub(super) may_have_equals: bool,
    pub(super) glob: Option<Glob>,
}

impl<'l> Word<'l> {
    /// What stands before its first `=`, and behind it.
    #[inline]
    pub(super) fn split_at_equals(self) -> Option<(&'l [u8], &'l [u8])> {
        if !self.may_have_equals {
            return None;
        }
        let at = self.text.iter().position(|byte| *byte == b'=')?;
        let (name, value) = self.text.split_at_checked(at)?;
        Some((name, value.strip_prefix(b"=")?))
    }
}

/// Where a word has its first unquoted `*`, `?` or `[`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Glob {
    First,
    Later,
}

/// Reads a command line from its start.
#[derive(Debug)]
pub(super) struct Lexer<'t> {
    text: &'t str,
    at: usize,
    decoded: String,
    /// The last word.
    plain: &'t str,
    buffered: bool,
    glob: Option<Glob>,
}

/// What a word has shown of itself so far.
#[derive(Default)]
struct Shape {
    /// Where the run of plain bytes starts that is not in the buffer yet.
    run: usize,
    /// Whether the word is in the buffer, for it is not written plainly.
    buffered: bool,
    quoted: bool,
    glob: Option<Glob>,
    brace: Brace,
}

/// How near a word is to a brace expansion such as `{a,b}` or `{1..9}`.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
enum Brace {
    #[default]
    None,
    Open,
    Separated,
}

impl<'t> Lexer<'t> {
    pub(super) const fn new(text: &'t str) -> Self {
        Self {
            text,
            at: 0,
            decoded: String::new(),
            plain: "",
            buffered: false,
            glob: None,
        }
    }

    /// Where the next piece is looked for.
    pub(super) const fn at(&self) -> usize {
        self.at
    }

    /// Goes on at `at`.
    pub(super) const fn go_to(&mut self, at: usize) {
        self.at = at;
    }

    /// The word that was read last.
    pub(super) fn word(&self) -> Word<'_> {
        let text = self.text().as_bytes();
        Word {
            text,
            key: Key::of(text),
            may_have_equals: true,
            glob: self.glob,
        }
    }

    #[inline]
    fn text(&self) -> &str {
        if self.buffered {
            &self.decoded
        } else {
            self.plain
        }
    }

    /// The next piece.
    #[inline]
    pub(super) fn next(&mut self) -> Result<Token, Unclear> {
        self.skip_blanks();
        if self.peek() == Some(b'#') {
            let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
            let length = rest.iter().position(|byte| *byte == b'\n');
            self.skip(length.unwrap_or(rest.len()));
        }
        let Some(byte) = self.peek() else {
            return Ok(Token::End);
        };
        if is_plain(byte) {
            return self.word_or_redirect();
        }
        let next = self.peek_at(1);
        let (join, length) = match (byte, next) {
            (b'\n', _) => (Join::Newline, 1),
            (b';', Some(b';' | b'&')) | (b'|', Some(b'&')) => return Err(Unclear),
            (b';', _) => (Join::Semicolon, 1),
            (b'&', Some(b'&')) => (Join::And, 2),
            (b'|', Some(b'|')) => (Join::Or, 2),
            (b'|', _) => (Join::Pipe, 1),
            (b'&', Some(b'>')) => {
                self.skip(2);
                return self.redirect_to(&["/dev/null"]);
            }
            (b'<' | b'>', _) => return self.redirect(false),
            _ => return self.word_or_redirect(),
        };
        self.skip(length);
        Ok(Token::Join(join))
    }

    #[inline]
    fn word_or_redirect(&mut self) -> Result<Token, Unclear> {
        let quoted = self.scan_word()?;
        if matches!(self.peek(), Some(b'<' | b'>')) && !quoted {
            // `{name}>file` opens a descriptor, and so does `2>file`.
            let text = self.text();
            if text.contains('{') {
                return Err(Unclear);
            }
            if text.bytes().all(|byte| byte.is_ascii_digit()) {
                if text.len() > 2 {
                    return Err(Unclear);
                }
                return self.redirect(true);
            }
        }
        Ok(Token::Word)
    }

    /// Reads a redirection whose operator comes next.
    fn redirect(&mut self, numbered: bool) -> Result<Token, Unclear> {
        match (self.peek(), self.peek_at(1)) {
            (Some(b'<'), _) if !numbered => {
                self.skip(1);
                self.redirect_to(&["/dev/null"])
            }
            (Some(b'>'), Some(b'>')) => {
                self.skip(2);
                self.redirect_to(&["/dev/null"])
            }
            (Some(b'>'), Some(b'&')) => {
                self.skip(2);
                self.redirect_to(&["1", "2"])
            }
            (Some(b'>'), _) => {
                self.skip(1);
                self.redirect_to(&["/dev/null"])
            }
            _ => Err(Unclear),
        }
    }

    fn redirect_to(&mut self, targets: &[&str]) -> Result<Token, Unclear> {
        self.skip_blanks();
        self.scan_word()?;
        if targets.contains(&self.text()) {
            Ok(Token::Redirect)
        } else {
            Err(Unclear)
        }
    }

    #[inline]
    fn skip_blanks(&mut self) {
        loop {
            match self.peek() {
                Some(b' ' | b'\t') => self.skip(1),
                Some(b'\\') if self.peek_at(1) == Some(b'\n') => self.skip(2),
                _ => break,
            }
        }
    }

    /// Reads a word up to the byte that ends it; whether any of it is quoted.
    #[inline]
    fn scan_word(&mut self) -> Result<bool, Unclear> {
        let start = self.at;
        if let Some((quoted, length)) = quotes::whole(self.text.get(start..).ok_or(Unclear)?) {
            self.skip(length);
            self.plain = quoted;
            self.buffered = false;
            self.glob = None;
            return Ok(true);
        }
        self.decoded.clear();
        let mut shape = Shape {
            run: start,
            ..Shape::default()
        };
        loop {
            if shape.brace == Brace::None {
                let rest = self.text.as_bytes().get(self.at..).unwrap_or_default();
                self.skip(rest.iter().take_while(|byte| is_plain(**byte)).count());
            }
            let Some(byte) = self.peek() else {
                break;
            };
            match byte {
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' => break,
                b'(' | b')' | b'`' => return Err(Unclear),
                b'\'' | b'"' | b'\\' => {
                    self.flush(&mut shape)?;
                    self.quotation(byte, &mut shape)?;
                    shape.run = self.at;
                }
                b'$' => self.dollar(&mut shape)?,
                b'*' | b'?' | b'[' => {
                    let first = self.last(&shape).is_none();
                    let glob = if first { Glob::First } else { Glob::Later };
                    shape.glob.get_or_insert(glob);
                    self.skip(1);
                }
                b'~' => {
                    if matches!(self.last(&shape), None | Some(b'=' | b':')) {
                        return Err(Unclear);
                    }
                    self.skip(1);
                }
                b'{' => {
                    if shape.brace == Brace::None {
                        shape.brace = Brace::Open;
                    }
                    self.skip(1);
                }
                b',' | b'.' | b'}' if shape.brace != Brace::None => self.brace(byte, &mut shape)?,
                _ => self.skip(1),
            }
        }
        if self.at == start {
            return Err(Unclear);
        }
        if shape.buffered {
            self.flush(&mut shape)?;
        }
        self.plain = self.text.get(start..self.at).ok_or(Unclear)?;
        self.buffered = shape.buffered;
        self.glob = shape.glob;
        Ok(shape.quoted)
    }

    /// Reads one quotation, or one character after a backslash.
    fn quotation(&mut self, opening: u8, shape: &mut Shape) -> Result<(), Unclear> {
        let rest = self.text.get(self.at..).unwrap_or_default();
        let from = self.decoded.len();
        let length = match opening {
            b'\'' => quotes::single(rest, &mut self.decoded),
            b'"' => quotes::double(rest, &mut self.decoded),
            b'$' => quotes::ansi(rest, &mut self.decoded),
            _ => quotes::backslash(rest, &mut self.decoded),
        };
        self.skip(length.ok_or(Unclear)?);
        // The end of a line that a backslash removes quotes nothing.
        shape.quoted |= opening != b'\\' || self.decoded.len() > from;
        if shape.brace != Brace::None {
            let quoted = self.decoded.get(from..).unwrap_or_default();
            if quoted.contains([',', '.', '{', '}']) {
                return Err(Unclear);
            }
        }
        Ok(())
    }

    /// A dollar sign outside of quotes: `$'…'`, or the last character of a word.
    fn dollar(&mut self, shape: &mut Shape) -> Result<(), Unclear> {
        match self.peek_at(1) {
            Some(b'\'') => {
                self.flush(shape)?;
                self.quotation(b'$', shape)?;
                shape.run = self.at;
                Ok(())
            }
            None | Some(b' ' | b'\t' | b'\n' | b';' | b'|') => {
                self.skip(1);
                Ok(())
            }
            _ => Err(Unclear),
        }
    }

    /// A character that matters after a brace. Bash takes `{u},v}` for an expansion, too.
    fn brace(&mut self, byte: u8, shape: &mut Shape) -> Result<(), Unclear> {
        let separates = match byte {
            b',' => true,
            b'.' => self.last(shape) == Some(b'.'),
            _ => false,
        };
        if byte == b'}' && shape.brace == Brace::Separated {
            return Err(Unclear);
        }
        if separates {
            shape.brace = Brace::Separated;
        }
        self.skip(1);
        Ok(())
    }

    /// Moves the run of plain bytes to the buffer.
    fn flush(&mut self, shape: &mut Shape) -> Result<(), Unclear> {
        let run = self.text.get(shape.run..self.at).ok_or(Unclear)?;
        self.decoded.push_str(run);
        shape.run = self.at;
        shape.buffered = true;
        Ok(())
    }

    /// The last byte of the word so far.
    #[inline]
    fn last(&self, shape: &Shape) -> Option<u8> {
        let run = self.text.as_bytes().get(shape.run..self.at);
        let last = run.and_then(|run| run.last());
        last.or_else(|| self.decoded.as_bytes().last()).copied()
    }

    #[inline]
    fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    #[inline]
    fn peek_at(&self, ahead: usize) -> Option<u8> {
        let at = self.at.saturating_add(ahead);
        self.text.as_bytes().get(at).copied()
    }

    #[inline]
    fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }
}

/// Whether `byte` stands for itself in a word, as long as no brace is open.
#[inline]
pub(super) const fn is_plain(byte: u8) -> bool {
    #[expect(clippy::indexing_slicing, reason = "a byte is less than 256")]
    PLAIN[byte as usize]
}

static PLAIN: [bool; 256] = {
    let mut plain = [true; 256];
    let mut others: &[u8] = b" \t\n;&|<>()`'\"\\$*?[~{";
    while let [byte, rest @ ..] = others {
        #[expect(clippy::indexing_slicing, reason = "a byte is less than 256")]
        {
            plain[*byte as usize] = false;
        }
        others = rest;
    }
    plain
};
