//! Collects what is wrong, so that an author sees all of it at once.

use std::cell::{Cell, RefCell};
use std::sync::Arc;

use super::lines::Lines;
use super::nearest::nearest;
use super::node::Span;
use crate::{Diagnostic, DiagnosticCode, Diagnostics, Severity};

/// What was found wrong so far with one text.
///
/// Readers report here and go on with whatever they have: a document that was read while faults
/// were found is thrown away.
pub(crate) struct Faults<'a> {
    file: Arc<str>,
    lines: Lines<'a>,
    found: RefCell<Vec<Diagnostic>>,
    omitted: Cell<usize>,
}

impl<'a> Faults<'a> {
    pub(crate) fn new(text: &'a str, file: &str) -> Self {
        Self {
            file: file.into(),
            lines: Lines::of(text),
            found: RefCell::default(),
            omitted: Cell::new(0),
        }
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
        let one = Diagnostic {
            severity: Severity::Warning,
            ..self.diagnostic(code, span, message.into(), Some(help.into()))
        };
        self.found.borrow_mut().push(one);
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

    /// The line of byte `at`, from 1.
    pub(crate) fn line(&self, span: Span) -> u32 {
        self.lines.line(span.start)
    }

    /// Whether nothing was found.
    pub(crate) fn is_empty(&self) -> bool {
        self.found.borrow().is_empty()
    }

    /// Everything that was found, in the order of the text.
    pub(crate) fn into_diagnostics(self) -> Diagnostics {
        let mut found = self.found.take();
        found.sort_by_key(|one| (one.start, one.end));
        // What is wrong with a named value is wrong wherever it is used.
        found.dedup();
        let mut found = found.into_iter();
        let first = found.next().unwrap_or_else(|| {
            // Whatever gives no document has said why; no text passes for lack of words.
            let message = "the text could not be read".to_owned();
            self.diagnostic(DiagnosticCode::Syntax, Span::default(), message, None)
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
    ) -> Diagnostic {
        Diagnostic {
            file: Arc::clone(&self.file),
            code,
            severity: Severity::Error,
            message,
            help,
            start: self.lines.position(span.start),
            end: self.lines.position(span.end),
        }
    }
}
