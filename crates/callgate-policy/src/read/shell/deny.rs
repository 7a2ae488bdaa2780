//! Commands that must not run.

use super::super::faults::Faults;
use super::super::fields::{Fields, shown, word};
use super::super::node::{Node, Value};
use super::{MAX, texts};
use crate::DiagnosticCode as Code;
use crate::document::shell::deny::{self, Denied, Deny};

/// Reads `deny` of the matcher `shell`.
pub(super) fn deny(node: &Node<'_>, faults: &Faults<'_>) -> Option<Deny> {
    let fields = Fields::of(node, "`deny`", &["commands", "code"], faults)?;
    let codes = [("refuse", deny::Code::Refuse), ("read", deny::Code::Read)];
    let code = fields.get("code");
    let code = code.and_then(|node| word(node, &codes, faults));
    fields.need("commands");
    let nodes = fields.list("commands", "commands").unwrap_or_default();
    if nodes.len() > MAX {
        let message = format!("expected at most {MAX} commands, found {}", nodes.len());
        faults.add(Code::TooMany, fields.span(), message);
        return None;
    }
    let mut commands: Vec<Denied> = Vec::new();
    for node in nodes {
        for denied in denied(node, faults).unwrap_or_default() {
            if commands.iter().any(|one| one.name == denied.name) {
                let message = format!("`{}` is listed twice", shown(&denied.name));
                faults.add(Code::DuplicateId, node.span, message);
            }
            commands.push(denied);
        }
    }
    commands.sort_by(|one, other| one.name.cmp(&other.name));
    Some(Deny {
        commands: commands.into(),
        code: code.unwrap_or_default(),
    })
}

/// Reads a name, or several with the words that they must not run with.
fn denied(node: &Node<'_>, faults: &Faults<'_>) -> Option<Vec<Denied>> {
    if let Value::Text(name) = node.value {
        return check_name(node, name, faults).then(|| {
            vec![Denied {
                name: name.into(),
                with: Box::default(),
            }]
        });
    }
    let fields = Fields::of(node, "a command", &["names", "with"], faults)?;
    fields.need("names");
    fields.list("names", "commands");
    let names = texts(&fields, "names", "commands", faults, |node, name| {
        check_name(node, name, faults)
    });
    fields.list("with", "words");
    let with = texts(&fields, "with", "words", faults, |node, word| {
        if word.is_empty() {
            faults.add(Code::BadName, node.span, "a word of `with` is empty");
        }
        !word.is_empty()
    });
    let denied = |name| Denied {
        name,
        with: with.clone(),
    };
    Some(names.into_iter().map(denied).collect())
}

fn check_name(node: &Node<'_>, name: &str, faults: &Faults<'_>) -> bool {
    let is_clean = |letter: char| letter.is_ascii_alphanumeric() || "-_.+[".contains(letter);
    if name.is_empty() || !name.chars().all(is_clean) {
        let message = format!("`{}` is no name of a command", shown(name));
        let help = "write a name without a path: it is refused behind any path";
        faults.add_with_help(Code::BadName, node.span, message, help);
        return false;
    }
    true
}
