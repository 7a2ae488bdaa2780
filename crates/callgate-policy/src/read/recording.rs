//! What the log is to keep of the calls of a tool.

use super::faults::Faults;
use super::fields::{Fields, shown, word};
use super::known::find;
use super::names::pointer;
use super::node::{Entry, Node};
use super::tools::undeclared;
use crate::DiagnosticCode as Code;
use crate::document::{Argument, Keeping, Pointer, Recording};

/// The most arguments that are kept in a way of their own.
const MAX_APART: usize = 64;

const WORDS: [(&str, Keeping); 3] = [
    (Keeping::Text.as_str(), Keeping::Text),
    (Keeping::Commitment.as_str(), Keeping::Commitment),
    (Keeping::Digest.as_str(), Keeping::Digest),
];

/// Reads `record`, of a tool that declares `arguments`.
pub(super) fn recording(node: &Node<'_>, arguments: &[Argument], faults: &Faults<'_>) -> Recording {
    let known = ["arguments", "result", "prompt"];
    let is_pointer = |key: &str| key.starts_with('/');
    let Some(fields) = Fields::of_or(node, "`record`", &known, is_pointer, faults) else {
        return Recording::default();
    };
    let keeping = |key| fields.get(key).and_then(|node| word(node, &WORDS, faults));
    let entries = fields.entries().iter();
    let apart: Vec<_> = entries
        .filter(|entry| is_pointer(entry.key))
        .filter_map(|entry| apart(entry, arguments, faults))
        .collect();
    if apart.len() > MAX_APART {
        let message = format!(
            "`record` names {} arguments, at most {MAX_APART} are allowed",
            apart.len()
        );
        faults.add(Code::TooMany, node.span, message);
    }
    Recording {
        arguments: keeping("arguments"),
        result: keeping("result"),
        prompt: keeping("prompt"),
        apart: not_nested(apart, node, faults),
    }
}

fn apart(
    entry: &Entry<'_>,
    arguments: &[Argument],
    faults: &Faults<'_>,
) -> Option<(Pointer, Keeping)> {
    let keeping = word(&entry.node, &WORDS, faults);
    let place = pointer(entry.key, entry.key_span, faults)?;
    if find(arguments, place.as_str()).is_none() {
        undeclared(place.as_str(), entry.key_span, arguments, faults);
        return None;
    }
    Some((place, keeping?))
}

/// What lies inside another argument is kept with that one.
fn not_nested(
    apart: Vec<(Pointer, Keeping)>,
    node: &Node<'_>,
    faults: &Faults<'_>,
) -> Vec<(Pointer, Keeping)> {
    for (inner, _) in &apart {
        let outer = apart.iter().find(|(outer, _)| {
            let rest = inner.as_str().strip_prefix(outer.as_str());
            rest.is_some_and(|rest| rest.starts_with('/'))
        });
        if let Some((outer, _)) = outer {
            let message = format!(
                "argument `{}` lies inside `{}`, which `record` names, too",
                shown(inner.as_str()),
                shown(outer.as_str())
            );
            faults.add(Code::BadPointer, node.span, message);
        }
    }
    apart
}
