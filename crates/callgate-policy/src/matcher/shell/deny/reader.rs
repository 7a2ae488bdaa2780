//! Where the reading of a command line stands.

use super::heredoc::Pending;
use super::{Deny, Findings, MAX_DEPTH, Unclear};

/// Reads a text from its start, and notes what runs in it.
#[derive(Debug)]
pub(super) struct Reader<'t, 'f> {
    pub(super) text: &'t str,
    pub(super) at: usize,
    pub(super) depth: u32,
    pub(super) deny: &'f Deny,
    pub(super) found: &'f mut Findings,
    /// Here-documents whose text starts with the next line.
    pub(super) pending: Vec<Pending>,
    /// Whether a text around this one waits for here-documents: where theirs would stand is moot.
    pub(super) waits: bool,
    /// Whether the commands here read what others write.
    pub(super) piped: bool,
}

impl<'t, 'f> Reader<'t, 'f> {
    pub(super) const fn new(
        text: &'t str,
        deny: &'f Deny,
        found: &'f mut Findings,
        depth: u32,
    ) -> Self {
        Self {
            text,
            at: 0,
            depth,
            deny,
            found,
            pending: Vec::new(),
            waits: false,
            piped: false,
        }
    }

    /// A reader of another text, which this one holds or makes up.
    pub(super) fn inner<'i>(&'i mut self, text: &'i str) -> Result<Reader<'i, 'i>, Unclear> {
        let depth = self.depth.saturating_add(1);
        if depth > MAX_DEPTH {
            return Err(Unclear);
        }
        let mut inner = Reader::new(text, self.deny, self.found, depth);
        inner.piped = self.piped;
        Ok(inner)
    }

    /// Reads one level deeper.
    pub(super) fn deeper<T>(
        &mut self,
        read: impl FnOnce(&mut Self) -> Result<T, Unclear>,
    ) -> Result<T, Unclear> {
        self.depth = self.depth.saturating_add(1);
        if self.depth > MAX_DEPTH {
            return Err(Unclear);
        }
        let result = read(self);
        self.depth = self.depth.saturating_sub(1);
        result
    }

    pub(super) fn rest(&self) -> &'t str {
        self.text.get(self.at..).unwrap_or_default()
    }

    pub(super) fn peek(&self) -> Option<u8> {
        self.text.as_bytes().get(self.at).copied()
    }

    pub(super) fn peek_at(&self, offset: usize) -> Option<u8> {
        let at = self.at.saturating_add(offset);
        self.text.as_bytes().get(at).copied()
    }

    pub(super) const fn skip(&mut self, bytes: usize) {
        self.at = self.at.saturating_add(bytes);
    }

    /// Skips the character that comes next, of any length.
    pub(super) fn skip_char(&mut self) -> Result<(), Unclear> {
        let next = self.rest().chars().next().ok_or(Unclear)?;
        self.skip(next.len_utf8());
        Ok(())
    }

    /// Skips `expected` if it comes next.
    pub(super) fn eat(&mut self, expected: &str) -> bool {
        let found = self.rest().starts_with(expected);
        if found {
            self.skip(expected.len());
        }
        found
    }

    pub(super) fn expect(&mut self, expected: &str) -> Result<(), Unclear> {
        if self.eat(expected) {
            Ok(())
        } else {
            Err(Unclear)
        }
    }

    /// Skips blanks, and a comment up to the end of its line.
    pub(super) fn blanks(&mut self) {
        loop {
            match (self.peek(), self.peek_at(1)) {
                (Some(b' ' | b'\t'), _) => self.skip(1),
                (Some(b'\\'), Some(b'\n')) => self.skip(2),
                _ => break,
            }
        }
        if self.peek() == Some(b'#') {
            let rest = self.rest();
            self.skip(rest.find('\n').unwrap_or(rest.len()));
        }
    }

    /// Skips blanks, comments and ends of lines, with the here-documents that follow them.
    pub(super) fn lines(&mut self) -> Result<(), Unclear> {
        self.blanks();
        while self.peek() == Some(b'\n') {
            self.end_of_line()?;
            self.blanks();
        }
        Ok(())
    }

    /// Skips one end of a line, and the here-documents that follow it.
    pub(super) fn end_of_line(&mut self) -> Result<(), Unclear> {
        self.skip(1);
        if self.waits {
            return Err(Unclear);
        }
        self.here_documents()
    }

    /// What is written from `start` to here.
    pub(super) fn since(&self, start: usize) -> &'t str {
        self.text.get(start..self.at).unwrap_or_default()
    }
}
