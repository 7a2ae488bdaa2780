//! `path`: where a text leads in a file system.

use super::{Scene, Truth, Value, of_another_type};
use crate::compile::Source;
use crate::document::path::{LinkFact, PathSpec};

#[derive(Debug)]
pub(crate) struct PathTest {
    spec: PathSpec,
    links: Option<Links>,
}

/// Where links are looked up.
#[derive(Debug)]
struct Links {
    source: Source,
    /// Whether there are none where the host says nothing.
    default_none: bool,
}

impl PathTest {
    pub(crate) fn new(spec: PathSpec, links: Option<(Source, bool)>) -> Self {
        let links = links.map(|(source, default_none)| Links {
            source,
            default_none,
        });
        Self { spec, links }
    }

    pub(super) fn holds(&self, value: Value<'_>, scene: &Scene<'_>) -> Truth {
        let Some(text) = value.as_str() else {
            return of_another_type(value);
        };
        let links = self
            .links
            .as_ref()
            .map_or(LinkFact::None, |links| links.of(scene));
        Truth::known(self.spec.admits(text, links))
    }
}

impl Links {
    fn of<'a>(&self, scene: &Scene<'a>) -> LinkFact<'a> {
        match scene.read(self.source) {
            Value::Json(links) => LinkFact::Given(links),
            // Where no context is known at all, the host has said nothing about it either.
            Value::Absent | Value::Unknown if self.default_none && scene.context.is_some() => {
                LinkFact::None
            }
            Value::Absent | Value::Unknown | Value::Text(_) => LinkFact::Unknown,
        }
    }
}
