//! Reads words, and what they are after quotes are removed.

use std::borrow::Cow;

use super::super::quotes;
use super::reader::Reader;
use super::{Findings, Unclear};

/// A word.
#[derive(Clone, Debug, PartialEq, Eq)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what a word shows of itself, in any combination"
)]
pub(super) struct Word<'t> {
    /// What is known of it: all but its expansions.
    pub(super) text: Cow<'t, str>,
    /// As it is written.
    pub(super) raw: &'t str,
    /// Whether bash passes on exactly `text`.
    pub(super) fixed: bool,
    /// Whether it can become several words, or none.
    pub(super) splits: bool,
    pub(super) quoted: bool,
    /// Whether it stands for the input or output of a command.
    pub(super) process: bool,
}

impl Word<'_> {
    /// Whether it is `text`, unquoted.
    pub(super) fn is_plain(&self, text: &str) -> bool {
        self.raw == text
    }
}

/// A word that is being read.
#[derive(Debug, Default)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "what a word shows of itself, in any combination"
)]
pub(super) struct Building {
    decoded: String,
    /// Whether `decoded` is used.
    buffered: bool,
    /// Where the run of plain text starts that is not in `decoded` yet.
    run: usize,
    moving: bool,
    splits: bool,
    quoted: bool,
    process: bool,
}

impl<'t> Reader<'t, '_> {
    /// Reads the word that comes next, if one does. With `arrays`, `name=(…)` is a word.
    pub(super) fn word(&mut self, arrays: bool) -> Result<Option<Word<'t>>, Unclear> {
        let start = self.at;
        let mut word = Building {
            run: start,
            ..Building::default()
        };
        while let Some(byte) = self.peek() {
            match byte {
                b'<' | b'>' if self.peek_at(1) == Some(b'(') => {
                    if is_number(self.since(start)) {
                        return Err(Unclear);
                    }
                    self.flush(&mut word);
                    self.skip(2);
                    self.substituted()?;
                    word.expanded(self.at);
                    word.process = true;
                }
                b'(' if arrays && is_array_head(self.since(start)) => {
                    self.flush(&mut word);
                    self.array()?;
                    word.expanded(self.at);
                }
                b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'(' | b')' | b'<' | b'>' => break,
                b'\'' | b'"' | b'\\' | b'$' | b'`' => self.special(byte, &mut word)?,
                b'*' | b'?' | b'[' => {
                    word.moving = true;
                    self.skip(1);
                }
                b'{' if self.peek_at(1) == Some(b'}') => self.skip(2),
                b'{' => {
                    word.moving = true;
                    word.splits = true;
                    self.skip(1);
                }
                b'~' => {
                    word.moving |= self.at == start;
                    self.skip(1);
                }
                _ => self.skip(1),
            }
        }
        if self.at == start {
            return Ok(None);
        }
        let raw = self.since(start);
        if raw.contains('\n') && (self.waits || !self.pending.is_empty()) {
            return Err(Unclear);
        }
        Ok(Some(self.finish(word, raw)))
    }

    fn finish(&mut self, mut word: Building, raw: &'t str) -> Word<'t> {
        let text = if word.buffered {
            self.flush(&mut word);
            Cow::Owned(word.decoded)
        } else {
            Cow::Borrowed(raw)
        };
        Word {
            fixed: !word.moving || raw == "[",
            text,
            raw,
            splits: word.splits,
            quoted: word.quoted,
            process: word.process,
        }
    }

    /// Moves the plain text before this place to what is decoded.
    fn flush(&self, word: &mut Building) {
        word.decoded
            .push_str(self.text.get(word.run..self.at).unwrap_or_default());
        word.buffered = true;
        word.run = self.at;
    }

    /// Reads a quotation or an expansion outside of quotes.
    fn special(&mut self, byte: u8, word: &mut Building) -> Result<(), Unclear> {
        self.flush(word);
        match (byte, self.peek_at(1)) {
            (b'\'', _) => self.quotation(quotes::single, word)?,
            (b'$', Some(b'\'')) => self.quotation(quotes::ansi, word)?,
            (b'\\', None) => return Err(Unclear),
            (b'\\', Some(b'\n')) => self.skip(2),
            (b'\\', Some(_)) => self.quotation(quotes::backslash, word)?,
            (b'"', _) => {
                word.quoted = true;
                self.double(Some(word))?;
            }
            (b'$', Some(b'"')) => {
                // The text of another language, where there is one.
                self.skip(1);
                word.quoted = true;
                self.double(Some(word))?;
                word.moving = true;
            }
            (b'`', _) => {
                self.backticks(false)?;
                word.expanded(self.at);
                word.splits = true;
            }
            _ => {
                if self.dollar(false)? {
                    word.expanded(self.at);
                    word.splits = true;
                } else {
                    word.decoded.push('$');
                }
            }
        }
        word.run = self.at;
        Ok(())
    }

    fn quotation(
        &mut self,
        read: fn(&str, &mut String) -> Option<usize>,
        word: &mut Building,
    ) -> Result<(), Unclear> {
        let length = read(self.rest(), &mut word.decoded).ok_or(Unclear)?;
        self.skip(length);
        word.quoted = true;
        Ok(())
    }

    /// Reads `"…"`, and adds what is known of it to a word.
    pub(super) fn double(&mut self, word: Option<&mut Building>) -> Result<(), Unclear> {
        let mut unused = Building::default();
        let word = word.unwrap_or(&mut unused);
        self.skip(1);
        loop {
            let start = self.at;
            let length = self.rest().find(['"', '\\', '$', '`']).ok_or(Unclear)?;
            self.skip(length);
            word.decoded.push_str(self.since(start));
            match (self.peek(), self.peek_at(1)) {
                (Some(b'"'), _) => {
                    self.skip(1);
                    return Ok(());
                }
                (Some(b'\\'), Some(b'\n')) => self.skip(2),
                (Some(b'\\'), Some(quoted @ (b'$' | b'`' | b'"' | b'\\'))) => {
                    word.decoded.push(quoted.into());
                    self.skip(2);
                }
                (Some(b'\\'), _) => {
                    word.decoded.push('\\');
                    self.skip(1);
                }
                (Some(b'$'), _) => {
                    if self.dollar(true)? {
                        word.moving = true;
                    } else {
                        word.decoded.push('$');
                    }
                }
                _ => {
                    self.backticks(true)?;
                    word.moving = true;
                }
            }
        }
    }

    /// Reads the `(…)` of an array.
    fn array(&mut self) -> Result<(), Unclear> {
        self.skip(1);
        self.deeper(|reader| {
            loop {
                reader.lines()?;
                if reader.eat(")") {
                    return Ok(());
                }
                let item = reader.word(false)?.ok_or(Unclear)?;
                if item.raw.starts_with('[') && !item.raw.contains(']') {
                    return Err(Unclear);
                }
                reader.found.note(&item.text);
            }
        })
    }
}

impl Building {
    const fn expanded(&mut self, to: usize) {
        self.moving = true;
        self.run = to;
    }
}

impl Findings {
    /// Notes that a variable may get `value`.
    pub(super) fn note(&mut self, value: &str) {
        self.holds_code |= value.contains("$(") || value.contains('`') || value.contains("${");
    }
}

pub(super) fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit())
}

/// Whether `text` is a name as variables have.
pub(super) fn is_name(text: &str) -> bool {
    let mut bytes = text.bytes();
    bytes
        .next()
        .is_some_and(|first| first.is_ascii_alphabetic() || first == b'_')
        && bytes.all(|byte| byte.is_ascii_alphanumeric() || byte == b'_')
}

fn is_array_head(raw: &str) -> bool {
    let name = raw.strip_suffix('=');
    name.is_some_and(|name| is_name(name.strip_suffix('+').unwrap_or(name)))
}
