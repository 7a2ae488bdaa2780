//! Here-documents: texts behind the line that names their ends.

use super::Unclear;
use super::reader::Reader;

/// A here-document that is still to come.
#[derive(Debug)]
pub(super) struct Pending {
    end: Box<str>,
    /// Whether tabs at the start of its lines are left out.
    tabs: bool,
    /// Whether expansions in it are.
    quoted: bool,
}

impl Reader<'_, '_> {
    /// Reads the word that ends a here-document, behind `<<` or `<<-`.
    pub(super) fn here(&mut self, tabs: bool) -> Result<(), Unclear> {
        self.blanks();
        let word = self.word(false)?.ok_or(Unclear)?;
        let is_plain = |letter: char| !matches!(letter, '$' | '`' | '\n' | '\\');
        if !word.fixed || !word.text.chars().all(is_plain) || word.text.is_empty() {
            return Err(Unclear);
        }
        self.pending.push(Pending {
            end: word.text.as_ref().into(),
            tabs,
            quoted: word.quoted,
        });
        Ok(())
    }

    /// Reads the here-documents that start here.
    pub(super) fn here_documents(&mut self) -> Result<(), Unclear> {
        for document in std::mem::take(&mut self.pending) {
            let start = self.at;
            let text = loop {
                let at = self.at;
                let line = self.rest().split('\n').next().unwrap_or_default();
                let end = if document.tabs {
                    line.trim_start_matches('\t')
                } else {
                    line
                };
                self.skip(line.len());
                let is_end = *end == *document.end;
                if self.peek().is_none() && !is_end {
                    return Err(Unclear);
                }
                self.skip(1);
                if is_end {
                    break self.text.get(start..at).unwrap_or_default();
                }
            };
            if !document.quoted {
                self.here_text(text)?;
            }
        }
        self.at = self.at.min(self.text.len());
        Ok(())
    }

    /// Reads the expansions in the text of a here-document.
    fn here_text(&mut self, text: &str) -> Result<(), Unclear> {
        let mut inner = self.inner(text)?;
        while let Some(byte) = inner.peek() {
            match byte {
                // A line that goes on can hold what looks like the end.
                b'\\' if inner.peek_at(1) == Some(b'\n') => return Err(Unclear),
                b'\\' => {
                    inner.skip(1);
                    inner.skip_char()?;
                }
                b'$' => {
                    inner.dollar(true)?;
                }
                b'`' => inner.backticks(true)?,
                _ => inner.skip(1),
            }
        }
        Ok(())
    }
}
