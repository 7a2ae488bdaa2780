//! Reads the text of a policy into a [`Document`].
//!
//! The text becomes a tree of [`Node`]s that know where they stand, and each table of the tree is
//! read by the module named after it. A fault is reported and reading goes on, so that an author
//! sees all faults of a text at once; a document is handed out only where there was none.
//! The language is specified in `docs/spec/policy.md`; change neither without the other.

mod closed;
mod condition;
mod dry_run;
mod email;
mod example_caller;
mod examples;
mod fact;
mod faults;
mod fields;
mod friction;
mod include;
mod join;
mod json;
mod known;
mod limits;
mod lines;
mod look_alikes;
mod matcher;
mod named;
mod names;
mod nearest;
mod nesting;
mod node;
mod path;
mod recording;
mod roles;
mod rules;
mod schema;
mod shared;
mod shell;
mod sql;
mod statement;
mod timing;
mod tools;
mod url;
mod zone;

use std::collections::BTreeMap;

use callgate_types::{Json, RiskTier};
use toml::Spanned;
use toml::de::DeTable;

pub(crate) use self::faults::Faults;
use self::fields::Fields;
pub(crate) use self::fields::shown;
use self::known::Known;
pub(crate) use self::node::{Entry, Node, Span, Value};
use crate::document::{Condition, Document, Example, Tool};
use crate::sources::{IncludeError, Notation, Sources};
use crate::{CallCondition, DiagnosticCode as Code, Diagnostics};

/// The longest text, in bytes.
pub(crate) const MAX_BYTES: usize = 8 << 20;

const KEYS: &[&str] = &[
    "format",
    "name",
    "include",
    "isolation",
    "named",
    "roles",
    "actors",
    "tools",
    "rules",
    "raise",
    "limits",
    "friction",
    "examples",
];

/// Reads the policy in `sources`, which `files` adds what is included to.
pub(crate) fn read(
    sources: &Sources<'_>,
    files: &mut include::Files<'_>,
) -> Result<Document, Diagnostics> {
    let root = sources.root();
    let faults = Faults::new(&root.text, &root.file);
    let read = include::with_tree(sources, files, &faults, |node| {
        match named::resolved(node, &faults) {
            Some(resolved) => document(&resolved, &faults),
            None => document(node, &faults),
        }
    });
    match read {
        Some(document) if faults.is_empty() => Ok(document),
        _ => Err(faults.into_diagnostics()),
    }
}

/// Reads further examples for the policy in `document` from `text`, which messages call `file`.
pub(crate) fn read_examples(
    text: &str,
    file: &str,
    notation: Notation,
    document: &Document,
) -> Result<Vec<Example>, Diagnostics> {
    let faults = Faults::new(text, file);
    let parsed = Parsed::of(text, notation, 0, &faults);
    let read = parsed.and_then(|parsed| {
        let node = parsed.tree(0, &faults);
        let fields = Fields::of(&node, "a file of tests", &["format", "examples"], &faults)?;
        if fields.get("format").is_some() {
            format(&fields, &faults);
        }
        let known = Known::new(&document.roles, &document.tools);
        let node = fields.need("examples")?;
        Some(examples::examples(
            Some(node),
            &document.rules,
            &known,
            &faults,
        ))
    });
    match read {
        Some(examples) if faults.is_empty() => Ok(examples),
        _ => Err(faults.into_diagnostics()),
    }
}

/// Reads a condition on calls of `tool` from `text`, which is JSON.
pub(crate) fn read_condition(
    text: &str,
    tool: &str,
    document: &Document,
) -> Result<Condition, Diagnostics> {
    let faults = Faults::new(text, "condition");
    if text.len() > CallCondition::MAX_BYTES {
        let most = CallCondition::MAX_BYTES;
        let message = format!(
            "the text has {} bytes, at most {most} are allowed",
            text.len()
        );
        faults.add(Code::TooLarge, Span::default(), message);
        return Err(faults.into_diagnostics());
    }
    let parsed = Parsed::of(text, Notation::Json, 0, &faults);
    let read = parsed.and_then(|parsed| {
        let node = parsed.tree(0, &faults);
        let known = Known::new(&document.roles, &document.tools);
        statement::condition_on(tool, &node, &known, &faults)
    });
    match read {
        Some(condition) if faults.is_empty() => Ok(condition),
        _ => Err(faults.into_diagnostics()),
    }
}

/// Reads the tree of sources that were read before, for who has to find places in it.
pub(crate) fn again<R>(
    sources: &Sources<'_>,
    faults: &Faults<'_>,
    read: impl FnOnce(&Node<'_>) -> R,
) -> Option<R> {
    // Whatever a policy includes is among its sources.
    let mut files = |_: &str| Err(IncludeError::NoFiles);
    include::with_tree(sources, &mut files, faults, |node| Some(read(node)))
}

/// A text that is one of its notation.
enum Parsed<'t> {
    Toml(Spanned<DeTable<'t>>),
    Json(Json),
}

impl<'t> Parsed<'t> {
    /// Reads `text`, whose spans begin at `base`, within all bounds; reports what is wrong with it.
    fn of(text: &'t str, notation: Notation, base: usize, faults: &Faults<'_>) -> Option<Self> {
        if text.len() > MAX_BYTES {
            let message = format!(
                "the text has {} bytes, at most {MAX_BYTES} are allowed",
                text.len()
            );
            faults.add(Code::TooLarge, Span::default().after(base), message);
            return None;
        }
        match notation {
            Notation::Toml => toml(text, base, faults).map(Self::Toml),
            Notation::Json => json::parse(text, base, faults).map(Self::Json),
        }
    }

    /// Its tree. Reports what no policy holds.
    fn tree(&self, base: usize, faults: &Faults<'_>) -> Node<'_> {
        match self {
            Self::Toml(table) => Node::of_toml(table, base, faults),
            Self::Json(json) => json::tree(json, base, faults),
        }
    }
}

fn toml<'t>(text: &'t str, base: usize, faults: &Faults<'_>) -> Option<Spanned<DeTable<'t>>> {
    if let Some(at) = nesting::too_deep(text) {
        faults.add(
            Code::TooDeep,
            Span::at(at).after(base),
            "tables and keys are nested too deep",
        );
        return None;
    }
    match DeTable::parse(text) {
        Ok(table) => Some(table),
        Err(error) => {
            let span = error.span().map_or_else(Span::default, Span::from);
            syntax(error.message(), text, span, base, faults);
            None
        }
    }
}

/// Reports what the parser of TOML says.
fn syntax(message: &str, text: &str, span: Span, base: usize, faults: &Faults<'_>) {
    let key = text.get(span.start..span.end).unwrap_or_default();
    let span = span.after(base);
    match message {
        "duplicate key" => {
            let message = format!("`{}` is defined twice", shown(key));
            let help = "each key and each table is written once";
            faults.add_with_help(Code::DuplicateKey, span, message, help);
        }
        deep if deep.contains("recurs") => {
            faults.add(Code::TooDeep, span, "tables and keys are nested too deep");
        }
        _ => faults.add(Code::Syntax, span, message),
    }
}

fn document(node: &Node<'_>, faults: &Faults<'_>) -> Option<Document> {
    let fields = Fields::of(node, "a policy", KEYS, faults)?;
    format(&fields, faults);
    let name = fields.need("name");
    let name = name.and_then(|node| names::name(node, "the name of the policy", faults));
    let roles = fields
        .get("roles")
        .map(|node| roles::roles(node, faults))
        .unwrap_or_default();
    let actors = fields.get("actors").map(|node| roles::actors(node, faults));
    let tools = fields
        .get("tools")
        .map(|node| tools::tools(node, faults))
        .unwrap_or_default();
    not_empty(&fields, "tools", faults);
    not_empty(&fields, "rules", faults);

    let known = Known::new(&roles, &tools);
    let statements = rules::rules(fields.get("rules"), fields.get("isolation"), &known, faults);
    let (raises, raised_to) = rules::raises(fields.get("raise"), &known, faults);
    let limits = limits::limits(fields.get("limits"), &known, faults);
    let highest = highest_tool(&fields, &tools).or(raised_to);
    let friction = friction::tiers(fields.get("friction"), highest, &known, faults);
    let examples = examples::examples(fields.get("examples"), &statements, &known, faults);
    Some(Document {
        name: name?,
        roles,
        actors: actors.unwrap_or_default(),
        tools,
        rules: statements,
        raises,
        limits,
        friction,
        examples,
    })
}

fn format(fields: &Fields<'_, '_>, faults: &Faults<'_>) {
    let Some(node) = fields.need("format") else {
        return;
    };
    match node.value {
        Value::Integer(1) => {}
        Value::Integer(other) => {
            let message = format!("format {other} is not known");
            faults.add_with_help(
                Code::UnsupportedFormat,
                node.span,
                message,
                "write `format = 1`",
            );
        }
        _ => fields::wrong_type(node, "the integer 1", faults),
    }
}

/// Reports a policy that has no tools or no rules: it could only deny, and nobody writes one.
fn not_empty(fields: &Fields<'_, '_>, key: &str, faults: &Faults<'_>) {
    let node = fields.get(key);
    let is_empty = match node.map(|node| &node.value) {
        None => true,
        Some(Value::Array(items)) => items.is_empty(),
        Some(Value::Table(entries)) => entries.is_empty(),
        Some(_) => false,
    };
    if is_empty {
        let span = node.map_or(fields.span(), |node| node.span);
        faults.add(Code::EmptyPolicy, span, format!("the policy has no {key}"));
    }
}

/// Where the first tool stands whose calls are of the highest tier.
fn highest_tool(fields: &Fields<'_, '_>, tools: &BTreeMap<Box<str>, Tool>) -> Option<Span> {
    let (name, _) = tools
        .iter()
        .find(|(_, tool)| tool.tier == RiskTier::Privileged)?;
    fields
        .get("tools")?
        .member(name)
        .map(|entry| entry.key_span)
}

#[cfg(test)]
mod tests;
