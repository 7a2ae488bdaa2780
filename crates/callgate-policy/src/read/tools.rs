//! The catalogue.

use std::collections::BTreeMap;

use callgate_types::{Digest, RiskTier};

use super::closed::closed;
use super::dry_run::dry_runs;
use super::fact::Place;
use super::faults::Faults;
use super::fields::{Fields, boolean, shown, text, word};
use super::known::{accepts_inner, declares, find, holds};
use super::look_alikes::look_alikes;
use super::names::{is_scope, key, name, no_star, pointer};
use super::node::{Node, Span};
use super::recording::recording;
use crate::DiagnosticCode as Code;
use crate::document::{
    Access, Argument, Hints, Recording, ResourceSpec, ScopeDemand, Tool, by_matcher,
};

const TOOL: &[&str] = &[
    "access",
    "scope",
    "tier",
    "resources",
    "arguments",
    "definition",
    "credential",
    "dry_run",
    "reversible",
    "hints",
    "obligations",
    "record",
];

/// The tiers by their words.
pub(super) const TIERS: &[(&str, RiskTier)] = &[
    (RiskTier::ReadOnly.as_str(), RiskTier::ReadOnly),
    (RiskTier::BoundedWrite.as_str(), RiskTier::BoundedWrite),
    (RiskTier::Privileged.as_str(), RiskTier::Privileged),
];

/// Reads `[tools]`.
pub(super) fn tools(node: &Node<'_>, faults: &Faults<'_>) -> BTreeMap<Box<str>, Tool> {
    let Some(table) = Fields::open(node, "tools", faults) else {
        return BTreeMap::new();
    };
    look_alikes(table.entries(), faults);
    let tools = table.entries().iter();
    let mut tools = tools
        .map(|entry| {
            let name = key(entry, "the name of a tool", faults);
            (name, tool(&entry.node, faults))
        })
        .collect();
    dry_runs(table.entries(), &mut tools, faults);
    tools
}

/// Reads one tool. A faulty one is read as far as it goes, so that statements can name it.
fn tool(node: &Node<'_>, faults: &Faults<'_>) -> Tool {
    let (file, line) = faults.place(node.span);
    let mut tool = Tool {
        access: Access::Write,
        scope: ScopeDemand::Unstated,
        tier: RiskTier::BoundedWrite,
        stated_tier: RiskTier::BoundedWrite,
        reversible: true,
        hints: Hints::default(),
        definition: None,
        credential: None,
        dry_run: None,
        resources: Vec::new(),
        arguments: Vec::new(),
        obligations: Vec::new(),
        record: Recording::default(),
        file,
        line,
    };
    let Some(fields) = Fields::of(node, "a tool", TOOL, faults) else {
        return tool;
    };
    let accesses = [("read", Access::Read), ("write", Access::Write)];
    let access = fields
        .need("access")
        .and_then(|node| word(node, &accesses, faults));
    tool.access = access.unwrap_or(Access::Write);
    tool.tier = match tool.access {
        Access::Read => RiskTier::ReadOnly,
        Access::Write => RiskTier::BoundedWrite,
    };
    if let Some(tier) = fields
        .get("tier")
        .and_then(|node| word(node, TIERS, faults))
    {
        tool.tier = tier;
    }
    tool.stated_tier = tool.tier;
    let flag = |node| boolean(node, faults);
    tool.reversible = fields.get("reversible").and_then(flag).unwrap_or(true);
    if let Some(node) = fields.get("hints") {
        tool.hints = hints(node, faults);
    }
    let raised = tool.factors().map(|factor| factor.tier).max();
    tool.tier = raised.map_or(tool.tier, |raised| tool.tier.max(raised));
    if let Some(scope) = fields.get("scope").and_then(|node| demand(node, faults)) {
        tool.scope = scope;
    }
    tool.definition = fields
        .get("definition")
        .and_then(|node| definition(node, faults));
    tool.credential = fields
        .get("credential")
        .and_then(|node| name(node, "the name of a credential", faults));
    if let Some(node) = fields.get("arguments") {
        tool.arguments = arguments(node, faults);
    }
    tool.resources = fields.each("resources", "resources", |node| {
        resource(node, &tool.arguments, faults)
    });
    tool.obligations = fields.each("obligations", "obligations", |node| {
        name(node, "the name of an obligation", faults)
    });
    for argument in &tool.arguments {
        by_matcher(&argument.matcher, &mut tool.obligations);
    }
    if let Some(node) = fields.get("record") {
        tool.record = recording(node, &tool.arguments, faults);
    }
    tool
}

fn hints(node: &Node<'_>, faults: &Faults<'_>) -> Hints {
    let known = ["read_only", "destructive", "open_world"];
    let Some(fields) = Fields::of(node, "`hints`", &known, faults) else {
        return Hints::default();
    };
    let hint = |key| fields.get(key).and_then(|node| boolean(node, faults));
    Hints {
        read_only: hint("read_only"),
        destructive: hint("destructive"),
        open_world: hint("open_world"),
    }
}

fn demand(node: &Node<'_>, faults: &Faults<'_>) -> Option<ScopeDemand> {
    match text(node, "a scope", faults)? {
        "none" => Some(ScopeDemand::None),
        scope => is_scope(scope, node.span, faults).then(|| ScopeDemand::Scope(scope.into())),
    }
}

/// The digest of a tool's definition.
pub(super) fn definition(node: &Node<'_>, faults: &Faults<'_>) -> Option<Digest> {
    let written = text(node, "a digest", faults)?;
    let digest = written.parse::<Digest>();
    if let Err(error) = &digest {
        let message = format!("`{}` is no digest", shown(written));
        faults.add_with_help(Code::BadDigest, node.span, message, error.to_string());
    }
    digest.ok()
}

/// Reads the arguments of a tool, ordered by pointer as the keys of the table are.
fn arguments(node: &Node<'_>, faults: &Faults<'_>) -> Vec<Argument> {
    let Some(table) = Fields::open(node, "arguments", faults) else {
        return Vec::new();
    };
    let place = Place::new(true, faults);
    let arguments = closed(table.entries().iter(), &place, 0);
    for (pointer, span) in place.arguments.into_inner() {
        if !declares(&arguments, &pointer) {
            undeclared(pointer.as_str(), span, &arguments, faults);
        }
    }
    arguments
}

fn resource(node: &Node<'_>, arguments: &[Argument], faults: &Faults<'_>) -> Option<ResourceSpec> {
    let fields = Fields::of(node, "a resource", &["kind", "id", "each"], faults)?;
    let kind = fields.need("kind").and_then(|node| {
        let kind = name(node, "the kind of a resource", faults)?;
        no_star(&kind, "the kind of a resource", node.span, faults);
        Some(kind)
    });
    let place = |node: &Node<'_>| {
        let text = text(node, "a pointer", faults)?;
        Some((pointer(text, node.span, faults)?, node.span))
    };
    let each = fields.get("each").and_then(place);
    let (id, span) = fields.need("id").and_then(place)?;
    match &each {
        Some((each, span)) => {
            let inner = find(arguments, each.as_str()).map(|one| accepts_inner(&one.matcher));
            if inner == Some(false) {
                let message = format!("argument `{}` is no array", shown(each.as_str()));
                faults.add(Code::BadPointer, *span, message);
            } else if !holds(arguments, each) {
                undeclared(each.as_str(), *span, arguments, faults);
            }
        }
        None if fields.get("each").is_none() && !holds(arguments, &id) => {
            undeclared(id.as_str(), span, arguments, faults);
        }
        None => {}
    }
    Some(ResourceSpec {
        kind: kind?,
        each: each.map(|(each, _)| each),
        id,
    })
}

pub(super) fn undeclared(pointer: &str, span: Span, arguments: &[Argument], faults: &Faults<'_>) {
    let message = format!("this tool declares no argument `{}`", shown(pointer));
    let known = arguments.iter().map(|argument| argument.pointer.as_str());
    faults.add_unknown(Code::UnknownArgument, span, message, pointer, known);
}
