//! Where the strings, quoted names and comments of a text begin.
//!
//! A lexer of its own that follows the database's rules, not the parser's: the two must agree on
//! every one of these places, or the text is refused ([`super::tokens`]). It refuses what dialects
//! and their settings read in different ways, and bounds what the parser is given to nest.

use super::SqlDialect;

/// The most bytes of a text.
pub(super) const MAX_BYTES: usize = 16_384;
/// The most words and operators: each may nest the tree by one more level.
const MAX_STEPS: u32 = 1_000;
/// The most open parentheses, brackets and `CASE`s, of which one with a query in it counts as
/// several: the parser needs a multiple of the stack for it.
const MAX_DEPTH: u32 = 40;
const QUERY_DEPTH: u32 = 4;

/// What a scan has found.
#[derive(Debug)]
pub(super) struct Scanned {
    /// Where strings, quoted names and comments begin, in the order of the text.
    pub(super) places: Vec<Place>,
    /// How deep parentheses, brackets and `CASE`s are nested, those with queries more so.
    pub(super) depth: u32,
}

/// Where something begins, as the parser counts: from one, in characters.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Place {
    pub(super) line: u64,
    pub(super) column: u64,
}

/// Scans a text; `None` for one that is refused.
pub(super) fn scan(text: &str, dialect: SqlDialect) -> Option<Scanned> {
    if text.len() > MAX_BYTES {
        return None;
    }
    let mut scan = Scan {
        text: text.as_bytes(),
        at: 0,
        dialect,
        places: Vec::new(),
        counted: Counted::default(),
        steps: 0,
        depth: 0,
        deepest: 0,
        open: Vec::new(),
        after_open: false,
        after_escapes: false,
    };
    while let Some(byte) = scan.peek(0) {
        scan.step(text, byte)?;
    }
    scan.open.is_empty().then_some(Scanned {
        places: scan.places,
        depth: scan.deepest,
    })
}

/// How far lines and columns have been counted.
#[derive(Debug)]
struct Counted {
    at: usize,
    place: Place,
}

impl Default for Counted {
    fn default() -> Self {
        Self {
            at: 0,
            place: Place { line: 1, column: 1 },
        }
    }
}

/// A text on the way.
#[derive(Debug)]
pub(super) struct Scan<'a> {
    pub(super) text: &'a [u8],
    pub(super) at: usize,
    pub(super) dialect: SqlDialect,
    places: Vec<Place>,
    counted: Counted,
    steps: u32,
    depth: u32,
    deepest: u32,
    /// What each open parenthesis and bracket counts.
    open: Vec<u32>,
    /// The last thing was an opening parenthesis.
    after_open: bool,
    /// The last thing was a string with escapes, which the next string would continue.
    after_escapes: bool,
}

impl Scan<'_> {
    fn step(&mut self, text: &str, byte: u8) -> Option<()> {
        use super::SqlDialect::{MySql, Postgres, Sqlite};
        let after_escapes = self.after_escapes;
        let after_open = self.after_open;
        let next = self.peek(1);
        match (byte, self.dialect) {
            (b' ' | b'\t' | b'\n' | b'\r', _) => {
                self.skip(1);
                return Some(());
            }
            (b'-', _) if next == Some(b'-') => return self.line_comment(2),
            (b'#', MySql) => return self.line_comment(1),
            (b'/', _) if next == Some(b'*') => return self.block_comment(),
            (b'\'', _) => {
                if after_escapes {
                    return None;
                }
                self.mark();
                self.quoted(b'\'', self.dialect == MySql)?;
            }
            (b'"', MySql) => {
                self.mark();
                self.quoted(b'"', true)?;
            }
            (b'"', Postgres | Sqlite) | (b'`', MySql | Sqlite) => self.name(byte)?,
            (b'[', Sqlite) => self.name(b']')?,
            (b'(', _) | (b'[', Postgres) => {
                self.open.push(0);
                self.deepen(1)?;
                self.skip(1);
                self.after_open = true;
                return Some(());
            }
            (b')', _) | (b']', Postgres) => {
                self.close()?;
                self.skip(1);
            }
            (b'$', Postgres) => self.dollar()?,
            (b'0'..=b'9', _) => self.number()?,
            (b'.', _) if next.is_some_and(|byte| byte.is_ascii_digit()) => self.number()?,
            (b':', _) if next == Some(b'=') => return None,
            (b'@', MySql) => self.variable()?,
            (b'@' | b'#', Sqlite) => return None,
            (b',' | b';' | b'.', _) => self.skip(1),
            (
                b'+' | b'-' | b'*' | b'/' | b'<' | b'>' | b'=' | b'~' | b'!' | b'@' | b'#' | b'%'
                | b'^' | b'&' | b'|' | b'?' | b':',
                _,
            ) => {
                self.count()?;
                self.skip(1);
            }
            (b'a'..=b'z' | b'A'..=b'Z' | b'_' | 0x80.., _) => self.word(text)?,
            _ => return None,
        }
        // Only the thing itself leaves its mark.
        if after_escapes {
            self.after_escapes = false;
        }
        if after_open {
            self.after_open = false;
        }
        Some(())
    }

    /// `--` and `#` up to the end of the line.
    fn line_comment(&mut self, sign: usize) -> Option<()> {
        if self.dialect == SqlDialect::MySql && sign == 2 {
            // `1--1` is arithmetic in MySQL, and a comment elsewhere.
            match self.peek(2) {
                None | Some(b' ' | b'\t' | b'\n' | b'\r') => {}
                Some(_) => return None,
            }
        }
        self.mark();
        while let Some(byte) = self.peek(0) {
            // A carriage return ends it in PostgreSQL only: on its own, it is a trick.
            if byte == 0 || (byte == b'\r' && self.peek(1) != Some(b'\n')) {
                return None;
            }
            if byte == b'\n' || (byte == b'\r' && self.dialect == SqlDialect::Postgres) {
                break;
            }
            self.skip(1);
        }
        Some(())
    }

    fn block_comment(&mut self) -> Option<()> {
        self.mark();
        self.skip(2);
        if self.dialect == SqlDialect::MySql && self.is_executable() {
            return None;
        }
        let mut open: u32 = 1;
        while open > 0 {
            match (self.peek(0)?, self.peek(1)) {
                (b'*', Some(b'/')) => {
                    open = open.saturating_sub(1);
                    self.skip(2);
                }
                (b'/', Some(b'*')) => {
                    // Comments nest in PostgreSQL only: elsewhere, it is a trick.
                    if self.dialect != SqlDialect::Postgres {
                        return None;
                    }
                    open = open.checked_add(1)?;
                    self.skip(2);
                }
                (0, _) => return None,
                _ => self.skip(1),
            }
        }
        Some(())
    }

    /// Whether a comment has just begun that is executed, or sets variables.
    fn is_executable(&self) -> bool {
        matches!(
            (self.peek(0), self.peek(1)),
            (Some(b'!' | b'+'), _) | (Some(b'M' | b'm'), Some(b'!'))
        )
    }

    /// A word, and the string that it may introduce.
    fn word(&mut self, text: &str) -> Option<()> {
        self.count()?;
        let from = self.at;
        let start = self.place();
        for character in text.get(from..)?.chars() {
            let part = character.is_ascii_alphanumeric()
                || character == '_'
                || (character == '$' && self.dialect == SqlDialect::Postgres)
                // What is no letter may be a blank to one and part of a word to another.
                || (!character.is_ascii() && character.is_alphanumeric());
            if !part {
                break;
            }
            self.skip(character.len_utf8());
        }
        let word = self.text.get(from..self.at)?;
        if self.after_open && begins_query(word) {
            self.deepen(QUERY_DEPTH.saturating_sub(1))?;
        } else if word.eq_ignore_ascii_case(b"case") {
            self.open.push(0);
            self.deepen(1)?;
        } else if word.eq_ignore_ascii_case(b"end") && self.depth > 0 {
            self.close()?;
        }
        match (word, self.peek(0)) {
            ([], _) | (_, Some(b'@' | b'$')) | (b"b" | b"B", Some(b'"')) => return None,
            // Escapes of Unicode code points, which may spell any name.
            (b"u" | b"U", Some(b'&')) if matches!(self.peek(1), Some(b'\'' | b'"')) => return None,
            (b"e" | b"E", Some(b'\'')) if self.dialect == SqlDialect::Postgres => {
                self.places.push(start);
                self.quoted(b'\'', true)?;
                self.after_escapes = true;
            }
            (b"x" | b"X", Some(b'\'')) => {
                self.places.push(start);
                self.quoted(b'\'', false)?;
                if self.text.get(from..self.at)?.contains(&b'\\') {
                    return None;
                }
            }
            (b"n" | b"N" | b"b" | b"B", Some(b'\'')) => {
                let escapes = match self.dialect {
                    SqlDialect::Postgres => false,
                    SqlDialect::MySql => true,
                    SqlDialect::Sqlite => return None,
                };
                self.places.push(start);
                self.quoted(b'\'', escapes)?;
            }
            _ => {}
        }
        Some(())
    }

    /// Counts the innermost parenthesis for more.
    fn deepen(&mut self, by: u32) -> Option<()> {
        let innermost = self.open.last_mut()?;
        *innermost = innermost.checked_add(by)?;
        self.depth = self.depth.checked_add(by)?;
        self.deepest = self.deepest.max(self.depth);
        (self.depth <= MAX_DEPTH).then_some(())
    }

    fn close(&mut self) -> Option<()> {
        let counted = self.open.pop()?;
        self.depth = self.depth.checked_sub(counted)?;
        Some(())
    }

    pub(super) fn count(&mut self) -> Option<()> {
        self.steps = self.steps.checked_add(1)?;
        (self.steps <= MAX_STEPS).then_some(())
    }

    pub(super) fn mark(&mut self) {
        let place = self.place();
        self.places.push(place);
    }

    /// The line and column of the next byte.
    fn place(&mut self) -> Place {
        let since = self.text.get(self.counted.at..self.at).unwrap_or_default();
        let place = &mut self.counted.place;
        for byte in since {
            if *byte == b'\n' {
                place.line = place.line.saturating_add(1);
                place.column = 1;
            } else if byte & 0xC0 != 0x80 {
                place.column = place.column.saturating_add(1);
            }
        }
        self.counted.at = self.at;
        *place
    }

    pub(super) fn while_byte(&mut self, is: impl Fn(u8) -> bool) {
        while self.peek(0).is_some_and(&is) {
            self.skip(1);
        }
    }

    pub(super) fn peek(&self, ahead: usize) -> Option<u8> {
        self.text.get(self.at.checked_add(ahead)?).copied()
    }

    pub(super) const fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }
}

fn begins_query(word: &[u8]) -> bool {
    let words: [&[u8]; 4] = [b"select", b"with", b"values", b"table"];
    words.iter().any(|query| query.eq_ignore_ascii_case(word))
}
