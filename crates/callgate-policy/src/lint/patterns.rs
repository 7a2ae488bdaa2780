//! Regular expressions and lists that are wider than they look.

use regex_syntax::ast::{self, Ast, RepetitionKind, RepetitionRange};

use super::view::View;
use super::walk::{self, spelled};
use crate::DiagnosticCode as Code;
use crate::document::{Effect, Matcher};
use crate::read::{Span, shown};

/// Where an expression or a list that grants lets more through than it seems to.
pub(super) fn of_all(view: &View<'_>) {
    for (name, tool) in &view.document.tools {
        for argument in &tool.arguments {
            let span = view.key(&["tools", name, "arguments", argument.pointer.as_str()]);
            of_matcher(view, &argument.matcher, span);
        }
    }
    for rule in &view.document.rules {
        if rule.effect == Effect::Permit {
            walk::values(&rule.when, &mut |fact, matcher, negated| {
                if !negated {
                    of_matcher(view, matcher, view.rule(rule).fact(&spelled(fact)));
                }
            });
        }
    }
}

/// The nesting of the document bounds the recursion.
fn of_matcher(view: &View<'_>, matcher: &Matcher, span: Span) {
    match matcher {
        Matcher::All(matchers) | Matcher::Any(matchers) => {
            for one in matchers {
                of_matcher(view, one, span);
            }
        }
        Matcher::Nullable(inner) => of_matcher(view, inner, span),
        Matcher::Object(fields) => {
            for field in fields {
                of_matcher(view, &field.matcher, span);
            }
        }
        Matcher::Array { each, some, .. } => [each, some]
            .into_iter()
            .flatten()
            .for_each(|one| of_matcher(view, one, span)),
        Matcher::Matches(pattern) => {
            let source = pattern.source();
            let Ok(ast) = ast::parse::Parser::new().parse(source) else {
                return;
            };
            let found = ast::visit(&ast, Search::default()).unwrap_or_default();
            if found.anything {
                let message = format!("`{}` lets any characters through", shown(source));
                let help = "name the characters that may stand there, as in `[a-z0-9-]*`";
                view.warn(Code::WidePattern, span, message, help);
            }
            if found.loose_dot {
                let message = format!("a `.` in `{}` stands for any character", shown(source));
                let help = "write `\\.` in a text between single quotes, or `[.]`";
                view.warn(Code::LooseDot, span, message, help);
            }
        }
        Matcher::ShellDeny(_) => {
            let message = "a list of what must not run lets everything else run";
            let help = "list the commands that may run, as `commands` of `shell`";
            view.warn(Code::DenyList, span, message.to_owned(), help);
        }
        _ => {}
    }
}

/// What there is in an expression.
#[derive(Default)]
struct Search {
    /// A dot, any number of times.
    anything: bool,
    /// A single dot between letters or digits.
    loose_dot: bool,
}

impl ast::Visitor for Search {
    type Output = Self;
    type Err = ();

    fn finish(self) -> Result<Self, ()> {
        Ok(self)
    }

    fn visit_pre(&mut self, ast: &Ast) -> Result<(), ()> {
        match ast {
            Ast::Repetition(repetition) => {
                let unbounded = matches!(
                    repetition.op.kind,
                    RepetitionKind::ZeroOrMore
                        | RepetitionKind::OneOrMore
                        | RepetitionKind::Range(RepetitionRange::AtLeast(_))
                );
                self.anything |= unbounded && matches!(*repetition.ast, Ast::Dot(_));
            }
            Ast::Concat(concat) => {
                let word = |ast: &Ast| match ast {
                    Ast::Literal(literal) => literal.c.is_alphanumeric(),
                    _ => false,
                };
                self.loose_dot |= concat.asts.windows(3).any(|three| match three {
                    [before, Ast::Dot(_), after] => word(before) && word(after),
                    _ => false,
                });
            }
            _ => {}
        }
        Ok(())
    }
}
