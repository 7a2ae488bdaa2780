//! Judges the words of one command as they come.

use std::cmp::Ordering;

use super::lexer::Word;
use super::options::Reading;
use super::same;
use super::{Command, Exact, ExactWord, Rule, Shell, Words};

/// One command, as far as it has been read.
#[derive(Debug)]
pub(super) struct Segment<'s> {
    shell: &'s Shell,
    state: State<'s>,
    redirected: bool,
}

#[derive(Debug)]
enum State<'s> {
    /// No word yet.
    Empty,
    /// A word was refused.
    Refused,
    Any(&'s Command),
    Exactly {
        command: &'s Command,
        lists: &'s [Exact],
        /// A bit for each list that the words agree with so far.
        alive: u64,
        words: usize,
    },
    Grammar(&'s Command, Reading<'s>),
}

impl<'s> Segment<'s> {
    pub(super) const fn new(shell: &'s Shell) -> Self {
        Self {
            shell,
            state: State::Empty,
            redirected: false,
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        matches!(self.state, State::Empty)
    }

    pub(super) const fn is_redirected(&self) -> bool {
        self.redirected
    }

    pub(super) const fn redirect(&mut self) {
        self.redirected = true;
    }

    /// Takes the next word.
    #[inline]
    pub(super) fn word(&mut self, word: Word<'_>) {
        let accepted = match &mut self.state {
            State::Refused => return,
            State::Empty => {
                self.state = match self.shell.command(word) {
                    Some(command) => State::of(command),
                    None => State::Refused,
                };
                return;
            }
            State::Any(command) => command.globs.accept(word),
            State::Exactly {
                command,
                lists,
                alive,
                words,
            } => {
                let at = *words;
                *words = words.saturating_add(1);
                let mut left = 0;
                for (list, bit) in lists.iter().zip(bits()) {
                    if *alive & bit != 0 && list.accepts(at, word, self.shell) {
                        left |= bit;
                    }
                }
                *alive = left;
                left != 0 && command.globs.accept(word)
            }
            State::Grammar(command, reading) => {
                command.globs.accept(word) && reading.word(word, self.shell)
            }
        };
        if !accepted {
            self.state = State::Refused;
        }
    }

    /// Whether the words are a permitted command, now that there are no more.
    pub(super) fn finish(&self) -> bool {
        match &self.state {
            State::Empty | State::Refused => false,
            State::Any(_) => true,
            State::Exactly {
                lists,
                alive,
                words,
                ..
            } => lists
                .iter()
                .zip(bits())
                .any(|(list, bit)| *alive & bit != 0 && list.words.len() <= *words),
            State::Grammar(_, reading) => reading.finish(),
        }
    }
}

impl<'s> State<'s> {
    fn of(command: &'s Command) -> Self {
        match &command.words {
            Words::Any => Self::Any(command),
            Words::Exactly(lists) => Self::Exactly {
                command,
                lists,
                alive: u64::MAX,
                words: 0,
            },
            Words::Grammar(grammar) => Self::Grammar(command, Reading::new(grammar)),
        }
    }
}

impl Shell {
    /// The command that `word` names.
    fn command(&self, word: Word<'_>) -> Option<&Command> {
        if word.glob.is_some() {
            return None;
        }
        // No name has a slash.
        self.named(word.text).or_else(|| {
            let (path, name) = word.text.rsplit_once('/')?;
            self.paths.iter().find(|known| same(known, path))?;
            self.named(name)
        })
    }

    #[inline]
    fn named(&self, name: &str) -> Option<&Command> {
        let shorter = |command: &Command| command.name.len() < name.len();
        let from = self.commands.partition_point(shorter);
        let as_long = self.commands.get(from..)?.iter();
        as_long
            .take_while(|command| command.name.len() == name.len())
            .find(|command| same(&command.name, name))
    }

    /// The order of [`Self::commands`]: most names differ in their length already.
    pub(crate) fn order(one: &str, other: &str) -> Ordering {
        one.len()
            .cmp(&other.len())
            .then_with(|| one.as_bytes().cmp(other.as_bytes()))
    }
}

impl Exact {
    fn accepts(&self, at: usize, word: Word<'_>, shell: &Shell) -> bool {
        let holds =
            |rule: &Rule| !word.text.starts_with('-') && rule.holds(word, shell.cwd.as_deref());
        match self.words.get(at) {
            Some(ExactWord::Literal(text)) => same(text, word.text) && word.glob.is_none(),
            Some(ExactWord::Rule(rule)) => holds(rule),
            None => self.rest.as_ref().is_some_and(holds),
        }
    }
}

/// The 64 bits, from the lowest.
fn bits() -> impl Iterator<Item = u64> {
    (0..u64::BITS).map(|at| 1 << at)
}
