//! Finding the statements that take effect.

use super::list::List;
use super::selector::{self, Dims};
use super::{Memo, Question, Scene, Truth};
use crate::compile::{Statement, Statements};
use crate::document::{Effect, Raise, Rule, Selector};

/// Something that selects calls.
pub(crate) trait Stated {
    fn selector(&self) -> &Selector;
    fn when(&self) -> &crate::document::Condition;
    /// Whether what is unknown counts as matched.
    fn restricts(&self) -> bool;
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

impl Statements {
    /// The numbers of the statements out of `stated` that take effect, ascending.
    pub(super) fn matched<S: Stated>(&self, stated: &[S], question: &Question<'_, '_>) -> List {
        let mut matched = List::EMPTY;
        if stated.is_empty() {
            return matched;
        }
        let memo = Memo::new();
        self.index()
            .candidates(question.keys(), |numbers, unkeyed| {
                for number in numbers {
                    let Some(statement) = self.statement(*number) else {
                        continue;
                    };
                    let selector = stated.get(*number as usize).map(S::selector);
                    let dims = if unkeyed {
                        Dims::ALL
                    } else {
                        statement.residual
                    };
                    if takes_effect(*statement, selector, dims, question, &memo) {
                        matched.push(*number);
                    }
                }
            });
        matched.sort();
        matched
    }
}

fn takes_effect(
    statement: Statement,
    selector: Option<&Selector>,
    dims: Dims,
    question: &Question<'_, '_>,
    memo: &Memo,
) -> bool {
    let judge = |resource| {
        let scene = question.scene(resource, memo);
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

fn judge(
    statement: Statement,
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
    match (selected, statement.when) {
        (Truth::No, _) => Truth::No,
        (selected, None) => selected,
        (selected, Some(when)) => selected.min(scene.compiled.conditions().holds(when, scene)),
    }
}
