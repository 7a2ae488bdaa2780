//! Rules and raises, ready to be judged.

use super::conditions::ConditionsBuilder;
use super::index::{Index, Key};
use super::keys::{Keyed, Vocabulary};
use super::mentions::mentions_resource;
use super::offset::offset;
use crate::document::{Document, Effect, Raise, Rule};
use crate::evaluate::{Dims, Stated};

/// Statements by number, and an index of them. Their order is that of the document, so that of
/// the bytes of their ids.
#[derive(Debug)]
pub(crate) struct Statements {
    all: Box<[Statement]>,
    index: Index,
}

/// What judging needs of one statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Statement {
    /// The condition; `None` always holds.
    pub(crate) when: Option<u32>,
    /// What of the selector the index does not settle.
    pub(crate) residual: Dims,
    /// Whether what is unknown counts as matched.
    pub(crate) restricts: bool,
    /// Whether it is judged once for each resource.
    pub(crate) per_resource: bool,
    pub(crate) class: Class,
}

/// What becomes of a statement that matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    Permit,
    Ask,
    Forbid,
    Observed,
    Raise,
}

impl Statements {
    pub(super) fn of_rules(
        rules: &[Rule],
        document: &Document,
        vocabulary: &Vocabulary,
        conditions: &mut ConditionsBuilder,
    ) -> Self {
        let class = |rule: &Rule| match rule.effect {
            _ if rule.observe => Class::Observed,
            Effect::Permit => Class::Permit,
            Effect::Ask => Class::Ask,
            Effect::Forbid => Class::Forbid,
        };
        Self::new(rules, class, document, vocabulary, conditions)
    }

    pub(super) fn of_raises(
        raises: &[Raise],
        document: &Document,
        vocabulary: &Vocabulary,
        conditions: &mut ConditionsBuilder,
    ) -> Self {
        Self::new(raises, |_| Class::Raise, document, vocabulary, conditions)
    }

    fn new<S: Stated>(
        stated: &[S],
        class: impl Fn(&S) -> Class,
        document: &Document,
        vocabulary: &Vocabulary,
        conditions: &mut ConditionsBuilder,
    ) -> Self {
        let mut entries: Vec<(Key, u32)> = Vec::new();
        let mut all = Vec::with_capacity(stated.len());
        for (number, one) in stated.iter().enumerate() {
            let keyed = Keyed::new(one.selector(), one.restricts(), vocabulary);
            entries.extend(keyed.keys.iter().map(|key| (*key, offset(number))));
            let tool = keyed.only_tool.and_then(|tool| vocabulary.tools.name(tool));
            let tool = tool.and_then(|name| document.tools.get(name));
            all.push(Statement {
                when: conditions.compile(one.when(), tool),
                residual: keyed.residual,
                restricts: one.restricts(),
                per_resource: one.selector().resources.is_some() || mentions_resource(one.when()),
                class: class(one),
            });
        }
        Self {
            all: all.into(),
            index: Index::new(entries),
        }
    }

    #[inline]
    pub(crate) fn statement(&self, number: u32) -> Option<&Statement> {
        self.all.get(number as usize)
    }

    #[inline]
    pub(crate) const fn index(&self) -> &Index {
        &self.index
    }
}
