//! Skips the options of a program that runs another.

use super::command::Call;
use super::word::Word;

/// The options of a program, as far as they do not change what it runs.
#[derive(Clone, Copy, Debug)]
pub(super) struct Options {
    /// Letters without a value; with `-` among them a word of one hyphen is an option, too.
    pub(super) flags: &'static str,
    /// Letters whose value follows.
    pub(super) values: &'static str,
    /// Names without a value, or with one behind `=`.
    pub(super) long: &'static [&'static str],
    /// Names whose value follows.
    pub(super) long_values: &'static [&'static str],
    /// Options with which the program runs nothing.
    pub(super) idle: &'static [&'static str],
}

/// Where the options end.
pub(super) enum Skipped<'w, 't> {
    /// Here.
    At(&'w [Word<'t>]),
    /// Nothing runs.
    Idle,
    /// One of them is not known.
    Unclear,
}

/// What comes of one word.
pub(super) enum One<'w, 't> {
    /// It was an option; this follows.
    Then(&'w [Word<'t>]),
    /// The options end before this.
    Last(&'w [Word<'t>]),
    /// Nothing runs.
    Idle,
    /// It is not known.
    Unclear,
}

impl Options {
    /// No options.
    pub(super) const NONE: Self = Self {
        flags: "",
        values: "",
        long: &[],
        long_values: &[],
        idle: &["--help", "--version"],
    };

    /// Goes to the first word that is no option.
    pub(super) fn skip<'w, 't>(&self, mut call: Call<'w, 't>) -> Skipped<'w, 't> {
        loop {
            match self.one(call) {
                One::Then(words) => call = call.with(words),
                One::Last(words) => return Skipped::At(words),
                One::Idle => return Skipped::Idle,
                One::Unclear => return Skipped::Unclear,
            }
        }
    }

    /// Goes behind one option, with its value.
    pub(super) fn one<'w, 't>(&self, call: Call<'w, 't>) -> One<'w, 't> {
        let Some((word, rest)) = call.words.split_first() else {
            return One::Last(call.words);
        };
        let text = &*word.text;
        let is_dash = text == "-" && !self.flags.contains('-');
        if !call.knows(word) || !text.starts_with('-') || is_dash {
            return One::Last(call.words);
        }
        if text == "--" {
            return One::Last(rest);
        }
        if self.idle.contains(&text) {
            return One::Idle;
        }
        let takes_next = match text.strip_prefix("--") {
            Some(long) => self.long(long),
            None => self.short(text),
        };
        match (takes_next, rest.split_first()) {
            (Some(false), _) => One::Then(rest),
            (Some(true), Some((value, rest))) if !value.splits => One::Then(rest),
            (Some(true), None) if !call.open => One::Idle,
            _ => One::Unclear,
        }
    }

    fn long(&self, option: &str) -> Option<bool> {
        match option.split_once('=') {
            Some((name, _)) => {
                let known = self.long.contains(&name) || self.long_values.contains(&name);
                known.then_some(false)
            }
            None if self.long.contains(&option) => Some(false),
            None => self.long_values.contains(&option).then_some(true),
        }
    }

    /// Whether the value of a bundle of letters follows; `None` where one is not known.
    fn short(&self, bundle: &str) -> Option<bool> {
        let mut letters = bundle.chars();
        letters.next();
        while let Some(letter) = letters.next() {
            if self.values.contains(letter) {
                return Some(letters.as_str().is_empty());
            }
            if !self.flags.contains(letter) {
                return None;
            }
        }
        Some(false)
    }
}
