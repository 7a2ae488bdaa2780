//! A policy as lints see it: what it means, and where it stands.

use std::collections::HashMap;

use super::walk;
use crate::DiagnosticCode as Code;
use crate::document::{Condition, Document, Limit, NamePattern, Raise, Rule, Selector, Tool};
use crate::read::{Faults, Node, Span, Value};

/// A document, the tree that it was read from, and where findings go.
pub(super) struct View<'a> {
    pub(super) document: &'a Document,
    tree: &'a Node<'a>,
    faults: &'a Faults<'a>,
    rules: HashMap<&'a str, &'a Node<'a>>,
    raises: HashMap<&'a str, &'a Node<'a>>,
    limits: HashMap<&'a str, &'a Node<'a>>,
}

/// What rules, raises and limits have in common.
#[derive(Clone, Copy)]
pub(super) struct Statement<'a> {
    pub(super) id: &'a str,
    pub(super) selector: &'a Selector,
    pub(super) when: &'a Condition,
    /// Whether it counts what is unknown as matched.
    pub(super) restricts: bool,
    /// Whether it is about each resource whatever it selects by.
    is_per_resource: bool,
    node: Option<&'a Node<'a>>,
}

impl<'a> View<'a> {
    pub(super) fn new(document: &'a Document, tree: &'a Node<'a>, faults: &'a Faults<'a>) -> Self {
        Self {
            document,
            tree,
            faults,
            rules: by_id(tree, "rules"),
            raises: by_id(tree, "raise"),
            limits: by_id(tree, "limits"),
        }
    }

    pub(super) fn warn(&self, code: Code, span: Span, message: String, help: impl Into<String>) {
        self.faults.warn(code, span, message, help);
    }

    /// The key at the end of `path`, or the last one before it that stands in the text.
    pub(super) fn key(&self, path: &[&str]) -> Span {
        let (mut node, mut span) = (self.tree, Span::default());
        for key in path {
            let Some(entry) = node.member(key) else { break };
            (node, span) = (&entry.node, entry.key_span);
        }
        span
    }

    /// The node at the end of `path`.
    pub(super) fn node(&self, path: &[&str]) -> Option<&'a Node<'a>> {
        path.iter()
            .try_fold(self.tree, |node, key| Some(&node.member(key)?.node))
    }

    pub(super) fn rule(&self, rule: &'a Rule) -> Statement<'a> {
        Statement {
            id: &rule.id,
            selector: &rule.selector,
            when: &rule.when,
            restricts: rule.effect.restricts(),
            is_per_resource: false,
            node: self.rules.get(&*rule.id).copied(),
        }
    }

    pub(super) fn raise(&self, raise: &'a Raise) -> Statement<'a> {
        Statement {
            id: &raise.id,
            selector: &raise.selector,
            when: &raise.when,
            restricts: true,
            is_per_resource: false,
            node: self.raises.get(&*raise.id).copied(),
        }
    }

    pub(super) fn limit(&self, limit: &'a Limit) -> Statement<'a> {
        Statement {
            id: &limit.id,
            selector: &limit.selector,
            when: &limit.when,
            restricts: true,
            is_per_resource: limit.is_per_resource(),
            node: self.limits.get(&*limit.id).copied(),
        }
    }

    /// All statements: rules, then raises, then limits.
    pub(super) fn statements(&self) -> impl Iterator<Item = Statement<'a>> {
        let raises = self.document.raises.iter().map(|raise| self.raise(raise));
        let rules = self.document.rules.iter().map(|rule| self.rule(rule));
        let limits = self.document.limits.iter().map(|limit| self.limit(limit));
        rules.chain(raises).chain(limits)
    }

    /// The tools whose calls `statement` can be about.
    pub(super) fn tools_of(&self, statement: Statement<'a>) -> Vec<(&'a str, &'a Tool)> {
        let tools = self.document.tools.iter();
        let tools = tools.map(|(name, tool)| (&**name, tool));
        tools
            .filter(|(name, tool)| statement.is_about(name, tool))
            .collect()
    }
}

impl Statement<'_> {
    /// The key `key` of the statement; its id where it has no such key.
    pub(super) fn key(self, key: &str) -> Span {
        let entry = self.node.and_then(|node| node.member(key));
        entry.map_or_else(|| self.id_span(), |entry| entry.key_span)
    }

    /// Where its condition speaks of `fact`.
    pub(super) fn fact(self, fact: &str) -> Span {
        let when = self.node.and_then(|node| node.member("when"));
        when.and_then(|entry| find(&entry.node, fact))
            .unwrap_or_else(|| self.key("when"))
    }

    fn id_span(self) -> Span {
        let id = self.node.and_then(|node| node.member("id"));
        id.map(|entry| entry.node.span)
            .or(self.node.map(|node| node.span))
            .unwrap_or_default()
    }

    /// Whether it reads the resource, so that a call without one does not concern it.
    pub(super) fn mentions_resource(self) -> bool {
        self.is_per_resource
            || self.selector.resources.is_some()
            || walk::mentions_resource(self.when)
    }

    /// Whether calls of `tool` can concern it, as far as the tool's entry tells.
    pub(super) fn is_about(self, name: &str, tool: &Tool) -> bool {
        if !selects(self.selector.tools.as_deref(), name) {
            return false;
        }
        let kinds = self.selector.resources.as_deref();
        !self.mentions_resource()
            || tool
                .resources
                .iter()
                .any(|resource| selects(kinds, &resource.kind))
    }
}

/// Whether `name` meets a selector.
pub(super) fn selects(patterns: Option<&[NamePattern]>, name: &str) -> bool {
    patterns.is_none_or(|patterns| patterns.iter().any(|pattern| pattern.matches(name)))
}

fn by_id<'a>(tree: &'a Node<'a>, list: &str) -> HashMap<&'a str, &'a Node<'a>> {
    let items = match tree.member(list).map(|entry| &entry.node.value) {
        Some(Value::Array(items)) => &items[..],
        _ => &[],
    };
    let id = |node: &'a Node<'a>| match node.member("id")?.node.value {
        Value::Text(id) => Some((id, node)),
        _ => None,
    };
    items.iter().filter_map(id).collect()
}

/// The first key `key` inside `node`; the nesting of the text bounds the recursion.
fn find(node: &Node<'_>, key: &str) -> Option<Span> {
    match &node.value {
        Value::Table(entries) => entries.iter().find_map(|entry| {
            if entry.key == key {
                return Some(entry.key_span);
            }
            find(&entry.node, key)
        }),
        Value::Array(items) => items.iter().find_map(|item| find(item, key)),
        _ => None,
    }
}
