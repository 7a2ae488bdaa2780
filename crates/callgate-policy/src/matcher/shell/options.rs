//! Reads options as the program will, and the words of sub-commands.

use super::lexer::Word;
use super::same;
use super::{Form, Grammar, Listed, Opt, OptionList, Rule, Style, Sub};

/// The options of a command, as far as they have been read.
#[derive(Debug)]
pub(super) struct Reading<'s> {
    style: Style,
    cwd: Option<&'s str>,
    /// What the next word must be, which is the value of an accepted option.
    value: Option<&'s Rule>,
    /// Whether `--` has ended the options.
    ended: bool,
    /// The bits of the options that were there.
    seen: u64,
}

/// What the last option, which is not refused, says of the next word.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    Nothing,
    /// It may be a value.
    PerhapsValue,
    /// It is a value.
    Value,
}

impl<'s> Reading<'s> {
    #[inline]
    pub(super) const fn new(grammar: &Grammar, cwd: Option<&'s str>) -> Self {
        Self {
            style: grammar.style,
            cwd,
            value: None,
            ended: false,
            seen: 0,
        }
    }

    /// The directory in which the command runs.
    pub(super) const fn cwd(&self) -> Option<&'s str> {
        self.cwd
    }

    /// Whether `word` stands where programs read options, and looks like one.
    #[inline]
    pub(super) fn is_option(&self, word: Word<'_>) -> bool {
        word.key.has_dash() && !self.ended
    }

    /// Takes `word` where it must be the value of the option before it; `false` refuses it.
    #[inline]
    pub(super) fn value(&mut self, word: Word<'_>) -> Option<bool> {
        let rule = self.value.take()?;
        Some(!word.key.has_dash() && rule.holds(word, self.cwd))
    }

    /// Whether nothing lacks of what `options` demand, if they end here.
    #[inline]
    pub(super) fn is_complete(&self, options: &OptionList) -> bool {
        self.value.is_none() && options.is_complete(self.seen)
    }

    /// Takes an option, which must be one of `options`; `false` refuses it.
    pub(super) fn listed(
        &mut self,
        options: &'s OptionList,
        word: Word<'_>,
        bundles: bool,
    ) -> bool {
        if word.key.is_double_dash() {
            self.ended = true;
            return options.find(word.text, word.key).is_some();
        }
        if word.key.has_double_dash() || self.style == Style::Words {
            let Some((name, value)) = word.split_at_equals() else {
                let option = options.find(word.text, word.key);
                return option.is_some_and(|option| self.take(option, None, word));
            };
            let option = options.find(name, word.key.cut(name));
            return option.is_some_and(|option| self.take(option, Some(value), word));
        }
        let mut any = false;
        // Names are ASCII, and so is every byte that equals one of theirs.
        let mut rest = word.text.iter();
        rest.next();
        while let Some(letter) = rest.next() {
            // Programs read bundles before a sub-command in more than one way.
            if any && !bundles {
                return false;
            }
            any = true;
            let Some(option) = options.find_letter(*letter) else {
                return false;
            };
            let joined = rest.as_slice();
            if option.value.is_none() {
                if !self.take(option, None, word) {
                    return false;
                }
            } else if joined.is_empty() {
                return self.take(option, None, word);
            } else {
                let value = match self.style {
                    Style::Pflag => joined.strip_prefix(b"=").unwrap_or(joined),
                    _ => joined,
                };
                // pflag takes `-o=` for the value `=`.
                return !value.is_empty() && self.take(option, Some(value), word);
            }
        }
        any
    }

    /// Takes an option with the value that stands in the same word.
    fn take(&mut self, option: &'s Opt, value: Option<&[u8]>, word: Word<'_>) -> bool {
        // One that cannot be counted is not taken.
        let Some(bit) = option.bit() else {
            return false;
        };
        if option.once && self.seen & bit != 0 {
            return false;
        }
        self.seen |= bit;
        match (&option.value, value) {
            (None, None) => true,
            (None, Some(value)) => {
                self.style == Style::Pflag
                    && !option.required
                    && matches!(value, b"true" | b"false")
            }
            (Some(rule), Some(text)) => {
                option.form != Form::Next && rule.holds_of(text, word.glob.is_some(), self.cwd)
            }
            (Some(rule), None) => {
                self.value = Some(rule);
                option.form != Form::Joined
            }
        }
    }

    /// Takes an option, which must be none of `refused`, behind one that says `next` of it; `None`
    /// refuses it. Returns what it says of the next word.
    pub(super) fn unlisted(
        &mut self,
        refused: &Listed<Box<str>>,
        values: &Listed<Box<str>>,
        word: Word<'_>,
        next: Next,
    ) -> Option<Next> {
        let is_listed = |names: &Listed<Box<str>>| names.find(word.text, word.key).is_some();
        let (name, key, has_value) = match word.split_at_equals() {
            Some((name, _)) => (name, word.key.cut(name), true),
            None => (word.text, word.key, false),
        };
        if self.style == Style::Words {
            if is_listed(refused) || refused.find(name, key).is_some() {
                return None;
            }
            return Some(if is_listed(values) {
                Next::Value
            } else {
                Next::Nothing
            });
        }
        if word.key.is_double_dash() {
            // Where it may be the value of the option before it, options go on.
            self.ended = next == Next::Nothing;
            return (!is_listed(refused)).then_some(Next::Nothing);
        }
        if word.key.has_double_dash() {
            // Programs accept abbreviations.
            if refused.any_starts_with(name, key) {
                return None;
            }
            return Some(if has_value {
                Next::Nothing
            } else if is_listed(values) {
                Next::Value
            } else {
                Next::PerhapsValue
            });
        }
        // Names are ASCII, and so is every byte that equals one of theirs.
        let mut letters = word.text.iter().skip(1);
        while let Some(letter) = letters.next() {
            if refused.find_letter(*letter).is_some() {
                return None;
            }
            if values.find_letter(*letter).is_some() {
                return Some(match letters.next() {
                    None => Next::Value,
                    Some(_) => Next::Nothing,
                });
            }
        }
        Some(Next::PerhapsValue)
    }
}

impl Grammar {
    /// The sub-command that goes on with `word` after so many words of `known`.
    #[inline]
    pub(super) fn sub(&self, known: Option<&Sub>, words: usize, word: Word<'_>) -> Option<&Sub> {
        if word.glob.is_some() {
            return None;
        }
        let Some(known) = known else {
            return self.subs.find(word.text, word.key);
        };
        self.subs.iter().find(|sub| {
            sub.words
                .get(words)
                .is_some_and(|here| same(here.as_bytes(), word.text))
                && sub.words.get(..words) == known.words.get(..words)
        })
    }
}
