//! Which statements matched.

use std::fmt;

use callgate_types::RiskTier;

use super::Question;
use super::statements::Matched;
use crate::compile::{Class, Statements};
use crate::document::{Document, Limit, Raise, Rule};

/// All rules, raises and limits that matched a call.
///
/// It is not yet a decision: that also needs scopes, the tier and its friction. Of the rules
/// alone: no permit is a deny, any forbid is a deny, any ask is an ask.
#[derive(Clone)]
pub struct Judgement<'p> {
    statements: &'p Statements,
    document: &'p Document,
    matched: Matched,
}

impl<'p> Judgement<'p> {
    #[inline]
    pub(crate) fn new(
        statements: &'p Statements,
        document: &'p Document,
        question: &Question<'_, 'p>,
    ) -> Self {
        // Arguments that another tool has bound say nothing about this one: no statement is told
        // apart by them, so none grants. Nor does any where the tables do not fit together.
        let matched = if question.is_sound() {
            statements.matched(document, question)
        } else {
            Matched::NONE
        };
        Self {
            statements,
            document,
            matched,
        }
    }

    /// The permits that matched, in order of the bytes of their ids.
    #[inline]
    pub fn permits(&self) -> Rules<'_, 'p> {
        self.of(Class::Permit)
    }

    /// The asks that matched, in order of the bytes of their ids.
    #[inline]
    pub fn asks(&self) -> Rules<'_, 'p> {
        self.of(Class::Ask)
    }

    /// The forbids that matched, in order of the bytes of their ids.
    #[inline]
    pub fn forbids(&self) -> Rules<'_, 'p> {
        self.of(Class::Forbid)
    }

    /// The rules that matched and take no part in the decision, in order of the bytes of their
    /// ids.
    pub fn observed(&self) -> Rules<'_, 'p> {
        self.of(Class::Observed)
    }

    /// How many rules and raises matched.
    #[inline]
    pub fn count(&self) -> usize {
        self.matched.numbers.as_slice().len()
    }

    /// Whether any raise matched.
    #[inline]
    pub fn raises_anything(&self) -> bool {
        let mut numbers = self.matched.numbers.as_slice().iter().rev();
        let last = numbers.find(|number| self.statements.limit(**number).is_none());
        last.is_some_and(|number| self.statements.raise(*number).is_some())
    }

    /// The raises that matched, in order of the bytes of their ids.
    pub fn raises(&self) -> Raises<'_, 'p> {
        Raises {
            statements: self.statements,
            all: &self.document.raises,
            numbers: self.matched.numbers.as_slice().iter(),
        }
    }

    /// Whether rules alone let the call run, or may yet: a permit matched, and no forbid.
    #[inline]
    pub fn can_run(&self) -> bool {
        self.first_permit().is_some() && self.first_forbid().is_none()
    }

    /// Whether any limit is about the call.
    #[inline]
    pub fn is_limited(&self) -> bool {
        let last = self.matched.numbers.as_slice().last();
        last.is_some_and(|number| self.statements.limit(*number).is_some())
    }

    /// The limits that are about the call, each with its number and its place among those of
    /// the document.
    pub(super) fn limits(&self) -> impl Iterator<Item = (u32, usize, &'p Limit)> {
        let numbers = self.matched.numbers.as_slice().iter();
        let (statements, all) = (self.statements, &self.document.limits);
        numbers.filter_map(move |number| {
            let place = statements.limit(*number)?;
            Some((*number, place, all.get(place)?))
        })
    }

    pub(super) const fn statements(&self) -> &'p Statements {
        self.statements
    }

    /// The permit with the smallest id.
    #[inline]
    pub fn first_permit(&self) -> Option<&'p Rule> {
        self.first(Class::Permit)
    }

    /// The ask with the smallest id.
    #[inline]
    pub fn first_ask(&self) -> Option<&'p Rule> {
        self.first(Class::Ask)
    }

    /// The forbid with the smallest id.
    #[inline]
    pub fn first_forbid(&self) -> Option<&'p Rule> {
        self.first(Class::Forbid)
    }

    /// The highest tier whose friction a matched permit waives.
    pub fn accepts_tier(&self) -> Option<RiskTier> {
        self.permits()
            .filter_map(|permit| permit.accepts_tier)
            .max()
    }

    /// Whether any rule that matched obliges the host to something.
    pub fn may_oblige(&self) -> bool {
        let mut numbers = self.matched.numbers.as_slice().iter();
        numbers.any(|number| {
            let rule = self.document.rules.get(*number as usize);
            rule.is_some_and(|rule| !rule.obligations.is_empty())
        })
    }

    #[inline]
    fn first(&self, class: Class) -> Option<&'p Rule> {
        let number = self.matched.first(class)?;
        self.document.rules.get(number as usize)
    }

    #[inline]
    fn of(&self, class: Class) -> Rules<'_, 'p> {
        Rules {
            statements: self.statements,
            all: &self.document.rules,
            numbers: self.matched.numbers.as_slice().iter(),
            class,
        }
    }
}

impl fmt::Debug for Judgement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ids = f.debug_list();
        for number in self.matched.numbers.as_slice() {
            if let Some(rule) = self.document.rules.get(*number as usize) {
                ids.entry(&rule.id);
            }
        }
        ids.entries(self.raises().map(|raise| &raise.id)).finish()
    }
}

/// Rules of one kind out of a [`Judgement`].
#[derive(Clone)]
pub struct Rules<'m, 'p> {
    statements: &'p Statements,
    all: &'p [Rule],
    numbers: std::slice::Iter<'m, u32>,
    class: Class,
}

impl<'m, 'p> Rules<'m, 'p> {
    /// The rules with their places in the document, from 0.
    #[inline]
    pub fn numbered(self) -> impl Iterator<Item = (usize, &'p Rule)> + use<'m, 'p> {
        let Self {
            statements,
            all,
            numbers,
            class,
        } = self;
        numbers.filter_map(move |number| {
            let statement = statements.statement(*number)?;
            let number = (statement.class == class).then_some(*number as usize)?;
            Some((number, all.get(number)?))
        })
    }
}

impl<'p> Iterator for Rules<'_, 'p> {
    type Item = &'p Rule;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        let (statements, class) = (self.statements, self.class);
        let number = self.numbers.find(|number| {
            statements
                .statement(**number)
                .is_some_and(|statement| statement.class == class)
        })?;
        self.all.get(*number as usize)
    }
}

impl fmt::Debug for Rules<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Rules").finish_non_exhaustive()
    }
}

/// The raises out of a [`Judgement`].
#[derive(Clone)]
pub struct Raises<'m, 'p> {
    statements: &'p Statements,
    all: &'p [Raise],
    numbers: std::slice::Iter<'m, u32>,
}

impl<'p> Iterator for Raises<'_, 'p> {
    type Item = &'p Raise;

    fn next(&mut self) -> Option<Self::Item> {
        let (statements, all) = (self.statements, self.all);
        let raise = |number: &u32| all.get(statements.raise(*number)?);
        self.numbers.find_map(raise)
    }
}

impl fmt::Debug for Raises<'_, '_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Raises").finish_non_exhaustive()
    }
}
