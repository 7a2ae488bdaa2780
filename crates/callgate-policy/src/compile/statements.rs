//! Rules, raises and limits, ready to be judged.

use super::conditions::Part;
use super::drafts::ConditionsBuilder;
use super::index::{Index, Key};
use super::keys::{Keyed, Vocabulary};
use super::mentions::mentions_resource;
use super::offset::offset;
use super::packing::Packing;
use crate::document::{Document, Effect};
use crate::evaluate::{Dims, Stated};

/// Rules, raises and limits by number, and an index of them. Rules come first, then raises; each in
/// the order of the document, so that of the bytes of their ids.
#[derive(Debug)]
pub(crate) struct Statements {
    all: Box<[Statement]>,
    /// The number of the first raise.
    raises_from: u32,
    /// The number of the first limit.
    limits_from: u32,
    index: Index,
}

/// What judging needs of one statement.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Statement {
    /// The condition: both parts must hold.
    pub(crate) when: [Part; 2],
    /// What of the selector the index does not settle.
    pub(crate) residual: Dims,
    /// Whether what is unknown counts as matched.
    pub(crate) restricts: bool,
    /// Whether it is judged once for each resource.
    pub(crate) per_resource: bool,
    pub(crate) class: Class,
}

impl Statement {
    /// Whether nothing but its condition is left to look at, once.
    #[inline]
    pub(crate) const fn is_settled(&self) -> bool {
        self.residual.is_empty() && !self.per_resource
    }
}

/// What becomes of a statement that matched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Class {
    // These three decide; others are counted by none.
    Permit = 0,
    Ask = 1,
    Forbid = 2,
    Observed,
    Raise,
    Limit,
}

impl Statements {
    #[inline]
    pub(crate) fn statement(&self, number: u32) -> Option<&Statement> {
        self.all.get(number as usize)
    }

    /// The place of a statement among the raises of the document, where it is one.
    #[inline]
    pub(crate) const fn raise(&self, number: u32) -> Option<usize> {
        match number.checked_sub(self.raises_from) {
            Some(place) if number < self.limits_from => Some(place as usize),
            _ => None,
        }
    }

    /// The place of a statement among the limits of the document, where it is one.
    #[inline]
    pub(crate) const fn limit(&self, number: u32) -> Option<usize> {
        match number.checked_sub(self.limits_from) {
            Some(place) => Some(place as usize),
            None => None,
        }
    }

    /// The number of the first raise: that of a rule is its place.
    pub(crate) const fn raises_from(&self) -> u32 {
        self.raises_from
    }

    /// The number of the first limit.
    pub(crate) const fn limits_from(&self) -> u32 {
        self.limits_from
    }

    #[inline]
    pub(crate) const fn index(&self) -> &Index {
        &self.index
    }
}

/// Statements whose conditions are not finished yet.
pub(super) struct StatementDrafts {
    statements: Statements,
    /// By statement.
    conditions: Vec<Option<u32>>,
}

impl StatementDrafts {
    pub(super) fn new(
        document: &Document,
        vocabulary: &Vocabulary,
        conditions: &mut ConditionsBuilder,
    ) -> Self {
        let packing = Packing::new(vocabulary);
        let limits_from = document.rules.len().saturating_add(document.raises.len());
        let count = limits_from.saturating_add(document.limits.len());
        let mut builder = Builder {
            document,
            packing,
            vocabulary,
            conditions,
            entries: Vec::new(),
            all: Vec::with_capacity(count),
            whens: Vec::new(),
        };
        for rule in &document.rules {
            let class = match rule.effect {
                _ if rule.observe => Class::Observed,
                Effect::Permit => Class::Permit,
                Effect::Ask => Class::Ask,
                Effect::Forbid => Class::Forbid,
            };
            builder.add(rule, class);
        }
        for raise in &document.raises {
            builder.add(raise, Class::Raise);
        }
        for limit in &document.limits {
            builder.add(limit, Class::Limit);
        }
        Self {
            conditions: builder.whens,
            statements: Statements {
                index: Index::new(builder.entries, packing),
                all: builder.all.into(),
                raises_from: offset(document.rules.len()),
                limits_from: offset(limits_from),
            },
        }
    }

    /// The condition of each statement; `None` always holds.
    pub(super) fn conditions(&self) -> &[Option<u32>] {
        &self.conditions
    }

    /// Puts the finished conditions in, which are as many.
    pub(super) fn finish(mut self, conditions: Vec<[Part; 2]>) -> Statements {
        for (statement, when) in self.statements.all.iter_mut().zip(conditions) {
            statement.when = when;
        }
        self.statements
    }
}

struct Builder<'b> {
    document: &'b Document,
    vocabulary: &'b Vocabulary,
    packing: Packing,
    conditions: &'b mut ConditionsBuilder,
    entries: Vec<(Key, u32)>,
    all: Vec<Statement>,
    /// By statement.
    whens: Vec<Option<u32>>,
}

impl Builder<'_> {
    fn add<S: Stated>(&mut self, one: &S, class: Class) {
        let number = offset(self.all.len());
        let keyed = Keyed::new(
            one.selector(),
            one.restricts(),
            self.vocabulary,
            &self.packing,
        );
        self.entries
            .extend(keyed.keys.iter().map(|key| (*key, number)));
        let tool = keyed.only_tool;
        let tool = tool.and_then(|tool| self.vocabulary.tools.name(tool));
        let tool = tool.and_then(|name| self.document.tools.get(name));
        let per_resource = one.is_per_resource()
            || one.selector().resources.is_some()
            || mentions_resource(one.when());
        let when = self.conditions.compile(one.when(), tool, per_resource);
        self.whens.push(when);
        self.all.push(Statement {
            // Until it is finished nobody can say whether it holds.
            when: [Part::Node(u32::MAX), Part::Always],
            residual: keyed.residual,
            restricts: one.restricts(),
            per_resource,
            class,
        });
    }
}
