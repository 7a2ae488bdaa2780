//! How tools are tried out.

use std::collections::BTreeMap;

use super::faults::Faults;
use super::fields::{Fields, shown, text, wrong_type};
use super::known::find;
use super::names::pointer;
use super::node::{Entry, Node, Value};
use super::tools::undeclared;
use crate::DiagnosticCode as Code;
use crate::document::{DryRun, Pointer, Scalar, Tool};

/// Reads `dry_run` of every tool, once all `tools` are known.
pub(super) fn dry_runs(
    entries: &[Entry<'_>],
    tools: &mut BTreeMap<Box<str>, Tool>,
    faults: &Faults<'_>,
) {
    for entry in entries {
        if let Some(node) = entry.node.member("dry_run") {
            let read = dry_run(&node.node, entry.key, tools, faults);
            if let Some(tool) = tools.get_mut(entry.key) {
                tool.dry_run = read;
            }
        }
    }
}

/// Reads `dry_run` of the tool `own`.
fn dry_run(
    node: &Node<'_>,
    own: &str,
    tools: &BTreeMap<Box<str>, Tool>,
    faults: &Faults<'_>,
) -> Option<DryRun> {
    let fields = Fields::of(node, "`dry_run`", &["tool", "argument", "value"], faults)?;
    let other = match fields.get("tool") {
        None => None,
        Some(node) => {
            let name = text(node, "the name of a tool", faults)?;
            if !tools.contains_key(name) {
                let message = format!("there is no tool `{}`", shown(name));
                let known = tools.keys().map(|name| &**name);
                faults.add_unknown(Code::UnknownTool, node.span, message, name, known);
                return None;
            }
            Some(name).filter(|name| *name != own)
        }
    };
    let tried = tools.get(other.unwrap_or(own))?;
    let argument = match fields.get("argument") {
        None => None,
        Some(node) => Some(argument(node, tried, faults)?),
    };
    let value = match fields.get("value") {
        None => Scalar::Boolean(true),
        Some(node) => value(node, faults)?,
    };
    if argument.is_none() {
        fields.refuse("value", "stands beside `argument` only");
        if other.is_none() {
            let message = "missing key `argument`, or `tool` with the name of another one";
            faults.add(Code::MissingKey, node.span, message);
            return None;
        }
    }
    Some(DryRun {
        tool: other.map(Into::into),
        argument: argument.map(|argument| (argument, value)),
    })
}

fn argument(node: &Node<'_>, tried: &Tool, faults: &Faults<'_>) -> Option<Pointer> {
    let written = text(node, "a pointer", faults)?;
    let argument = pointer(written, node.span, faults)?;
    if find(&tried.arguments, written).is_none() || written.is_empty() {
        undeclared(written, node.span, &tried.arguments, faults);
        return None;
    }
    Some(argument)
}

fn value(node: &Node<'_>, faults: &Faults<'_>) -> Option<Scalar> {
    match node.value {
        Value::Text(text) => Some(Scalar::Text(text.into())),
        Value::Integer(integer) => Some(Scalar::Number(integer.into())),
        Value::Boolean(value) => Some(Scalar::Boolean(value)),
        _ => {
            wrong_type(node, "`true`, `false`, a text or an integer", faults);
            None
        }
    }
}
