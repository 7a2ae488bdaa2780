//! Which statements matched.

use std::fmt;

use callgate_types::RiskTier;

use super::list::List;
use super::{Question, Stated};
use crate::compile::{Class, Statements};
use crate::document::{Raise, Rule};

/// Statements that matched a call, in order of the bytes of their ids.
#[derive(Clone)]
pub struct Matched<'p, T> {
    all: &'p [T],
    numbers: List,
}

impl<'p, T> Matched<'p, T> {
    /// How many matched.
    pub fn len(&self) -> usize {
        self.numbers.as_slice().len()
    }

    /// Whether none matched.
    pub fn is_empty(&self) -> bool {
        self.numbers.as_slice().is_empty()
    }

    /// The statements.
    pub fn iter(&self) -> MatchedIter<'_, 'p, T> {
        MatchedIter {
            all: self.all,
            numbers: self.numbers.as_slice().iter(),
        }
    }
}

impl<'p> Matched<'p, Raise> {
    pub(crate) fn raises(
        statements: &Statements,
        all: &'p [Raise],
        question: &Question<'_, 'p>,
    ) -> Self {
        Self {
            all,
            numbers: numbers(statements, all, question),
        }
    }
}

impl<'m, 'p, T> IntoIterator for &'m Matched<'p, T> {
    type Item = &'p T;
    type IntoIter = MatchedIter<'m, 'p, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl<T> fmt::Debug for Matched<'_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Matched")
            .field("len", &self.len())
            .finish_non_exhaustive()
    }
}

/// Statements out of a [`Matched`].
#[derive(Clone)]
pub struct MatchedIter<'m, 'p, T> {
    all: &'p [T],
    numbers: std::slice::Iter<'m, u32>,
}

impl<'p, T> Iterator for MatchedIter<'_, 'p, T> {
    type Item = &'p T;

    fn next(&mut self) -> Option<Self::Item> {
        let all = self.all;
        self.numbers.find_map(|number| all.get(*number as usize))
    }
}

impl<T> fmt::Debug for MatchedIter<'_, '_, T> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MatchedIter").finish_non_exhaustive()
    }
}

/// All rules that matched a call.
///
/// It is not yet a decision: that also needs scopes, the tier and its friction. Of the rules
/// alone: no permit is a deny, any forbid is a deny, any ask is an ask.
#[derive(Clone)]
pub struct Judgement<'p> {
    classes: &'p Statements,
    matched: Matched<'p, Rule>,
    /// The first of each that decides: permit, ask, forbid.
    firsts: [Option<u32>; 3],
}

impl<'p> Judgement<'p> {
    pub(crate) fn new(
        statements: &'p Statements,
        all: &'p [Rule],
        question: &Question<'_, 'p>,
    ) -> Self {
        let numbers = numbers(statements, all, question);
        let mut firsts = [None; 3];
        for number in numbers.as_slice() {
            let class = statements
                .statement(*number)
                .map(|statement| statement.class);
            let [permit, ask, forbid] = &mut firsts;
            let first = match class {
                Some(Class::Permit) => permit,
                Some(Class::Ask) => ask,
                Some(Class::Forbid) => forbid,
                Some(Class::Observed | Class::Raise) | None => continue,
            };
            first.get_or_insert(*number);
        }
        Self {
            classes: statements,
            matched: Matched { all, numbers },
            firsts,
        }
    }

    /// The permits that matched, in order of the bytes of their ids.
    pub fn permits(&self) -> Rules<'_, 'p> {
        self.of(Class::Permit)
    }

    /// The asks that matched, in order of the bytes of their ids.
    pub fn asks(&self) -> Rules<'_, 'p> {
        self.of(Class::Ask)
    }

    /// The forbids that matched, in order of the bytes of their ids.
    pub fn forbids(&self) -> Rules<'_, 'p> {
        self.of(Class::Forbid)
    }

    /// The rules that matched and take no part in the decision, in order of the bytes of their
    /// ids.
    pub fn observed(&self) -> Rules<'_, 'p> {
        self.of(Class::Observed)
    }

    /// The permit with the smallest id.
    pub fn first_permit(&self) -> Option<&'p Rule> {
        let [permit, _, _] = self.firsts;
        self.rule(permit)
    }

    /// The ask with the smallest id.
    pub fn first_ask(&self) -> Option<&'p Rule> {
        let [_, ask, _] = self.firsts;
        self.rule(ask)
    }

    /// The forbid with the smallest id.
    pub fn first_forbid(&self) -> Option<&'p Rule> {
        let [_, _, forbid] = self.firsts;
        self.rule(forbid)
    }

    /// The highest tier whose friction a matched permit waives.
    pub fn accepts_tier(&self) -> Option<RiskTier> {
        self.permits()
            .filter_map(|permit| permit.accepts_tier)
            .max()
    }

    /// Whether any rule that matched obliges the host to something.
    pub fn may_oblige(&self) -> bool {
        self.matched.iter().any(|rule| !rule.obligations.is_empty())
    }

    fn rule(&self, number: Option<u32>) -> Option<&'p Rule> {
        self.matched.all.get(number? as usize)
    }

    fn of(&self, class: Class) -> Rules<'_, 'p> {
        Rules {
            classes: self.classes,
            all: self.matched.all,
            numbers: self.matched.numbers.as_slice().iter(),
            class,
        }
    }
}

impl fmt::Debug for Judgement<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut ids = f.debug_list();
        for rule in &self.matched {
            ids.entry(&rule.id);
        }
        ids.finish()
    }
}

/// Rules of one kind out of a [`Judgement`].
#[derive(Clone)]
pub struct Rules<'m, 'p> {
    classes: &'p Statements,
    all: &'p [Rule],
    numbers: std::slice::Iter<'m, u32>,
    class: Class,
}

impl<'p> Iterator for Rules<'_, 'p> {
    type Item = &'p Rule;

    fn next(&mut self) -> Option<Self::Item> {
        let (classes, class) = (self.classes, self.class);
        let number = self.numbers.find(|number| {
            classes
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

/// Arguments that another tool has bound say nothing about this one: no statement is told apart
/// by them, so none grants.
fn numbers<S: Stated>(statements: &Statements, all: &[S], question: &Question<'_, '_>) -> List {
    if question.is_sound() {
        statements.matched(all, question)
    } else {
        List::EMPTY
    }
}
