//! Collects what is wrong, so that an author sees all of it at once.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::lines::Lines;
use super::nearest::nearest;
use super::node::Span;
use super::shared::Shared;
use crate::{Diagnostic, DiagnosticCode, Diagnostics, Position, Severity};

/// What was found wrong so far with one text, and with those that it includes.
///
/// Readers report here and go on with whatever they have: a document that was read while faults
/// were found is thrown away. Spans count through all texts as if they stood one after the other:
/// what [`Faults::open`] returns is where the spans of a text begin.
pub(crate) struct Faults<'a> {
    first: File<&'a str>,
    further: RefCell<Vec<File<Arc<str>>>>,
    /// With the number of the file, by which they are put in order.
    found: RefCell<Vec<(usize, Diagnostic)>>,
    omitted: Cell<usize>,
    /// Stands here because whoever reads has this at hand.
    shared: Shared,
}

/// One text.
struct File<T> {
    name: Arc<str>,
    /// Where its spans begin.
    base: usize,
    lines: Lines<T>,
}

impl<T: AsRef<str>> File<T> {
    /// Where the spans of the next file begin: the end of one text is not the beginning of another.
    fn next(&self) -> usize {
        let end = self.base.saturating_add(self.lines.length());
        end.saturating_add(1)
    }

    fn line(&self, span: Span) -> u32 {
        self.lines.line(span.start.saturating_sub(self.base))
    }

    fn positions(&self, span: Span) -> (Position, Position) {
        let position = |at: usize| self.lines.position(at.saturating_sub(self.base));
        (position(span.start), position(span.end))
    }
}

impl<'a> Faults<'a> {
    pub(crate) fn new(text: &'a str, file: &str) -> Self {
        Self {
            first: File {
                name: file.into(),
                base: 0,
                lines: Lines::of(text),
            },
            further: RefCell::default(),
            found: RefCell::default(),
            omitted: Cell::new(0),
            shared: Shared::default(),
        }
    }

    /// What was read before.
    pub(super) const fn shared(&self) -> &Shared {
        &self.shared
    }

    /// Adds the text of another file, and says where its spans begin.
    pub(crate) fn open(&self, text: &Arc<str>, file: &str) -> usize {
        let mut further = self.further.borrow_mut();
        let base = further.last().map_or_else(|| self.first.next(), File::next);
        further.push(File {
            name: file.into(),
            base,
            lines: Lines::of(Arc::clone(text)),
        });
        base
    }

    /// Reports an error at `span`.
    pub(crate) fn add(&self, code: DiagnosticCode, span: Span, message: impl Into<String>) {
        self.push(code, span, message.into(), None);
    }

    /// Reports an error at `span`, and says what to write instead.
    pub(crate) fn add_with_help(
        &self,
        code: DiagnosticCode,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        self.push(code, span, message.into(), Some(help.into()));
    }

    /// Reports what the author should look at, though the policy loads.
    pub(crate) fn warn(
        &self,
        code: DiagnosticCode,
        span: Span,
        message: impl Into<String>,
        help: impl Into<String>,
    ) {
        if self.is_full() {
            self.omitted.set(self.omitted.get().saturating_add(1));
            return;
        }
        let (file, one) = self.diagnostic(code, span, message.into(), Some(help.into()));
        let one = Diagnostic {
            severity: Severity::Warning,
            ..one
        };
        self.found.borrow_mut().push((file, one));
    }

    /// Reports that `word` at `span` is not among `known`, and names the nearest that is.
    pub(crate) fn add_unknown<'w>(
        &self,
        code: DiagnosticCode,
        span: Span,
        message: impl Into<String>,
        word: &str,
        known: impl IntoIterator<Item = &'w str>,
    ) {
        // What is not kept need not be searched for: a search goes through all that is known.
        let near = if self.is_full() {
            None
        } else {
            nearest(word, known)
        };
        let help = near.map(|near| format!("did you mean `{near}`?"));
        self.push(code, span, message.into(), help);
    }

    /// The file in which `span` lies, and its line there, from 1.
    pub(crate) fn place(&self, span: Span) -> (Arc<str>, u32) {
        let further = self.further.borrow();
        let file = Self::number(&further, span).checked_sub(1);
        match file.and_then(|at| further.get(at)) {
            None => (Arc::clone(&self.first.name), self.first.line(span)),
            Some(file) => (Arc::clone(&file.name), file.line(span)),
        }
    }

    /// Where `other` stands, for a message at `span`: `line 3`, or `roles.toml:3`.
    pub(crate) fn seen_from(&self, span: Span, other: Span) -> String {
        let further = self.further.borrow();
        let number = |span| Self::number(&further, span);
        let (file, line) = self.place(other);
        if number(span) == number(other) {
            format!("line {line}")
        } else {
            format!("{file}:{line}")
        }
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Everything that was found, in the order of the text.
    pub(crate) fn into_diagnostics(self) -> Diagnostics {
        let mut found = self.found.take();
        found.sort_by_key(|(file, one)| (*file, one.start, one.end));
        // What is wrong with a named value is wrong wherever it is used.
        found.dedup();
        let mut found = found.into_iter().map(|(_, one)| one);
        let first = found.next().unwrap_or_else(|| {
            // Whatever gives no document has said why; no text passes for lack of words.
            let message = "the text could not be read".to_owned();
            self.diagnostic(DiagnosticCode::Syntax, Span::default(), message, None)
                .1
        });
        Diagnostics::new(first, found.collect(), self.omitted.get())
    }

    fn is_full(&self) -> bool {
        self.found.borrow().len() >= Diagnostics::MAX
    }

    fn push(&self, code: DiagnosticCode, span: Span, message: String, help: Option<String>) {
        if self.is_full() {
            self.omitted.set(self.omitted.get().saturating_add(1));
            return;
        }
        let one = self.diagnostic(code, span, message, help);
        self.found.borrow_mut().push(one);
    }

    fn diagnostic(
        &self,
        code: DiagnosticCode,
        span: Span,
        message: String,
        help: Option<String>,
    ) -> (usize, Diagnostic) {
        let further = self.further.borrow();
        let number = Self::number(&further, span);
        let file = number.checked_sub(1).and_then(|at| further.get(at));
        let (name, (start, end)) = match file {
            None => (&self.first.name, self.first.positions(span)),
            Some(file) => (&file.name, file.positions(span)),
        };
        let diagnostic = Diagnostic {
            file: Arc::clone(name),
            code,
            severity: Severity::Error,
            message,
            help,
            start,
            end,
        };
        (number, diagnostic)
    }

    /// The number of the file in which `span` begins; the first is 0.
    fn number(further: &[File<Arc<str>>], span: Span) -> usize {
        further.partition_point(|file| file.base <= span.start)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_in_several_files() {
        let faults = Faults::new("ab\nc", "one");
        assert_eq!(faults.open(&"".into(), "two"), 5);
        assert_eq!(faults.open(&"d\ne".into(), "three"), 6);
        let at = |start| Span { start, end: start };
        for (start, file, line) in [
            (0, "one", 1),
            (4, "one", 2),
            (5, "two", 1),
            (6, "three", 1),
            (8, "three", 2),
            (99, "three", 2),
        ] {
            assert_eq!(faults.place(at(start)), (file.into(), line), "{start}");
        }
        assert_eq!(faults.seen_from(at(8), at(6)), "line 1");
        assert_eq!(faults.seen_from(at(8), at(3)), "one:2");
        faults.add(DiagnosticCode::Syntax, at(8), "second");
        faults.add(DiagnosticCode::Syntax, at(3), "first");
        assert_eq!(
            faults.into_diagnostics().to_string(),
            "one:2:1: first\nthree:2:1: second"
        );
    }
}
