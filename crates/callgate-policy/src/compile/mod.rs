//! From the document to what calls are judged by.
//!
//! Compiling cannot fail: whatever a document names exists. The compiled form is immutable, and
//! names, pointers, matchers and conditions that occur twice are kept once.

mod conditions;
mod drafts;
mod gather;
mod index;
mod keys;
mod limits;
mod mentions;
mod offset;
mod packing;
mod pool;
mod roles;
mod statements;
mod tests_of;
mod tool;

pub(crate) use conditions::{Conditions, Links, Node, Part, Source};
pub(crate) use index::Key;
pub(crate) use limits::{CompiledLimit, CompiledPart};
pub(crate) use statements::{Class, Statement, Statements};
pub(crate) use tool::{CompiledArgument, CompiledTool, Field, IdPlace, Level, NamedBy};

use drafts::ConditionsBuilder;
use keys::Vocabulary;
use roles::Roles;
use statements::StatementDrafts;
use tool::KnownArguments;

use callgate_types::Names;

use crate::document::{Document, Pointer};

/// A compiled document.
#[derive(Debug)]
pub(crate) struct Compiled {
    vocabulary: Vocabulary,
    tools: Box<[CompiledTool]>,
    conditions: Conditions,
    statements: Statements,
    limits: Box<[CompiledLimit]>,
}

impl Compiled {
    pub(crate) fn new(document: &Document) -> Self {
        let vocabulary = Vocabulary::new(document);
        let mut conditions = ConditionsBuilder::default();
        let mut known = KnownArguments::default();
        let mut tools: Box<[CompiledTool]> = document
            .tools
            .iter()
            .map(|(name, tool)| CompiledTool::new(name, tool, &mut conditions, &mut known))
            .collect();
        let statements = StatementDrafts::new(document, &vocabulary, &mut conditions);
        let limits = CompiledLimit::all(document, &mut conditions);
        for tool in &mut tools {
            tool.find_slots(|pointer| conditions.pointer_number(pointer));
        }
        let (conditions, whole) = conditions.finish(statements.conditions());
        Self {
            vocabulary,
            tools,
            conditions,
            statements: statements.finish(whole),
            limits,
        }
    }

    pub(crate) fn tool_number(&self, name: &str) -> Option<u32> {
        self.vocabulary.tools.number(name)
    }

    pub(crate) fn tool(&self, number: u32) -> Option<&CompiledTool> {
        self.tools.get(number as usize)
    }

    pub(crate) const fn roles(&self) -> &Roles {
        &self.vocabulary.roles
    }

    pub(crate) const fn tenants(&self) -> &Names {
        &self.vocabulary.tenants
    }

    pub(crate) const fn environments(&self) -> &Names {
        &self.vocabulary.environments
    }

    pub(crate) const fn conditions(&self) -> &Conditions {
        &self.conditions
    }

    pub(crate) fn pointer(&self, number: u32) -> Option<&Pointer> {
        self.conditions.pointer(number)
    }

    pub(crate) const fn statements(&self) -> &Statements {
        &self.statements
    }

    /// What the limit at a place among those of the document reads.
    pub(crate) fn limit(&self, place: usize) -> Option<&CompiledLimit> {
        self.limits.get(place)
    }

    /// Whether any statement is found by a role.
    pub(crate) const fn has_role_keys(&self) -> bool {
        self.statements.index().has_role_keys()
    }
}
