//! Lists, pipelines and simple commands.

use super::Unclear;
use super::reader::Reader;
use super::redirect::Redirected;
use super::word::{Word, is_name};

/// What ends a list.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum End {
    /// The end of the text.
    Text,
    /// `)`, which stays.
    Parenthesis,
    /// One of these words, which stays.
    Words(&'static [&'static str]),
    /// `;;`, `;&` or `;;&`, or `esac`, which stay.
    Clause,
}

/// The words that end a list or go on with what a list stands in.
const CLOSING: &[&str] = &[
    "then", "do", "done", "fi", "elif", "else", "esac", "}", "in", "]]", "!",
];

impl<'t> Reader<'t, '_> {
    /// Reads the whole text; whether there is any command in it.
    pub(super) fn program(&mut self) -> Result<bool, Unclear> {
        let any = self.list(End::Text)?;
        if self.peek().is_some() || !self.pending.is_empty() {
            return Err(Unclear);
        }
        Ok(any)
    }

    /// Reads commands up to what ends them; whether there are any.
    pub(super) fn list(&mut self, end: End) -> Result<bool, Unclear> {
        let mut any = false;
        loop {
            self.lines()?;
            if self.is_at(end) {
                break;
            }
            self.and_or()?;
            any = true;
            self.blanks();
            match (self.peek(), self.peek_at(1)) {
                (Some(b';'), Some(b';' | b'&')) => break,
                (Some(b';' | b'&'), _) => self.skip(1),
                (Some(b'\n'), _) => {}
                _ => break,
            }
        }
        if self.is_at(end) {
            Ok(any)
        } else {
            Err(Unclear)
        }
    }

    /// As [`Self::list`], where there has to be a command.
    pub(super) fn some(&mut self, end: End) -> Result<(), Unclear> {
        if self.list(end)? {
            Ok(())
        } else {
            Err(Unclear)
        }
    }

    fn is_at(&self, end: End) -> bool {
        match end {
            End::Text => self.peek().is_none(),
            End::Parenthesis => self.peek() == Some(b')'),
            End::Words(words) => words.iter().any(|word| self.is_at_word(word)),
            End::Clause => {
                let marks = [";;", ";&"]
                    .iter()
                    .any(|mark| self.rest().starts_with(mark));
                marks || self.is_at_word("esac")
            }
        }
    }

    /// Whether the word of bash `word` comes next.
    pub(super) fn is_at_word(&self, word: &str) -> bool {
        self.rest().strip_prefix(word).is_some_and(|behind| {
            let next = behind.bytes().next();
            let ends = matches!(
                next,
                None | Some(b' ' | b'\t' | b'\n' | b';' | b'&' | b'|' | b'<' | b'>' | b'(' | b')')
            );
            ends && !behind.starts_with("<(") && !behind.starts_with(">(")
        })
    }

    /// Skips the word of bash `word` if it comes next.
    pub(super) fn eat_word(&mut self, word: &str) -> bool {
        let found = self.is_at_word(word);
        if found {
            self.skip(word.len());
        }
        found
    }

    pub(super) fn expect_word(&mut self, word: &str) -> Result<(), Unclear> {
        if self.eat_word(word) {
            Ok(())
        } else {
            Err(Unclear)
        }
    }

    fn and_or(&mut self) -> Result<(), Unclear> {
        loop {
            self.pipeline()?;
            self.blanks();
            if !self.eat("&&") && !self.eat("||") {
                return Ok(());
            }
            self.lines()?;
        }
    }

    fn pipeline(&mut self) -> Result<(), Unclear> {
        loop {
            self.blanks();
            if self.eat_word("time") {
                self.blanks();
                if self.eat_word("-p") {
                    self.blanks();
                }
                self.eat_word("--");
            } else if !self.eat_word("!") {
                break;
            }
        }
        let piped = self.piped;
        loop {
            self.command()?;
            self.blanks();
            if self.rest().starts_with("||") || !self.eat("|") {
                break;
            }
            self.eat("&");
            self.lines()?;
            self.piped = true;
        }
        self.piped = piped;
        Ok(())
    }

    fn command(&mut self) -> Result<(), Unclear> {
        self.blanks();
        if CLOSING.iter().any(|word| self.is_at_word(word)) {
            return Err(Unclear);
        }
        if self.deeper(Self::compound)? {
            return self.redirections();
        }
        self.simple()
    }

    /// Reads assignments, words and redirections, or a function.
    fn simple(&mut self) -> Result<(), Unclear> {
        let mut seen = Redirected::default();
        let mut assignments = Vec::new();
        let mut words: Vec<Word<'t>> = Vec::new();
        loop {
            self.blanks();
            if self.redirection_first(&mut seen)? {
                continue;
            }
            // `declare -a x=(1 2)`: a word like others, but with an array.
            let declares = words
                .first()
                .is_some_and(|word| !seen.any && DECLARING.contains(&word.raw));
            let Some(word) = self.word(words.is_empty() || declares)? else {
                break;
            };
            if self.is_descriptor(&word) {
                if !self.redirection(&mut seen)? {
                    return Err(Unclear);
                }
                continue;
            }
            if words.is_empty() && is_assignment(word.raw) {
                assignments.push(word);
            } else {
                words.push(word);
            }
        }
        if self.peek() == Some(b'(') {
            let [_] = words.as_slice() else {
                return Err(Unclear);
            };
            if seen.any || !assignments.is_empty() {
                return Err(Unclear);
            }
            return self.function();
        }
        if words.is_empty() && assignments.is_empty() && !seen.any {
            return Err(Unclear);
        }
        self.judge(&assignments, &words, seen.input)
    }

    /// `<(…)` starts a word, all other `<` a redirection.
    fn redirection_first(&mut self, seen: &mut Redirected) -> Result<bool, Unclear> {
        if matches!(self.peek(), Some(b'<' | b'>')) && self.peek_at(1) == Some(b'(') {
            return Ok(false);
        }
        self.redirection(seen)
    }

    /// Reads the rest of `name () { …; }`.
    fn function(&mut self) -> Result<(), Unclear> {
        self.expect("(")?;
        self.blanks();
        self.expect(")")?;
        self.lines()?;
        self.body()
    }

    /// Reads the compound command that a function is.
    pub(super) fn body(&mut self) -> Result<(), Unclear> {
        // The input of a function is that of whoever calls it.
        let piped = std::mem::replace(&mut self.piped, true);
        if !self.deeper(Self::compound)? {
            return Err(Unclear);
        }
        self.piped = piped;
        self.redirections()
    }
}

/// The commands that take assignments as their words.
pub(super) const DECLARING: &[&str] = &["declare", "export", "local", "readonly", "typeset"];

/// Whether a word before a command gives a variable a value, as far as that is written plainly.
pub(super) fn is_assignment(raw: &str) -> bool {
    let Some((head, _)) = raw.split_once('=') else {
        return false;
    };
    let head = head.strip_suffix('+').unwrap_or(head);
    let Some((name, subscript)) = head.split_once('[') else {
        return is_name(head);
    };
    let is_index = |index: &str| {
        let signs = "_$@*+-{}.:/%";
        index
            .chars()
            .all(|letter| letter.is_ascii_alphanumeric() || signs.contains(letter))
    };
    is_name(name) && subscript.strip_suffix(']').is_some_and(is_index)
}
