//! What holds of one word, and of the operands of a command.

use super::lexer::{Glob, Word};
use super::listed::Key;
use super::same;
use super::{Globs, Operands, Rule, Types};

impl Rule {
    /// Whether the rule holds of `word`. Of a word that the shell replaces by names of files only
    /// a rule holds that asks for nothing.
    #[inline]
    pub(super) fn holds(&self, word: Word<'_>, cwd: Option<&str>) -> bool {
        self.holds_of(word.text, word.glob.is_some(), cwd)
    }

    /// The same of a part of a word.
    #[inline]
    pub(super) fn holds_of(&self, text: &[u8], is_glob: bool, cwd: Option<&str>) -> bool {
        !self.asks() || !is_glob && self.admits(text, cwd)
    }

    fn admits(&self, text: &[u8], cwd: Option<&str>) -> bool {
        self.one_of
            .as_ref()
            .is_none_or(|words| words.iter().any(|one| same(one.as_bytes(), text)))
            && self
                .inside
                .as_ref()
                .is_none_or(|inside| cwd.is_some_and(|cwd| inside.holds(cwd.as_bytes(), text)))
            && self
                .matches
                .as_ref()
                .is_none_or(|pattern| str::from_utf8(text).is_ok_and(|text| pattern.is_match(text)))
    }

    const fn asks(&self) -> bool {
        self.one_of.is_some() || self.matches.is_some() || self.inside.is_some()
    }
}

impl Operands {
    /// Whether `word` may be the operand after `before` others.
    #[inline]
    pub(super) fn accept(&self, word: Word<'_>, before: u32, cwd: Option<&str>) -> bool {
        // Names of files can be many, and of any type.
        let counted = self.max.is_some() || self.types.is_some();
        !(word.glob.is_some() && counted)
            && self.max.is_none_or(|max| before < max)
            && self.rule.holds(word, cwd)
            && self
                .types
                .as_ref()
                .is_none_or(|types| types.accept(word.text, before == 0))
    }
}

impl Types {
    /// The first operand names types, or types with names; a later one names a type where it has
    /// a slash.
    fn accept(&self, operand: &[u8], first: bool) -> bool {
        if !first && !operand.contains(&b'/') {
            return true;
        }
        // Nearly all name one type and nothing else.
        let is_plain = |byte: &u8| byte.is_ascii_alphanumeric() || *byte == b'-';
        if operand.iter().all(is_plain) {
            return self.accept_one(operand, operand);
        }
        let Ok(operand) = str::from_utf8(operand) else {
            return false;
        };
        let mut types = operand
            .split(',')
            .map(|part| part.split_once('/').map_or(part, |(name, _)| name).trim());
        types.all(|one| {
            let group = one.split_once('.').map_or(one, |(name, _)| name);
            self.accept_one(one.as_bytes(), group.as_bytes())
        })
    }

    /// Whether a type is accepted, which is `group` before its first dot.
    fn accept_one(&self, one: &[u8], group: &[u8]) -> bool {
        match self {
            Self::Only(known) => known.find(one, Key::of(one)).is_some(),
            Self::AllBut(refused) => refused.find_folded(group).is_none(),
        }
    }
}

impl Globs {
    /// Whether `word` may hold what it holds of unquoted `*`, `?` and `[`.
    #[inline]
    pub(super) fn accept(self, word: Word<'_>) -> bool {
        match (word.glob, self) {
            (None, _) => true,
            (Some(_), Self::None) | (Some(Glob::First), Self::LiteralFirst) => false,
            (Some(_), Self::LiteralFirst | Self::Any) => !word.key.has_dash(),
        }
    }
}
