//! Which calls a statement is about.

use std::ops::BitOr;

use super::{Question, Scene, Truth};
use crate::document::{InForce, NamePattern, Selector};

/// A set of the things that a selector asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Dims(u8);

impl Dims {
    pub(crate) const NONE: Self = Self(0);
    pub(crate) const ROLES: Self = Self(1);
    pub(crate) const TENANTS: Self = Self(2);
    pub(crate) const ENVIRONMENTS: Self = Self(4);
    pub(crate) const TOOLS: Self = Self(8);
    pub(crate) const PRINCIPALS: Self = Self(16);
    pub(crate) const ACTORS: Self = Self(32);
    pub(crate) const RESOURCES: Self = Self(64);
    pub(crate) const TIMING: Self = Self(128);
    pub(crate) const ALL: Self = Self(255);

    pub(crate) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(crate) const fn is_empty(self) -> bool {
        self.0 == 0
    }
}

impl BitOr for Dims {
    type Output = Self;

    fn bitor(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }
}

/// Whether the call is one that `selector` is about, as far as `dims` go.
pub(crate) fn holds<'s>(
    selector: &'s Selector,
    dims: Dims,
    restricts: bool,
    question: &Question<'_, '_>,
    scene: &Scene<'_>,
) -> Truth {
    let asked = |dim, patterns: &'s Option<Vec<NamePattern>>| {
        let patterns = patterns.as_deref()?;
        dims.has(dim).then_some(patterns)
    };
    let mut truth = Truth::Yes;
    if let Some(tools) = asked(Dims::TOOLS, &selector.tools) {
        truth = truth.min(any(tools, question.tool().name()).into());
    }
    if let Some(tenants) = asked(Dims::TENANTS, &selector.tenants) {
        truth = truth.min(known(tenants, question.caller().tenant()));
    }
    if let Some(environments) = asked(Dims::ENVIRONMENTS, &selector.environments) {
        truth = truth.min(known(environments, question.context().environment_name()));
    }
    if let Some(kinds) = asked(Dims::RESOURCES, &selector.resources) {
        truth = truth.min(known(kinds, scene.resource.map(|named| named.name.kind)));
    }
    if dims.has(Dims::TIMING)
        && let Some(timing) = &selector.timing
    {
        let now = question.context().time_now();
        truth = truth.min(now.map_or(Truth::Unknown, |now| {
            (timing.at(now) == InForce::Now).into()
        }));
    }
    if truth == Truth::No {
        return Truth::No;
    }
    if let Some(principals) = asked(Dims::PRINCIPALS, &selector.principals) {
        let subject = question.caller().subject();
        truth = truth.min(known(
            principals,
            subject.map(|subject| subject.id().as_str()),
        ));
    }
    if let Some(patterns) = asked(Dims::ACTORS, &selector.actors) {
        truth = truth.min(actors(patterns, restricts, question));
    }
    if let Some(patterns) = asked(Dims::ROLES, &selector.roles) {
        truth = truth.min(roles(patterns, question));
    }
    truth
}

fn any(patterns: &[NamePattern], name: &str) -> bool {
    patterns.iter().any(|pattern| pattern.matches(name))
}

fn known(patterns: &[NamePattern], name: Option<&str>) -> Truth {
    name.map_or(Truth::Unknown, |name| any(patterns, name).into())
}

/// A permit vouches for everyone who acts; a restriction on one of them is one on the chain.
fn actors(patterns: &[NamePattern], restricts: bool, question: &Question<'_, '_>) -> Truth {
    if question.caller().subject().is_none() {
        return Truth::Unknown;
    }
    let chain = question.caller().actors();
    let mut matches = chain.iter().map(|actor| any(patterns, actor.id().as_str()));
    let holds = if restricts {
        matches.any(|matched| matched)
    } else {
        !chain.is_empty() && matches.all(|matched| matched)
    };
    holds.into()
}

fn roles(patterns: &[NamePattern], question: &Question<'_, '_>) -> Truth {
    if question.caller().subject().is_none() {
        return Truth::Unknown;
    }
    let roles = question.tool().compiled().roles();
    let mut held = question.caller().roles();
    held.any(|held| roles.holds(held, |role| any(patterns, role)))
        .into()
}
