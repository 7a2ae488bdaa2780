//! Judges the words of one command as they come.

use super::judge::Line;
use super::lexer::{Unclear, Word};
use super::listed::Key;
use super::options::{Next, Reading};
use super::same;
use super::{
    Command, Exact, ExactWord, Globs, Grammar, Listed, OptionList, Options, Rule, Shell, Sub, Tail,
    Words,
};

impl<'s> Line<'s, '_> {
    /// Whether the words behind the name of a command are permitted; reads all of them.
    #[inline]
    pub(super) fn command(&mut self, command: &'s Command) -> Result<bool, Unclear> {
        match &command.words {
            Words::Any => self.any(command.globs),
            Words::Exactly(lists) => self.exactly(lists, command.globs),
            Words::Grammar(grammar) => self.grammar(grammar, command.globs),
        }
    }

    fn any(&mut self, globs: Globs) -> Result<bool, Unclear> {
        // What is written plainly is no glob.
        self.reader.pass_words();
        while let Some(word) = self.word()? {
            if !globs.accept(word) {
                return self.refuse();
            }
        }
        Ok(true)
    }

    fn exactly(&mut self, lists: &'s [Exact], globs: Globs) -> Result<bool, Unclear> {
        // A bit for each list that the words agree with so far.
        let mut alive = u64::MAX;
        let mut words = 0_usize;
        let shell = self.shell;
        while let Some(word) = self.word()? {
            let mut left = 0;
            for (list, bit) in lists.iter().zip(bits()) {
                if alive & bit != 0 && list.accepts(words, word, shell) {
                    left |= bit;
                }
            }
            if left == 0 || !globs.accept(word) {
                return self.refuse();
            }
            alive = left;
            words = words.saturating_add(1);
        }
        let mut agreeing = lists.iter().zip(bits());
        Ok(agreeing.any(|(list, bit)| alive & bit != 0 && list.words.len() <= words))
    }

    fn grammar(&mut self, grammar: &'s Grammar, globs: Globs) -> Result<bool, Unclear> {
        let mut reading = Reading::new(grammar, self.shell.cwd.as_deref());
        let tail = if grammar.subs.is_empty() {
            &grammar.tail
        } else {
            match self.sub(grammar, globs, &mut reading)? {
                Some(sub) => &sub.tail,
                None => return Ok(false),
            }
        };
        let globals = &grammar.globals;
        match &tail.options {
            Options::Only(options) => self.listed(options, globals, tail, globs, reading),
            Options::AllBut { refused, values } => {
                let complete = reading.is_complete(globals);
                Ok(self.unlisted(refused, values, tail, globs, reading)? && complete)
            }
        }
    }

    /// Reads up to the last word of a sub-command; `None` where there is none, and then all.
    fn sub(
        &mut self,
        grammar: &'s Grammar,
        globs: Globs,
        reading: &mut Reading<'s>,
    ) -> Result<Option<&'s Sub>, Unclear> {
        let mut known = None;
        let mut words = 0_usize;
        while let Some(word) = self.word()? {
            let accepted = globs.accept(word)
                && match reading.value(word) {
                    Some(holds) => holds,
                    None if reading.is_option(word) => {
                        reading.listed(&grammar.globals, word, false)
                    }
                    None => {
                        known = grammar.sub(known, words, word);
                        words = words.saturating_add(1);
                        known.is_some()
                    }
                };
            if !accepted {
                self.refuse()?;
                return Ok(None);
            }
            // No sub-command starts with all the words of another one.
            if known.is_some_and(|sub| sub.words.len() == words) {
                return Ok(known);
            }
        }
        Ok(None)
    }

    /// Reads options, each of which must be one of `options`, and operands.
    fn listed(
        &mut self,
        options: &'s OptionList,
        globals: &'s OptionList,
        tail: &'s Tail,
        globs: Globs,
        mut reading: Reading<'s>,
    ) -> Result<bool, Unclear> {
        let mut operands = 0_u32;
        while let Some(word) = self.word()? {
            let accepted = globs.accept(word)
                && match reading.value(word) {
                    Some(holds) => holds,
                    None if reading.is_option(word) => reading.listed(options, word, true),
                    None => {
                        operands = operands.saturating_add(1);
                        tail.accept(word, operands, reading.cwd())
                    }
                };
            if !accepted {
                return self.refuse();
            }
        }
        let complete = reading.is_complete(options) && reading.is_complete(globals);
        Ok(complete && tail.min() <= operands)
    }

    /// Reads options, none of which may be one of `refused`, and operands.
    fn unlisted(
        &mut self,
        refused: &'s Listed<Box<str>>,
        values: &'s Listed<Box<str>>,
        tail: &'s Tail,
        globs: Globs,
        mut reading: Reading<'s>,
    ) -> Result<bool, Unclear> {
        let mut operands = 0_u32;
        let mut next = Next::Nothing;
        while let Some(word) = self.word()? {
            let said = std::mem::replace(&mut next, Next::Nothing);
            let accepted = globs.accept(word)
                && if reading.is_option(word) && !word.key.is_dash() {
                    match reading.unlisted(refused, values, word, said) {
                        Some(says) => {
                            next = says;
                            true
                        }
                        None => false,
                    }
                } else if said == Next::Value {
                    true
                } else {
                    operands = operands.saturating_add(1);
                    tail.accept(word, operands, reading.cwd())
                };
            if !accepted {
                return self.refuse();
            }
        }
        Ok(tail.min() <= operands)
    }
}

impl Tail {
    /// Whether `word` may be operand number `number`, from 1.
    #[inline]
    fn accept(&self, word: Word<'_>, number: u32, cwd: Option<&str>) -> bool {
        let before = number.saturating_sub(1);
        let operands = self.operands.as_ref();
        operands.is_some_and(|operands| operands.accept(word, before, cwd))
    }

    /// At least so many operands there must be.
    #[inline]
    fn min(&self) -> u32 {
        self.operands.as_ref().map_or(0, |operands| operands.min)
    }
}

impl Shell {
    /// The command that `word` names.
    #[inline]
    pub(super) fn command(&self, word: Word<'_>) -> Option<&Command> {
        if word.glob.is_some() {
            return None;
        }
        // No name has a slash.
        self.commands.find(word.text, word.key).or_else(|| {
            if self.paths.is_empty() {
                return None;
            }
            let slash = word.text.iter().rposition(|byte| *byte == b'/')?;
            let (path, name) = word.text.split_at_checked(slash)?;
            self.paths
                .iter()
                .find(|known| same(known.as_bytes(), path))?;
            let name = name.strip_prefix(b"/")?;
            self.commands.find(name, Key::of(name))
        })
    }
}

impl Exact {
    fn accepts(&self, at: usize, word: Word<'_>, shell: &Shell) -> bool {
        let holds = |rule: &Rule| !word.key.has_dash() && rule.holds(word, shell.cwd.as_deref());
        match self.words.get(at) {
            Some(ExactWord::Literal(text)) => {
                same(text.as_bytes(), word.text) && word.glob.is_none()
            }
            Some(ExactWord::Rule(rule)) => holds(rule),
            None => self.rest.as_ref().is_some_and(holds),
        }
    }
}

/// The 64 bits, from the lowest.
fn bits() -> impl Iterator<Item = u64> {
    (0..u64::BITS).map(|at| 1 << at)
}
