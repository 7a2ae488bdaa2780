//! Reads options, sub-commands and operands as the program will.

use super::lexer::Word;
use super::same;
use super::{Form, Grammar, Opt, Options, Rule, Shell, Style, Sub, Tail};

/// How far the words behind the name of a command have been read.
#[derive(Debug)]
pub(super) struct Reading<'s> {
    grammar: &'s Grammar,
    place: Place<'s>,
    next: Next<'s>,
    /// Whether `--` has ended the options.
    ended: bool,
    operands: u32,
    /// The bits of the options that were there.
    seen: u64,
}

/// Which part of a command is being read.
#[derive(Clone, Copy, Debug)]
enum Place<'s> {
    /// The sub-command, of which so many words have been read: one of those that agree with `of`.
    Sub {
        of: &'s Sub,
        words: usize,
    },
    /// No word of the sub-command yet.
    Globals,
    Tail(&'s Tail),
}

/// What the last option says of the next word.
#[derive(Clone, Copy, Debug)]
enum Next<'s> {
    Nothing,
    /// It is the value of an accepted option.
    Value(&'s Rule),
    /// It may be the value of an option that is not refused.
    PerhapsValue,
    /// It is the value of an option that is not refused.
    Skipped,
}

impl<'s> Reading<'s> {
    pub(super) fn new(grammar: &'s Grammar) -> Self {
        let place = if grammar.subs.is_empty() {
            Place::Tail(&grammar.tail)
        } else {
            Place::Globals
        };
        Self {
            grammar,
            place,
            next: Next::Nothing,
            ended: false,
            operands: 0,
            seen: 0,
        }
    }

    /// Takes the next word; `false` refuses it.
    #[inline]
    pub(super) fn word(&mut self, word: Word<'_>, shell: &Shell) -> bool {
        let cwd = shell.cwd.as_deref();
        let next = std::mem::replace(&mut self.next, Next::Nothing);
        if let Next::Value(rule) = next {
            return !word.text.starts_with('-') && rule.holds(word, cwd);
        }
        let is_option = word.text.starts_with('-') && !self.ended;
        match self.place {
            Place::Tail(tail) => match &tail.options {
                Options::Only(options) => {
                    if is_option {
                        self.listed(options, word, cwd, true)
                    } else {
                        self.operand(tail, word, cwd)
                    }
                }
                Options::AllBut { refused, values } => {
                    if is_option && word.text != "-" {
                        self.unlisted(refused, values, word, next)
                    } else {
                        matches!(next, Next::Skipped) || self.operand(tail, word, cwd)
                    }
                }
            },
            Place::Globals | Place::Sub { .. } if is_option => {
                self.listed(&self.grammar.globals, word, cwd, false)
            }
            Place::Globals => self.sub(0, None, word),
            Place::Sub { of, words } => self.sub(words, Some(of), word),
        }
    }

    /// Whether the command may end here.
    pub(super) fn finish(&self) -> bool {
        let Place::Tail(tail) = self.place else {
            return false;
        };
        let min = tail.operands.as_ref().map_or(0, |operands| operands.min);
        let options = match &tail.options {
            Options::Only(options) => &**options,
            Options::AllBut { .. } => &[],
        };
        let mut needed = options
            .iter()
            .chain(&self.grammar.globals)
            .filter(|option| option.required);
        !matches!(self.next, Next::Value(_))
            && self.operands >= min
            && needed.all(|option| bit(option).is_some_and(|bit| self.seen & bit != 0))
    }

    fn operand(&mut self, tail: &Tail, word: Word<'_>, cwd: Option<&str>) -> bool {
        let before = self.operands;
        self.operands = before.saturating_add(1);
        tail.operands
            .as_ref()
            .is_some_and(|operands| operands.accept(word, before, cwd))
    }

    /// Takes a word of the sub-command, after so many that agree with `known`.
    fn sub(&mut self, words: usize, known: Option<&'s Sub>, word: Word<'_>) -> bool {
        let agrees = |sub: &&'s Sub| {
            let here = sub.words.get(words);
            here.is_some_and(|text| same(text, word.text))
                && known.is_none_or(|known| sub.words.get(..words) == known.words.get(..words))
        };
        if word.glob.is_some() {
            return false;
        }
        let words_now = words.saturating_add(1);
        let mut subs = self.grammar.subs.iter().filter(agrees);
        let Some(first) = subs.next() else {
            return false;
        };
        // No sub-command starts with all the words of another one.
        self.place = if first.words.len() == words_now {
            Place::Tail(&first.tail)
        } else {
            Place::Sub {
                of: first,
                words: words_now,
            }
        };
        true
    }

    /// Takes an option, which must be one of `options`.
    fn listed(
        &mut self,
        options: &'s [Opt],
        word: Word<'_>,
        cwd: Option<&str>,
        bundles: bool,
    ) -> bool {
        let text = word.text;
        if text == "--" {
            self.ended = true;
            return find(options, text).is_some();
        }
        if text.starts_with("--") || self.grammar.style == Style::Words {
            let (name, value) = match text.split_once('=') {
                Some((name, value)) => (name, Some(value)),
                None => (text, None),
            };
            return find(options, name).is_some_and(|option| self.take(option, value, word, cwd));
        }
        let mut any = false;
        let mut rest = text.get(1..).unwrap_or_default().chars();
        while let Some(letter) = rest.next() {
            // Programs read bundles before a sub-command in more than one way.
            if any && !bundles {
                return false;
            }
            any = true;
            let Some(option) = find_short(options, letter) else {
                return false;
            };
            let joined = rest.as_str();
            if option.value.is_none() {
                if !self.take(option, None, word, cwd) {
                    return false;
                }
            } else if joined.is_empty() {
                return self.take(option, None, word, cwd);
            } else {
                let value = match self.grammar.style {
                    Style::Pflag => joined.strip_prefix('=').unwrap_or(joined),
                    _ => joined,
                };
                // pflag takes `-o=` for the value `=`.
                return !value.is_empty() && self.take(option, Some(value), word, cwd);
            }
        }
        any
    }

    /// Takes an option with the value that stands in the same word.
    fn take(
        &mut self,
        option: &'s Opt,
        value: Option<&str>,
        word: Word<'_>,
        cwd: Option<&str>,
    ) -> bool {
        // One that cannot be counted is not taken.
        let Some(bit) = bit(option) else {
            return false;
        };
        if option.once && self.seen & bit != 0 {
            return false;
        }
        self.seen |= bit;
        match (&option.value, value) {
            (None, None) => true,
            (None, Some(value)) => {
                self.grammar.style == Style::Pflag
                    && !option.required
                    && matches!(value, "true" | "false")
            }
            (Some(rule), Some(text)) => {
                let glob = word.glob;
                option.form != Form::Next && rule.holds(Word { text, glob }, cwd)
            }
            (Some(rule), None) => {
                self.next = Next::Value(rule);
                option.form != Form::Joined
            }
        }
    }

    /// Takes an option, which must be none of `refused`.
    fn unlisted(
        &mut self,
        refused: &[Box<str>],
        values: &'s [Box<str>],
        word: Word<'_>,
        next: Next<'s>,
    ) -> bool {
        let text = word.text;
        let (name, has_value) = match text.split_once('=') {
            Some((name, _)) => (name, true),
            None => (text, false),
        };
        let is_listed = |names: &[Box<str>], name: &str| names.iter().any(|one| same(one, name));
        if self.grammar.style == Style::Words {
            if is_listed(values, text) {
                self.next = Next::Skipped;
            }
            return !is_listed(refused, text) && !is_listed(refused, name);
        }
        if text == "--" {
            // Where it may be the value of the option before it, options go on.
            self.ended = matches!(next, Next::Nothing);
            return !is_listed(refused, text);
        }
        if name.starts_with("--") {
            if !has_value {
                self.next = if is_listed(values, name) {
                    Next::Skipped
                } else {
                    Next::PerhapsValue
                };
            }
            // Programs accept abbreviations.
            return !refused.iter().any(|one| one.starts_with(name));
        }
        self.next = Next::PerhapsValue;
        let has_letter = |names: &[Box<str>], letter| {
            names
                .iter()
                .any(|one| matches!(one.as_bytes(), [b'-', found] if *found == letter))
        };
        // Names are ASCII, and so is every byte that equals one of theirs.
        let mut letters = text.bytes().skip(1);
        while let Some(letter) = letters.next() {
            if has_letter(refused, letter) {
                return false;
            }
            if has_letter(values, letter) {
                self.next = match letters.next() {
                    None => Next::Skipped,
                    Some(_) => Next::Nothing,
                };
                break;
            }
        }
        true
    }
}

fn find<'s>(options: &'s [Opt], name: &str) -> Option<&'s Opt> {
    options
        .iter()
        .find(|option| option.names.iter().any(|one| same(one, name)))
}

/// The bit of an option; none where there are too many.
fn bit(option: &Opt) -> Option<u64> {
    1_u64.checked_shl(option.id)
}

/// The option with one letter.
fn find_short(options: &[Opt], letter: char) -> Option<&Opt> {
    let length = letter.len_utf8().saturating_add(1);
    let is_named = |name: &str| {
        name.len() == length
            && name
                .strip_prefix('-')
                .is_some_and(|rest| rest.starts_with(letter))
    };
    options
        .iter()
        .find(|option| option.names.iter().any(|name| is_named(name)))
}
