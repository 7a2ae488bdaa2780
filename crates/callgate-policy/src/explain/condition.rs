//! The conditions of a statement, each with its answer.

use callgate_types::JsonKind;
use serde::Serialize;

use super::Answer;
use crate::compile::{Conditions, Node, Part, Source};
use crate::document::FactRoot;
use crate::evaluate::{Scene, Test, Value};

/// A condition with its answer, and those that it is made of.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
#[non_exhaustive]
pub enum ConditionTrace {
    /// Every one must hold.
    All {
        /// The parts.
        all: Vec<ConditionTrace>,
        /// Whether they do.
        answer: Answer,
    },
    /// One must hold.
    Any {
        /// The parts.
        any: Vec<ConditionTrace>,
        /// Whether one does.
        answer: Answer,
    },
    /// It must not hold.
    Not {
        /// What must not hold.
        not: Box<ConditionTrace>,
        /// Whether it does not.
        answer: Answer,
    },
    /// A matcher on a value.
    Value {
        /// Where the value stands: `arguments/amount`.
        place: String,
        /// The matcher; where there are several, the one that the value does not pass.
        matcher: &'static str,
        /// What stands there.
        found: Found,
        /// What it is compared with, where that is not written in the policy.
        #[serde(skip_serializing_if = "Option::is_none")]
        against: Option<Against>,
        /// Whether it holds.
        answer: Answer,
        /// Whether the answer of the statement's condition comes from this one.
        decided: bool,
    },
}

/// Another value that a value is compared with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Against {
    /// Where it stands.
    pub place: String,
    /// What stands there.
    pub found: Found,
}

/// The class of a value; never the value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Found {
    /// It is known that there is none.
    Absent,
    /// Nobody said what it is.
    Unknown,
    /// Text.
    Text,
    /// A number.
    Number,
    /// `true` or `false`.
    Boolean,
    /// `null`.
    Null,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Found {
    /// The word for this class.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Absent => "absent",
            Self::Unknown => "unknown",
            Self::Text => "text",
            Self::Number => "number",
            Self::Boolean => "boolean",
            Self::Null => "null",
            Self::Array => "array",
            Self::Object => "object",
        }
    }

    fn of(value: Value<'_>) -> Self {
        match value.kind() {
            None if matches!(value, Value::Absent) => Self::Absent,
            None => Self::Unknown,
            Some(JsonKind::Text) => Self::Text,
            Some(JsonKind::Number) => Self::Number,
            Some(JsonKind::Boolean) => Self::Boolean,
            Some(JsonKind::Null) => Self::Null,
            Some(JsonKind::Array) => Self::Array,
            Some(_) => Self::Object,
        }
    }
}

impl ConditionTrace {
    /// Whether it holds.
    pub const fn answer(&self) -> Answer {
        match self {
            Self::All { answer, .. }
            | Self::Any { answer, .. }
            | Self::Not { answer, .. }
            | Self::Value { answer, .. } => *answer,
        }
    }

    /// The trace of a statement's condition; `None` where it always holds.
    pub(super) fn of_statement(
        conditions: &Conditions,
        when: [Part; 2],
        scene: &Scene<'_>,
    ) -> Option<Self> {
        let mut trace = match *flat(conditions, &when) {
            [] => return None,
            [one] => Self::undecided(conditions, one, scene),
            ref several => Self::All {
                all: Self::each(conditions, several, scene),
                answer: conditions.both_hold(when, scene).into(),
            },
        };
        trace.decide();
        Some(trace)
    }

    fn each(conditions: &Conditions, parts: &[Part], scene: &Scene<'_>) -> Vec<Self> {
        let parts = parts.iter();
        parts
            .map(|part| Self::undecided(conditions, *part, scene))
            .collect()
    }

    /// The nesting of the document bounds the recursion.
    fn undecided(conditions: &Conditions, part: Part, scene: &Scene<'_>) -> Self {
        let answer = conditions.holds(part, scene).into();
        let parts = |links| {
            let parts = conditions.linked(links).unwrap_or_default();
            Self::each(conditions, &flat(conditions, parts), scene)
        };
        let node = match part {
            Part::Always => None,
            Part::Slot { slot, test } => Some(Node::Value {
                source: Source::Slot(slot.into()),
                test,
            }),
            Part::Node(node) | Part::Kept(node) => conditions.node(node).copied(),
        };
        match node {
            Some(Node::All(links) | Node::Gathered(links)) => Self::All {
                all: parts(links),
                answer,
            },
            Some(Node::Any(links)) => Self::Any {
                any: parts(links),
                answer,
            },
            Some(Node::Not(inner)) => Self::Not {
                not: Box::new(Self::undecided(conditions, inner, scene)),
                answer,
            },
            Some(Node::Value { source, test }) => {
                let value = scene.read(source);
                let test = conditions.test(test);
                let against = match test {
                    Some(Test::Same(other)) => Some(Against {
                        place: place(*other, scene),
                        found: Found::of(scene.read(*other)),
                    }),
                    _ => None,
                };
                Self::Value {
                    place: place(source, scene),
                    matcher: test.map_or("", |test| test.refusing_word(value, scene)),
                    found: Found::of(value),
                    against,
                    answer,
                    decided: false,
                }
            }
            // Every number that a statement holds stands for a node; one that did not is unknown.
            None => Self::All {
                all: Vec::new(),
                answer,
            },
        }
    }

    /// Marks the values that this answer comes from.
    fn decide(&mut self) {
        let own = self.answer();
        match self {
            Self::All { all: parts, .. } | Self::Any { any: parts, .. } => {
                for part in parts.iter_mut().filter(|part| part.answer() == own) {
                    part.decide();
                }
            }
            Self::Not { not, .. } => not.decide(),
            Self::Value { decided, .. } => *decided = true,
        }
    }
}

/// The parts as their author wrote them, what was gathered among them; the cheap ones go first.
fn flat(conditions: &Conditions, parts: &[Part]) -> Vec<Part> {
    let mut flat = Vec::new();
    flatten(conditions, parts, &mut flat);
    flat.sort_by_cached_key(|part| conditions.cost(*part));
    flat
}

/// What is gathered stands in one list around it, or two.
fn flatten(conditions: &Conditions, parts: &[Part], flat: &mut Vec<Part>) {
    for part in parts {
        match part {
            Part::Always => continue,
            Part::Node(node) | Part::Kept(node) => {
                if let Some(Node::Gathered(links)) = conditions.node(*node)
                    && let Some(parts) = conditions.linked(*links)
                {
                    flatten(conditions, parts, flat);
                    continue;
                }
            }
            Part::Slot { .. } => {}
        }
        flat.push(*part);
    }
}

/// The place of a value as policies write it.
fn place(source: Source, scene: &Scene<'_>) -> String {
    let pointer = |root: FactRoot, number| {
        let pointer = scene.compiled.pointer(number);
        let rest = pointer.map_or("", |pointer| pointer.as_str());
        format!("{}{rest}", root.as_str())
    };
    let fixed = match source {
        Source::Slot(slot) => {
            let arguments = &scene.tool.arguments;
            let argument = arguments.get(slot as usize);
            let rest = argument.map_or("", |argument| &*argument.pointer);
            return format!("{}{rest}", FactRoot::Arguments.as_str());
        }
        Source::Argument(number) => return pointer(FactRoot::Arguments, number),
        Source::ContextFact(number) => return pointer(FactRoot::Context, number),
        Source::ResourceFact(number) => return pointer(FactRoot::Resource, number),
        Source::Tenant => "caller/tenant",
        Source::Subject => "caller/subject",
        Source::SubjectId => "caller/id",
        Source::SubjectKind => "caller/kind",
        Source::Actor => "caller/actor",
        Source::VerifiedMethod => "caller/verified/method",
        Source::VerifiedIssuer => "caller/verified/issuer",
        Source::VerifiedAge => "caller/verified/age",
        Source::Environment => "context/environment",
        Source::Session => "context/session",
        Source::Task => "context/task",
        Source::ResourceKind => "resource/kind",
        Source::ResourceId => "resource/id",
        Source::ResourceTenant => "resource/tenant",
        Source::Nowhere => "nowhere",
    };
    fixed.to_owned()
}
