//! Calls with the decision that their author expects.

use callgate_types::{Code as DecisionCode, DecisionKind, Digest, Facts, Resource};
use serde_json::Value as Json;

use super::example_caller::caller;
use super::fact::CONTEXT;
use super::faults::Faults;
use super::fields::{Fields, shown, text, word};
use super::known::Known;
use super::names::{is_name, name};
use super::node::{Node, Value};
use super::rules::{has_rule, tables};
use super::timing::moment;
use super::tools::definition;
use crate::DiagnosticCode as Code;
use crate::document::{Example, Rule};

const EXAMPLE: &[&str] = &[
    "caller",
    "environment",
    "time",
    "session",
    "task",
    "resources",
    "context",
    "call",
    "gets",
    "rule",
    "code",
];
/// The most facts of one resource or context.
const MAX_FACTS: usize = 100;
const DECISIONS: &[(&str, DecisionKind)] = &[
    (DecisionKind::Allow.as_str(), DecisionKind::Allow),
    (DecisionKind::Ask.as_str(), DecisionKind::Ask),
    (DecisionKind::Deny.as_str(), DecisionKind::Deny),
];

/// Reads `[[examples]]`, in the order of the text.
pub(super) fn examples(
    node: Option<&Node<'_>>,
    rules: &[Rule],
    known: &Known<'_>,
    faults: &Faults<'_>,
) -> Vec<Example> {
    let items = node.map_or(&[][..], |node| tables(node, "examples", faults));
    let read = items
        .iter()
        .filter_map(|item| example(item, rules, known, faults));
    read.collect()
}

fn example(
    node: &Node<'_>,
    rules: &[Rule],
    known: &Known<'_>,
    faults: &Faults<'_>,
) -> Option<Example> {
    let fields = Fields::of(node, "an example", EXAMPLE, faults)?;
    let named = |key, what| fields.get(key).and_then(|node| name(node, what, faults));
    let codes = DecisionCode::ALL.map(|code| (code.as_str(), code));
    let code = fields
        .get("code")
        .and_then(|node| word(node, &codes, faults));
    let rule = named("rule", "the id of a rule");
    if let (Some(id), Some(node)) = (&rule, fields.get("rule"))
        && !has_rule(rules, id)
    {
        let message = format!("unknown rule `{}`", shown(id));
        let ids = rules.iter().map(|rule| &*rule.id);
        faults.add_unknown(Code::UnknownRule, node.span, message, id, ids);
    }
    let time = fields.get("time").and_then(|node| moment(node, faults));
    let caller = fields
        .get("caller")
        .map(|node| caller(node, time, known, faults));
    let environment = named("environment", "the environment");
    let session = named("session", "the session");
    let task = named("task", "the task");
    let resources = fields.each("resources", "resources", |node| {
        resource(node, known, faults)
    });
    let facts = fields.get("context").map(|node| context(node, faults));
    let call = fields
        .need("call")
        .and_then(|node| call(node, code, known, faults));
    let gets = fields
        .need("gets")
        .and_then(|node| word(node, DECISIONS, faults));
    let (tool, arguments, definition) = call?;
    let (file, line) = faults.place(node.span);
    Some(Example {
        caller: match caller {
            Some(caller) => Some(caller?),
            None => None,
        },
        environment,
        time,
        session,
        task,
        resources,
        facts: facts.unwrap_or_default(),
        tool,
        definition,
        arguments,
        gets: gets?,
        rule,
        code,
        file,
        line,
    })
}

fn resource(node: &Node<'_>, known: &Known<'_>, faults: &Faults<'_>) -> Option<Resource> {
    let fields = Fields::open(node, "a resource", faults)?;
    let named = |node: &Node<'_>, what: &str| name(node, what, faults);
    let kind = fields.need("kind").and_then(|node| {
        let kind = named(node, "the kind of a resource")?;
        known.kind(&kind, node.span, faults);
        Some(kind)
    });
    let id = fields
        .need("id")
        .and_then(|node| named(node, "the id of a resource"));
    let tenant = fields
        .get("tenant")
        .and_then(|node| named(node, "the tenant"));
    let facts = facts(&fields, super::fact::RESOURCE, faults);
    let resource = Resource::new(kind?, id?).with_facts(facts);
    Some(match tenant {
        Some(tenant) => resource.tenant(tenant),
        None => resource,
    })
}

fn context(node: &Node<'_>, faults: &Faults<'_>) -> Facts {
    let Some(fields) = Fields::open(node, "`context`", faults) else {
        return Facts::new();
    };
    for key in CONTEXT {
        fields.refuse(
            key,
            "is no fact of the host: an example names it beside its `context`",
        );
    }
    facts(&fields, CONTEXT, faults)
}

/// The facts that a host gives under names of its own.
fn facts(fields: &Fields<'_, '_>, others: &[&str], faults: &Faults<'_>) -> Facts {
    let mut facts = Facts::new();
    let entries = fields.entries();
    if entries.len() > MAX_FACTS {
        let message = format!("{} facts, at most {MAX_FACTS} are allowed", entries.len());
        faults.add(Code::TooMany, fields.span(), message);
        return facts;
    }
    for entry in entries {
        let is_named = || is_name(entry.key, "the name of a fact", entry.key_span, faults);
        if !others.contains(&entry.key) && is_named() {
            facts.set(entry.key, &json(&entry.node));
            if facts.get(entry.key).is_none() {
                let message = format!("fact `{}` is too large or too deep", shown(entry.key));
                faults.add(Code::TooDeep, entry.node.span, message);
            }
        }
    }
    facts
}

fn call(
    node: &Node<'_>,
    code: Option<DecisionCode>,
    known: &Known<'_>,
    faults: &Faults<'_>,
) -> Option<(Box<str>, String, Option<Digest>)> {
    let keys = ["tool", "definition", "arguments", "arguments_text"];
    let fields = Fields::of(node, "a call", &keys, faults)?;
    let tool = fields.need("tool").and_then(|node| {
        let tool = name(node, "the name of a tool", faults)?;
        // An example of a call to a tool that is not there says so.
        if code != Some(DecisionCode::UnknownTool) {
            known.tool(&tool, node.span, faults);
        }
        Some(tool)
    });
    let arguments = match (fields.get("arguments"), fields.get("arguments_text")) {
        (_, Some(node)) => {
            if fields.get("arguments").is_some() {
                fields.refuse(
                    "arguments_text",
                    "stands beside `arguments`: write one of them",
                );
            }
            text(node, "JSON", faults).map(str::to_owned)
        }
        (Some(node), None) => {
            Fields::open(node, "arguments", faults).map(|_| json(node).to_string())
        }
        (None, None) => Some("{}".to_owned()),
    };
    let shown = fields.get("definition");
    let shown = shown.and_then(|node| definition(node, faults));
    Some((tool?, arguments?, shown))
}

/// The value as JSON. Recurses as deep as the text nests.
fn json(node: &Node<'_>) -> Json {
    match &node.value {
        Value::Text(text) => Json::from(*text),
        Value::Integer(integer) => Json::from(*integer),
        Value::Boolean(value) => Json::from(*value),
        Value::Array(items) => items.iter().map(json).collect(),
        Value::Table(entries) => entries
            .iter()
            .map(|entry| (entry.key, json(&entry.node)))
            .collect(),
        Value::Refused => Json::Null,
    }
}
