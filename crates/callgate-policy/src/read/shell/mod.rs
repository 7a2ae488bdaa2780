//! Command lines: what may run, or what must not.

mod command;
mod deny;
mod options;
mod rule;

use super::faults::Faults;
use super::fields::{Fields, shown, text, word};
use super::node::Node;
use crate::DiagnosticCode as Code;
use crate::document::Matcher;
use crate::document::shell::{Command, Joins, Listed, Shell};

/// The most commands, and the most of anything that a command lists.
const MAX: usize = 1024;

const KEYS: &[&str] = &["cwd", "paths", "join", "redirect", "commands", DENY];
/// What stands alone: a list of what must not run.
const DENY: &str = "deny";

/// Reads the matcher `shell`.
pub(super) fn shell(node: &Node<'_>, faults: &Faults<'_>) -> Option<Matcher> {
    let fields = Fields::of(node, "`shell`", KEYS, faults)?;
    if let Some(node) = fields.get(DENY) {
        for key in KEYS.iter().filter(|key| **key != DENY) {
            fields.refuse(key, "stands beside `deny`, which says what must not run");
        }
        let deny = deny::deny(node, faults)?;
        return Some(Matcher::ShellDeny(Box::new(deny)));
    }
    permitted(&fields, faults).map(|shell| Matcher::Shell(Box::new(shell)))
}

fn permitted(fields: &Fields<'_, '_>, faults: &Faults<'_>) -> Option<Shell> {
    let cwd = fields.get("cwd").and_then(|node| folder(node, faults));
    fields.list("paths", "directories");
    let paths = fields.each("paths", "directories", |node| folder(node, faults));
    fields.list("join", "separators");
    let mut joins = Joins::default();
    for join in fields.each("join", "separators", |node| word(node, JOINS, faults)) {
        join(&mut joins);
    }
    let redirects = [("none", false), ("dev-null", true)];
    let redirect = fields.get("redirect");
    let dev_null = redirect.and_then(|node| word(node, &redirects, faults));
    fields.need("commands");
    let nodes = fields.list("commands", "commands").unwrap_or_default();
    if nodes.len() > MAX {
        let message = format!("expected at most {MAX} commands, found {}", nodes.len());
        faults.add(Code::TooMany, fields.span(), message);
        return None;
    }
    let mut commands: Vec<Command> = Vec::new();
    for node in nodes {
        let found = command::commands(node, cwd.is_some(), faults);
        for (command, span) in found.unwrap_or_default() {
            let same = |one: &Command| one.name == command.name;
            if commands.iter().any(same) {
                let message = format!("`{}` is listed twice", shown(&command.name));
                faults.add(Code::DuplicateId, span, message);
            }
            commands.push(command);
        }
    }
    Some(Shell {
        cwd,
        paths: paths.into(),
        joins,
        dev_null: dev_null.unwrap_or(false),
        commands: Listed::new(commands),
    })
}

type Permit = fn(&mut Joins);

const JOINS: &[(&str, Permit)] = &[
    ("&&", |joins| joins.and = true),
    ("||", |joins| joins.or = true),
    (";", |joins| joins.semicolon = true),
    ("|", |joins| joins.pipe = true),
    ("newline", |joins| joins.newline = true),
];

/// Reads the path of a directory as it is compared: absolute, without anything to simplify.
fn folder(node: &Node<'_>, faults: &Faults<'_>) -> Option<Box<str>> {
    let path = text(node, "the path of a directory", faults)?;
    let mut parts = path.split('/');
    let is_clean = path == "/"
        || (parts.next() == Some("") && parts.all(|part| !matches!(part, "" | "." | "..")));
    if !is_clean {
        let message = format!("`{}` is no absolute path in its simplest form", shown(path));
        let help = "write it as in `/usr/bin`";
        faults.add_with_help(Code::BadName, node.span, message, help);
        return None;
    }
    Some(path.into())
}

/// Reads the texts of the list `key`, each of which `check` accepts; absent is none.
fn texts(
    fields: &Fields<'_, '_>,
    key: &str,
    what: &str,
    faults: &Faults<'_>,
    check: impl Fn(&Node<'_>, &str) -> bool,
) -> Box<[Box<str>]> {
    if let Some(items) = fields.list(key, what)
        && items.len() > MAX
    {
        let message = format!("expected at most {MAX} in `{key}`, found {}", items.len());
        faults.add(Code::TooMany, fields.span(), message);
        return Box::default();
    }
    let texts = fields.each(key, what, |node| {
        let text = text(node, what, faults)?;
        check(node, text).then(|| text.into())
    });
    texts.into()
}
