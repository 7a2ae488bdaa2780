//! Finding the statements that take effect.

use super::list::List;
use super::selector::{self, Dims};
use super::{Judgement, Memo, NamedResource, Question, Scene, Truth};
use crate::compile::{Class, Statement, Statements};
use crate::document::{Document, Effect, Limit, Raise, Rule, Selector};

/// Something that selects calls.
pub(crate) trait Stated {
    fn selector(&self) -> &Selector;
    fn when(&self) -> &crate::document::Condition;
    /// Whether what is unknown counts as matched.
    fn restricts(&self) -> bool;
    /// Whether it is about each resource whatever it selects by.
    fn is_per_resource(&self) -> bool {
        false
    }
    fn id(&self) -> &str;
    /// The word for what it does.
    fn effect(&self) -> &'static str;
    fn file(&self) -> &str;
    fn line(&self) -> u32;
}

impl Stated for Rule {
    fn selector(&self) -> &Selector {
        &self.selector
    }

    fn when(&self) -> &crate::document::Condition {
        &self.when
    }

    fn restricts(&self) -> bool {
        Effect::restricts(self.effect)
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn effect(&self) -> &'static str {
        self.effect.as_str()
    }

    fn file(&self) -> &str {
        &self.file
    }

    fn line(&self) -> u32 {
        self.line
    }
}

impl Stated for Raise {
    fn selector(&self) -> &Selector {
        &self.selector
    }

    fn when(&self) -> &crate::document::Condition {
        &self.when
    }

    fn restricts(&self) -> bool {
        true
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn effect(&self) -> &'static str {
        "raise"
    }

    fn file(&self) -> &str {
        &self.file
    }

    fn line(&self) -> u32 {
        self.line
    }
}

impl Stated for Limit {
    fn selector(&self) -> &Selector {
        &self.selector
    }

    fn when(&self) -> &crate::document::Condition {
        &self.when
    }

    fn restricts(&self) -> bool {
        true
    }

    fn is_per_resource(&self) -> bool {
        Self::is_per_resource(self)
    }

    fn id(&self) -> &str {
        &self.id
    }

    fn effect(&self) -> &'static str {
        "limit"
    }

    fn file(&self) -> &str {
        &self.file
    }

    fn line(&self) -> u32 {
        self.line
    }
}

impl Statements {
    /// The numbers of the statements that take effect, ascending; none where the tables do not
    /// fit together, so that a restriction might be overlooked.
    pub(super) fn matched(&self, document: &Document, question: &Question<'_, '_>) -> Matched {
        let memo = Memo::new();
        let scene = question.scene(None, &memo);
        let judging = Judging {
            statements: self,
            document,
            question,
            scene: &scene,
        };
        let mut matched = Matched::NONE;
        // Whether every number so far is that of a statement.
        let mut whole = true;
        let keys = question.keys();
        self.index().candidates(keys, |numbers| {
            whole &= judging.keyed(numbers, &mut matched);
        });
        self.index().of_unknown(keys, |numbers| {
            whole &= judging.unkeyed(numbers, &mut matched);
        });
        if whole {
            matched.numbers.sort();
            matched
        } else {
            Matched::NONE
        }
    }
}

/// The statements that matched a call.
#[derive(Clone, Debug)]
pub(super) struct Matched {
    /// Ascending, in the end.
    pub(super) numbers: List<14>,
    /// The least number of a permit, of an ask and of a forbid; or [`Matched::NO_NUMBER`].
    first: [u32; 3],
}

impl Matched {
    const NO_NUMBER: u32 = u32::MAX;

    pub(super) const NONE: Self = Self {
        numbers: List::EMPTY,
        first: [Self::NO_NUMBER; 3],
    };

    #[inline]
    fn push(&mut self, number: u32, class: Class) {
        self.numbers.push(number);
        if let Some(first) = self.first.get_mut(class as usize) {
            *first = number.min(*first);
        }
    }

    /// The first statement of a class that rules decide by.
    #[inline]
    pub(super) fn first(&self, class: Class) -> Option<u32> {
        let first = self.first.get(class as usize).copied();
        first.filter(|number| *number != Self::NO_NUMBER)
    }
}

/// The judging of one call.
#[derive(Clone, Copy)]
struct Judging<'j> {
    statements: &'j Statements,
    document: &'j Document,
    question: &'j Question<'j, 'j>,
    scene: &'j Scene<'j>,
}

impl Judging<'_> {
    /// Judges statements whose keys are those of the call; whether all the numbers are those of
    /// statements.
    #[inline(never)]
    fn keyed(&self, numbers: &[u32], matched: &mut Matched) -> bool {
        let conditions = self.scene.compiled.conditions();
        let mut whole = true;
        for number in numbers {
            let Some(statement) = self.statements.statement(*number) else {
                whole = false;
                continue;
            };
            let takes_effect = if statement.is_settled() {
                conditions.take_effect(&statement.when, statement.restricts, self.scene)
            } else {
                self.takes_effect(*number, statement, statement.residual)
            };
            if takes_effect {
                matched.push(*number, statement.class);
            }
        }
        whole
    }

    /// As [`Judging::keyed`], of statements of which nothing has been compared.
    #[inline(never)]
    fn unkeyed(&self, numbers: &[u32], matched: &mut Matched) -> bool {
        let mut whole = true;
        for number in numbers {
            match self.statements.statement(*number) {
                Some(statement) if self.takes_effect(*number, statement, Dims::ALL) => {
                    matched.push(*number, statement.class);
                }
                Some(_) => {}
                None => whole = false,
            }
        }
        whole
    }

    #[inline(never)]
    fn takes_effect(&self, number: u32, statement: &Statement, dims: Dims) -> bool {
        let selector = if let Some(place) = self.statements.raise(number) {
            self.document.raises.get(place).map(Stated::selector)
        } else if let Some(place) = self.statements.limit(number) {
            self.document.limits.get(place).map(Stated::selector)
        } else {
            let rule = self.document.rules.get(number as usize);
            rule.map(Stated::selector)
        };
        let question = self.question;
        let judge = |resource| {
            let scene = Scene {
                resource,
                ..*self.scene
            };
            judge(statement, selector, dims, question, &scene).takes_effect(statement.restricts)
        };
        if !statement.per_resource {
            return judge(None);
        }
        let mut resources = question.resources().iter();
        if statement.restricts {
            resources.any(|resource| judge(Some(resource)))
        } else {
            !question.resources().is_empty() && resources.all(|resource| judge(Some(resource)))
        }
    }
}

/// Calls `see` with each resource that `limit` is about, which is about the call; once without a
/// resource where it does not count resources apart.
pub(super) fn per_resource(
    judgement: &Judgement<'_>,
    limit: &Limit,
    number: u32,
    question: &Question<'_, '_>,
    mut see: impl FnMut(Option<&NamedResource<'_>>),
) {
    if !limit.is_per_resource() {
        return see(None);
    }
    let Some(statement) = judgement.statements().statement(number) else {
        return see(None);
    };
    let memo = Memo::new();
    for resource in question.resources() {
        let scene = question.scene(Some(resource), &memo);
        let truth = judge(
            statement,
            Some(&limit.selector),
            Dims::ALL,
            question,
            &scene,
        );
        if truth.takes_effect(true) {
            see(Some(resource));
        }
    }
}

fn judge(
    statement: &Statement,
    selector: Option<&Selector>,
    dims: Dims,
    question: &Question<'_, '_>,
    scene: &Scene<'_>,
) -> Truth {
    let selected = match selector {
        _ if dims.is_empty() => Truth::Yes,
        Some(selector) => selector::holds(selector, dims, statement.restricts, question, scene),
        None => Truth::Unknown,
    };
    if selected == Truth::No {
        return Truth::No;
    }
    let conditions = scene.compiled.conditions();
    selected.min(conditions.both_hold(statement.when, scene))
}
