//! Places of values: `arguments/amount`, `caller/tenant`.

use std::cell::RefCell;

use super::faults::Faults;
use super::fields::shown;
use super::names::{is_name, pointer};
use super::node::Span;
use crate::DiagnosticCode as Code;
use crate::document::{Fact, FactRoot, Pointer};

/// What the host says of every caller.
pub(super) const CALLER: &[&str] = &["tenant", "subject", "id", "kind", "actor", "verified"];
/// What is said of how the subject was verified.
const VERIFIED: &[&str] = &["method", "issuer", "age"];
/// What a context holds beside the facts that a host names itself.
pub(super) const CONTEXT: &[&str] = &["environment", "session", "task"];
/// What every resource has beside the facts that a host names itself.
pub(super) const RESOURCE: &[&str] = &["kind", "id", "tenant"];

/// Where a condition or matcher stands.
pub(super) struct Place<'n> {
    pub(super) faults: &'n Faults<'n>,
    /// In the arguments of a tool, where matchers say what is accepted before anything is known
    /// of the resources; otherwise in a `when`.
    pub(super) in_tool: bool,
    /// The arguments that are read here, which must exist.
    pub(super) arguments: RefCell<Vec<(Pointer, Span)>>,
}

impl<'n> Place<'n> {
    pub(super) fn new(in_tool: bool, faults: &'n Faults<'n>) -> Self {
        Self {
            faults,
            in_tool,
            arguments: RefCell::default(),
        }
    }

    /// Reads the place `text`.
    pub(super) fn fact(&self, text: &str, span: Span) -> Option<Fact> {
        let faults = self.faults;
        let (root, rest) = text.split_at_checked(text.find('/').unwrap_or(text.len()))?;
        let Some(known) = FactRoot::ALL
            .into_iter()
            .find(|known| known.as_str() == root)
        else {
            let message = format!("unknown root `{}` in `{}`", shown(root), shown(text));
            let roots = FactRoot::ALL.iter().map(|root| root.as_str());
            faults.add_unknown(Code::UnknownFact, span, message, root, roots);
            return None;
        };
        if rest.is_empty() {
            let message = format!("`{root}` alone is no value");
            let help = format!("name one in it, as in `\"{root}/{}\"`", sample(known));
            faults.add_with_help(Code::UnknownFact, span, message, help);
            return None;
        }
        let pointer = pointer(rest, span, faults)?;
        match known {
            FactRoot::Arguments => self.arguments.borrow_mut().push((pointer.clone(), span)),
            FactRoot::Caller => match pointer.tokens().next() {
                Some("verified") => self.verified(&pointer, span)?,
                _ => self.fixed(&pointer, root, CALLER, false, span)?,
            },
            FactRoot::Context => self.fixed(&pointer, root, CONTEXT, true, span)?,
            FactRoot::Resource if self.in_tool => {
                let message = "arguments are judged before anything is known of a resource";
                let help = "compare with it in the `when` of a rule";
                faults.add_with_help(Code::MisplacedKey, span, message, help);
                return None;
            }
            FactRoot::Resource => self.fixed(&pointer, root, RESOURCE, true, span)?,
        }
        Some(Fact {
            root: known,
            pointer,
        })
    }

    /// Checks what stands below `caller/verified`.
    fn verified(&self, pointer: &Pointer, span: Span) -> Option<()> {
        let mut tokens = pointer.tokens().skip(1);
        let Some(name) = tokens.next() else {
            let message = "`caller/verified` alone is no value";
            let help = "name one in it, as in `\"caller/verified/age\"`";
            self.faults
                .add_with_help(Code::UnknownFact, span, message, help);
            return None;
        };
        if !VERIFIED.contains(&name) {
            let message = format!("unknown fact `caller/verified/{}`", shown(name));
            let known = VERIFIED.iter().copied();
            self.faults
                .add_unknown(Code::UnknownFact, span, message, name, known);
            return None;
        }
        if tokens.next().is_some() {
            let message = format!("`caller/verified/{name}` holds nothing further");
            self.faults.add(Code::UnknownFact, span, message);
            return None;
        }
        Some(())
    }

    /// Checks a name of which some are fixed, and others are the host's where it is `open`.
    fn fixed(
        &self,
        pointer: &Pointer,
        root: &str,
        known: &[&str],
        open: bool,
        span: Span,
    ) -> Option<()> {
        let mut tokens = pointer.tokens();
        let name = tokens.next().unwrap_or_default();
        if known.contains(&name) {
            if tokens.len() == 0 {
                return Some(());
            }
            let message = format!("`{root}/{name}` is text and holds nothing further");
            self.faults.add(Code::UnknownFact, span, message);
        } else if open {
            return is_name(name, "the name of a fact", span, self.faults).then_some(());
        } else {
            let message = format!("unknown fact `{root}/{}`", shown(name));
            let known = known.iter().copied();
            self.faults
                .add_unknown(Code::UnknownFact, span, message, name, known);
        }
        None
    }
}

const fn sample(root: FactRoot) -> &'static str {
    match root {
        FactRoot::Arguments => "amount",
        FactRoot::Caller | FactRoot::Resource => "tenant",
        FactRoot::Context => "environment",
    }
}
