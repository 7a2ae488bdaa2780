//! What holds of one word of a command.

use super::super::faults::Faults;
use super::super::fields::{Fields, count, text};
use super::super::node::Node;
use super::super::shared::regular_expression;
use super::texts;
use crate::DiagnosticCode as Code;
use crate::document::shell::{Inside, Listed, Operands, Rule, Types};

/// The keys of a rule.
const RULE: &[&str] = &["equals", "one_of", "matches", "inside"];
const REPEATED: &[&str] = &["equals", "one_of", "matches", "inside", "repeat"];
const OPERANDS: &[&str] = &[
    "equals",
    "one_of",
    "matches",
    "inside",
    "min",
    "max",
    "types",
    "refuse_types",
];

/// Reads a rule; an empty table asks nothing.
pub(super) fn rule(node: &Node<'_>, has_cwd: bool, faults: &Faults<'_>) -> Option<Rule> {
    let fields = Fields::of(node, "the rule of a value", RULE, faults)?;
    Some(of(&fields, has_cwd, faults))
}

/// Reads a rule in a list of words, and whether it holds of any number of them.
pub(super) fn repeated(
    node: &Node<'_>,
    has_cwd: bool,
    faults: &Faults<'_>,
) -> Option<(Rule, bool)> {
    let fields = Fields::of(node, "the rule of a word", REPEATED, faults)?;
    Some((of(&fields, has_cwd, faults), fields.flag("repeat")))
}

/// Reads what operands are accepted.
pub(super) fn operands(node: &Node<'_>, has_cwd: bool, faults: &Faults<'_>) -> Option<Operands> {
    let fields = Fields::of(node, "`operands`", OPERANDS, faults)?;
    let limit = |key| {
        let count = fields
            .get(key)
            .and_then(|node| count(node, 0, u64::from(u32::MAX), faults));
        count.and_then(|count| u32::try_from(count).ok())
    };
    let (min, max) = (limit("min").unwrap_or(0), limit("max"));
    if max.is_some_and(|max| max < min) {
        let message = "`min` is greater than `max`: nothing matches";
        faults.add(Code::BadRange, fields.span(), message);
    }
    let words = |key| texts(&fields, key, "types of resources", faults, |_, _| true);
    let types = if fields.get("types").is_some() {
        fields.refuse("refuse_types", "stands beside `types`: write one of them");
        Some(Types::Only(Listed::new(words("types").into_vec())))
    } else if fields.get("refuse_types").is_some() {
        Some(Types::AllBut(Listed::folded(
            words("refuse_types").into_vec(),
        )))
    } else {
        None
    };
    Some(Operands {
        rule: of(&fields, has_cwd, faults),
        min,
        max,
        types,
    })
}

fn of(fields: &Fields<'_, '_>, has_cwd: bool, faults: &Faults<'_>) -> Rule {
    let equals = fields.get("equals");
    let equals = equals.and_then(|node| text(node, "a word", faults));
    if equals.is_some() {
        fields.refuse("one_of", "stands beside `equals`: write one of them");
    }
    let one_of = match equals {
        Some(word) => Some([word.into()].into()),
        None => fields
            .get("one_of")
            .map(|_| texts(fields, "one_of", "words", faults, |_, _| true)),
    };
    let matches = fields.get("matches");
    let matches = matches.and_then(|node| regular_expression(node, faults));
    let inside = fields.entry("inside").and_then(|entry| {
        if !has_cwd {
            let message = "`inside` needs to know the directory in which the commands run";
            let help = "name it as `cwd` in `shell`";
            faults.add_with_help(Code::MissingKey, entry.key_span, message, help);
        }
        inside(&entry.node, faults)
    });
    Rule {
        one_of,
        matches,
        inside,
    }
}

fn inside(node: &Node<'_>, faults: &Faults<'_>) -> Option<Inside> {
    let fields = Fields::of(node, "`inside`", &["until", "dots"], faults)?;
    let until = fields.get("until");
    let until = until.and_then(|node| {
        let until = text(node, "the end of a path", faults)?;
        if until.is_empty() {
            faults.add(Code::BadName, node.span, "`until` is empty");
        }
        Some(until.into())
    });
    Some(Inside {
        until,
        dots: fields.flag("dots"),
    })
}
