//! Closed tables: pointers to what may stand in an object.

use super::fact::Place;
use super::faults::Faults;
use super::fields::shown;
use super::known::find;
use super::matcher::{declared, optional};
use super::names::pointer;
use super::node::Entry;
use crate::DiagnosticCode as Code;
use crate::document::{Argument, Matcher, Pointer};

/// Reads what is declared by `entries`, which are ordered by pointer; `depth` tables of matchers
/// are around them.
pub(super) fn closed<'n, 't: 'n>(
    entries: impl Iterator<Item = &'n Entry<'t>> + Clone,
    place: &Place<'_>,
    depth: u32,
) -> Vec<Argument> {
    let arguments = entries.clone();
    let arguments: Vec<Argument> = arguments
        .filter_map(|entry| argument(entry, place, depth))
        .collect();
    for entry in entries {
        outside_others(entry, &arguments, place.faults);
    }
    arguments
}

fn argument(entry: &Entry<'_>, place: &Place<'_>, depth: u32) -> Option<Argument> {
    let matcher = declared(&entry.node, place, depth.saturating_add(1));
    let optional = optional(&entry.node, place);
    Some(Argument {
        pointer: argument_pointer(entry, &matcher, place.faults)?,
        matcher,
        optional,
    })
}

/// The key of an argument: a pointer through objects only.
fn argument_pointer(entry: &Entry<'_>, matcher: &Matcher, faults: &Faults<'_>) -> Option<Pointer> {
    let (key, span) = (entry.key, entry.key_span);
    if key.is_empty() && !matches!(matcher, Matcher::Open) {
        let help = "write `/` and the name of the argument";
        faults.add_with_help(
            Code::BadPointer,
            span,
            "the name of an argument is empty",
            help,
        );
        return None;
    }
    if !key.is_empty() && !key.starts_with('/') {
        let message = format!("`{}` is no pointer to an argument", shown(key));
        let help = format!("write `\"/{}\"`", shown(key));
        faults.add_with_help(Code::BadPointer, span, message, help);
        return None;
    }
    let at = pointer(key, span, faults)?;
    if let Some(token) = at.tokens().find(|token| is_index(token)) {
        let message = format!("`{token}` in `{}` is a place in an array", shown(key));
        let help = "declare the array, and say in `array.each` what its items are";
        faults.add_with_help(Code::BadPointer, span, message, help);
    }
    Some(at)
}

fn is_index(token: &str) -> bool {
    !token.is_empty() && token.bytes().all(|byte| byte.is_ascii_digit())
}

/// Reports an argument that lies inside another one, which is not open.
fn outside_others(entry: &Entry<'_>, arguments: &[Argument], faults: &Faults<'_>) {
    let mut outer = entry.key;
    while let Some((shorter, _)) = outer.rsplit_once('/') {
        let is_around = |found: &Argument| !matches!(found.matcher, Matcher::Open);
        if find(arguments, shorter).is_some_and(is_around) {
            let message = format!(
                "argument `{}` lies inside `{}`",
                shown(entry.key),
                shown(shorter)
            );
            let help = "declare either an object's members or the object as a whole";
            faults.add_with_help(Code::NestedArgument, entry.key_span, message, help);
            return;
        }
        outer = shorter;
    }
}
