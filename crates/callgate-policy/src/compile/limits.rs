//! What limits count, and for whom, ready to be read off a call.

use super::conditions::Source;
use super::drafts::ConditionsBuilder;
use crate::document::{Document, FactRoot, KeyPart, Limit, LimitWindow, Measure, Tool};
use crate::evaluate::push_part;

/// What one limit reads of a call.
#[derive(Debug)]
pub(crate) struct CompiledLimit {
    /// With what every key of it begins: policy, limit and window.
    pub(crate) prefix: Box<[u8]>,
    pub(crate) parts: Box<[CompiledPart]>,
    /// Whether the tenant ends its keys: sessions and tasks are named within one.
    pub(crate) within_tenant: bool,
    /// Where the amount stands; `None` counts calls.
    pub(crate) of: Option<Source>,
}

/// Where a part of a key stands.
#[derive(Clone, Copy, Debug)]
pub(crate) enum CompiledPart {
    Tool,
    Value(Source),
}

impl CompiledLimit {
    pub(super) fn all(document: &Document, conditions: &mut ConditionsBuilder) -> Box<[Self]> {
        let limits = document.limits.iter();
        limits
            .map(|limit| Self::new(limit, document, conditions))
            .collect()
    }

    fn new(limit: &Limit, document: &Document, conditions: &mut ConditionsBuilder) -> Self {
        let tool = only_tool(limit, document);
        let parts = limit.per.iter().map(|part| match part {
            KeyPart::Tool => CompiledPart::Tool,
            KeyPart::Value(fact) => CompiledPart::Value(conditions.source(fact, tool)),
        });
        let parts = parts.collect();
        let of = match &limit.measure {
            Measure::Calls => None,
            Measure::Sum { of, .. } => Some(conditions.source(of, tool)),
        };
        Self {
            prefix: prefix(&document.name, limit),
            parts,
            within_tenant: names_within_tenant(limit),
            of,
        }
    }
}

/// Whether a key names what is named within a tenant, and not the tenant.
fn names_within_tenant(limit: &Limit) -> bool {
    let has = |root: FactRoot, pointers: &[&str]| {
        limit.per.iter().any(|part| match part {
            KeyPart::Value(fact) => fact.root == root && pointers.contains(&fact.pointer.as_str()),
            KeyPart::Tool => false,
        })
    };
    has(FactRoot::Context, &["/session", "/task"]) && !has(FactRoot::Caller, &["/tenant"])
}

/// The only tool that a limit can be about.
fn only_tool<'d>(limit: &Limit, document: &'d Document) -> Option<&'d Tool> {
    match limit.selector.tools.as_deref() {
        Some([one]) => document.tools.get(one.exact()?),
        _ => None,
    }
}

fn prefix(policy: &str, limit: &Limit) -> Box<[u8]> {
    let window = match limit.window {
        None => "ever".to_owned(),
        Some(LimitWindow::Fixed(length)) => format!("fixed {}", length.as_secs()),
        Some(LimitWindow::Sliding(length)) => format!("sliding {}", length.as_secs()),
    };
    let mut prefix = Vec::new();
    for part in [policy, &limit.id, &window] {
        push_part(&mut prefix, b't', part.as_bytes());
    }
    prefix.into()
}
