//! Finding the statements that take effect.

use super::list::List;
use super::selector::{self, Dims};
use super::{Memo, Question, Scene, Truth};
use crate::compile::{Statement, Statements};
use crate::document::{Document, Effect, Raise, Rule, Selector};

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
    /// The numbers of the statements that take effect, ascending; none where the tables do not
    /// fit together, so that a restriction might be overlooked.
    pub(super) fn matched(&self, document: &Document, question: &Question<'_, '_>) -> List<16> {
        let memo = Memo::new();
        let mut judging = Judging {
            statements: self,
            document,
            question,
            scene: question.scene(None, &memo),
            matched: List::EMPTY,
            whole: true,
        };
        let keys = question.keys();
        self.index()
            .candidates(keys, |numbers| judging.keyed(numbers));
        self.index()
            .of_unknown(keys, |numbers| judging.unkeyed(numbers));
        judging.matched.sort();
        if judging.whole {
            judging.matched
        } else {
            List::EMPTY
        }
    }
}

/// The judging of one call.
struct Judging<'j> {
    statements: &'j Statements,
    document: &'j Document,
    question: &'j Question<'j, 'j>,
    scene: Scene<'j>,
    matched: List<16>,
    /// Whether every number so far is that of a statement.
    whole: bool,
}

impl Judging<'_> {
    /// Judges statements whose keys are those of the call.
    #[expect(clippy::inline_always, reason = "every candidate is judged here")]
    #[inline(always)]
    fn keyed(&mut self, numbers: &[u32]) {
        for number in numbers {
            let Some(statement) = self.statements.statement(*number) else {
                self.whole = false;
                continue;
            };
            let takes_effect = if statement.is_settled() {
                match statement.when() {
                    Some(when) => {
                        let conditions = self.scene.compiled.conditions();
                        conditions.take_effect(when, statement.restricts, &self.scene)
                    }
                    None => true,
                }
            } else {
                self.takes_effect(*number, *statement, statement.residual)
            };
            if takes_effect {
                self.matched.push(*number);
            }
        }
    }

    /// Judges statements of which nothing has been compared.
    #[inline(never)]
    fn unkeyed(&mut self, numbers: &[u32]) {
        for number in numbers {
            match self.statements.statement(*number) {
                Some(statement) if self.takes_effect(*number, *statement, Dims::ALL) => {
                    self.matched.push(*number);
                }
                Some(_) => {}
                None => self.whole = false,
            }
        }
    }

    #[inline(never)]
    fn takes_effect(&self, number: u32, statement: Statement, dims: Dims) -> bool {
        let selector = if let Some(place) = self.statements.raise(number) {
            self.document.raises.get(place).map(Stated::selector)
        } else {
            let rule = self.document.rules.get(number as usize);
            rule.map(Stated::selector)
        };
        let question = self.question;
        let judge = |resource| {
            let scene = Scene {
                resource,
                ..self.scene
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
    match (selected, statement.when()) {
        (Truth::No, _) => Truth::No,
        (selected, None) => selected,
        (selected, Some(when)) => selected.min(scene.compiled.conditions().holds(when, scene)),
    }
}
