//! Calls with the decision that their author expects.

use callgate_types::{
    AssertedCaller, AssertedPrincipal, Code as DecisionCode, DecisionKind, Digest, Facts,
    PrincipalId, PrincipalKind, Resource,
};
use serde_json::Value as Json;

use super::fact::CONTEXT;
use super::faults::Faults;
use super::fields::{Fields, shown, text, word, wrong_type};
use super::known::Known;
use super::names::{is_name, name, principal};
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
    "resources",
    "context",
    "call",
    "gets",
    "rule",
    "code",
];
/// The most facts of one resource or context.
const MAX_FACTS: usize = 100;
const CALLER: &[&str] = &["subject", "roles", "actors", "tenant"];
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
    let caller = fields.get("caller").map(|node| caller(node, known, faults));
    let environment = named("environment", "the environment");
    let time = fields.get("time").and_then(|node| moment(node, faults));
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

fn caller(node: &Node<'_>, known: &Known<'_>, faults: &Faults<'_>) -> Option<AssertedCaller> {
    let fields = Fields::of(node, "a caller", CALLER, faults)?;
    let subject = fields
        .need("subject")
        .and_then(|node| asserted(node, known, faults));
    let actors = fields.each("actors", "actors", |node| asserted(node, known, faults));
    let tenant = fields
        .get("tenant")
        .and_then(|node| name(node, "the tenant", faults));
    let roles = roles(&fields, known, faults);
    let mut caller = AssertedCaller::new(subject?);
    caller.actors = actors;
    caller.tenant = tenant.map(String::from);
    caller.roles = roles;
    if let Err(error) = caller.clone().resolve() {
        faults.add(Code::BadCaller, node.span, error.to_string());
    }
    Some(caller)
}

fn asserted(node: &Node<'_>, known: &Known<'_>, faults: &Faults<'_>) -> Option<AssertedPrincipal> {
    const KINDS: &[(&str, PrincipalKind)] = &[
        (PrincipalKind::User.as_str(), PrincipalKind::User),
        (PrincipalKind::Service.as_str(), PrincipalKind::Service),
        (PrincipalKind::Agent.as_str(), PrincipalKind::Agent),
    ];
    match node.value {
        Value::Table(_) => {}
        Value::Text(text) => {
            let id = principal(text, node.span, faults)?;
            return Some(AssertedPrincipal::new(id, Vec::new()));
        }
        _ => {
            wrong_type(node, "a principal, as `kind:id` or as a table", faults);
            return None;
        }
    }
    let fields = Fields::of(node, "a principal", &["kind", "id", "roles"], faults)?;
    let kind = fields
        .need("kind")
        .and_then(|node| word(node, KINDS, faults));
    let id = fields
        .need("id")
        .and_then(|node| name(node, "the id of a principal", faults));
    let roles = roles(&fields, known, faults);
    match PrincipalId::new(kind?, &id?) {
        Ok(id) => Some(AssertedPrincipal::new(id, roles)),
        Err(error) => {
            faults.add(Code::BadPrincipal, node.span, error.to_string());
            None
        }
    }
}

fn roles(fields: &Fields<'_, '_>, known: &Known<'_>, faults: &Faults<'_>) -> Vec<String> {
    fields.each("roles", "roles", |node| {
        let role = name(node, "the name of a role", faults)?;
        known.role(&role, node.span, faults);
        Some(role.into())
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
            "is no fact of the host: an example can name the `environment` alone",
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
