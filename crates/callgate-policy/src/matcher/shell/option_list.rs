//! The accepted options of a command.

use std::ops::Deref;

use super::listed::{Key, Named};
use super::{Command, Listed, Opt, Sub};

/// Accepted options, each found by any of its names.
#[derive(Clone, Debug)]
pub struct OptionList {
    options: Listed<Opt>,
    /// The bits of those that must be there; `None` where one has no bit.
    required: Option<u64>,
}

impl OptionList {
    pub(crate) fn new(options: Vec<Opt>) -> Self {
        let required = options.iter().filter(|option| option.required);
        let required = required
            .map(Opt::bit)
            .try_fold(0, |all, bit| Some(all | bit?));
        Self {
            options: Listed::new(options),
            required,
        }
    }

    /// Whether all options that must be there are among those with the bits `seen`.
    #[inline]
    pub(super) fn is_complete(&self, seen: u64) -> bool {
        self.required.is_some_and(|required| required & !seen == 0)
    }

    /// The option of this name.
    #[inline]
    pub(super) fn find(&self, name: &[u8], key: Key) -> Option<&Opt> {
        self.options.find(name, key)
    }

    /// The option of one letter.
    #[inline]
    pub(super) fn find_letter(&self, letter: u8) -> Option<&Opt> {
        self.options.find_letter(letter)
    }
}

impl Deref for OptionList {
    type Target = [Opt];

    fn deref(&self) -> &[Opt] {
        &self.options
    }
}

impl<'l> IntoIterator for &'l OptionList {
    type Item = &'l Opt;
    type IntoIter = std::slice::Iter<'l, Opt>;

    fn into_iter(self) -> Self::IntoIter {
        self.options.iter()
    }
}

impl Opt {
    /// Its bit among those of a command; none where there are too many.
    #[inline]
    pub(super) fn bit(&self) -> Option<u64> {
        1_u64.checked_shl(self.id)
    }
}

impl Named for Opt {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.names.iter().map(|name| &**name)
    }
}

impl Named for Command {
    fn names(&self) -> impl Iterator<Item = &str> {
        std::iter::once(&*self.name)
    }
}

/// Found by the first of its words.
impl Named for Sub {
    fn names(&self) -> impl Iterator<Item = &str> {
        self.words.first().into_iter().map(|word| &**word)
    }
}
