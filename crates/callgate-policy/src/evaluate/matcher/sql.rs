//! `sql`: what a statement may do.

use super::{Scene, Truth, Value, of_another_type};
use crate::compile::Source;
use crate::document::sql::{Known, SqlSpec};
use callgate_types::JsonKind;

#[derive(Debug)]
pub(crate) struct SqlTest {
    spec: SqlSpec,
    /// Where the facts of predicates are, in the order of the predicates.
    sources: Box<[Source]>,
}

impl SqlTest {
    pub(crate) fn new(spec: SqlSpec, sources: Box<[Source]>) -> Self {
        Self { spec, sources }
    }

    pub(super) fn holds(&self, value: Value<'_>, scene: &Scene<'_>) -> Truth {
        let Some(text) = value.as_str() else {
            return of_another_type(value);
        };
        let known = self.sources.iter().map(|source| known(scene.read(*source)));
        let known: Vec<Known<'_>> = known.collect();
        Truth::known(self.spec.test(text, &known))
    }
}

fn known(fact: Value<'_>) -> Known<'_> {
    match (fact, fact.kind()) {
        (Value::Absent, _) => Known::Absent,
        (fact, Some(JsonKind::Text)) => fact.as_str().map_or(Known::Unknown, Known::Text),
        (fact, Some(JsonKind::Number)) => fact.as_number().map_or(Known::Unknown, Known::Number),
        _ => Known::Unknown,
    }
}
