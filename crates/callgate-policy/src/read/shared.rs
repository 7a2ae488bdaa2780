//! What a policy says many times, and is kept once.

use std::cell::RefCell;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

use callgate_types::quick_hash::Build;

use super::faults::Faults;
use super::fields::text;
use super::node::Node;
use crate::DiagnosticCode as Code;
use crate::document::{NamePattern, Pattern, Pointer};

/// Names, pointers and expressions that were read before. It holds no more than stands in the
/// text.
#[derive(Default)]
pub(super) struct Shared {
    names: RefCell<HashSet<Arc<str>, Build>>,
    pointers: RefCell<HashMap<Box<str>, Pointer, Build>>,
    patterns: RefCell<HashMap<Box<str>, Pattern, Build>>,
}

impl Shared {
    /// The pattern `text` for a name.
    pub(super) fn name(&self, text: &str) -> NamePattern {
        let mut names = self.names.borrow_mut();
        if let Some(known) = names.get(text) {
            return NamePattern::new(Arc::clone(known));
        }
        let new: Arc<str> = text.into();
        names.insert(Arc::clone(&new));
        NamePattern::new(new)
    }

    /// The pointer `text`, if it is one.
    pub(super) fn pointer(&self, text: &str) -> Option<Pointer> {
        let known = self.pointers.borrow().get(text).cloned();
        known.or_else(|| {
            let new = Pointer::parse(text)?;
            let mut pointers = self.pointers.borrow_mut();
            pointers.insert(text.into(), new.clone());
            Some(new)
        })
    }
}

/// Reads a regular expression; compiles each once.
pub(super) fn regular_expression(node: &Node<'_>, faults: &Faults<'_>) -> Option<Pattern> {
    let source = text(node, "a regular expression", faults)?;
    let patterns = &faults.shared().patterns;
    let known = patterns.borrow().get(source).cloned();
    if known.is_some() {
        return known;
    }
    match Pattern::new(source) {
        Ok(pattern) => {
            patterns.borrow_mut().insert(source.into(), pattern.clone());
            Some(pattern)
        }
        Err(error) => {
            let message = error.to_string();
            match error.help() {
                None => faults.add(Code::BadPattern, node.span, message),
                Some(help) => faults.add_with_help(Code::BadPattern, node.span, message, help),
            }
            None
        }
    }
}
