//! What the names in a statement may refer to.

use std::cell::RefCell;
use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::faults::Faults;
use super::fields::shown;
use super::node::Span;
use super::zone::Zones;
use crate::DiagnosticCode as Code;
use crate::document::{Argument, Matcher, NamePattern, Operand, Pointer, Role, Selector, Tool};

/// Everything that a policy declares, for the statements that name it.
pub(super) struct Known<'d> {
    roles: &'d BTreeMap<Box<str>, Role>,
    tools: &'d BTreeMap<Box<str>, Tool>,
    kinds: BTreeSet<&'d str>,
    /// Whether any tool declares a pointer: so many statements ask the same about all tools.
    anywhere: RefCell<HashMap<Pointer, bool>>,
    zones: Zones,
}

impl<'d> Known<'d> {
    pub(super) fn new(
        roles: &'d BTreeMap<Box<str>, Role>,
        tools: &'d BTreeMap<Box<str>, Tool>,
    ) -> Self {
        let resources = tools.values().flat_map(|tool| &tool.resources);
        Self {
            roles,
            tools,
            kinds: resources.map(|resource| &*resource.kind).collect(),
            anywhere: RefCell::default(),
            zones: Zones::default(),
        }
    }

    /// The time zones, of which those that were named have been read.
    pub(super) const fn zones(&self) -> &Zones {
        &self.zones
    }

    /// Whether the tool `name` is in the catalogue; reports if not.
    pub(super) fn tool(&self, name: &str, span: Span, faults: &Faults<'_>) -> bool {
        self.is_tool(name) || {
            let message = format!("unknown tool `{}`", shown(name));
            faults.add_unknown(Code::UnknownTool, span, message, name, names(self.tools));
            false
        }
    }

    /// Whether the tool `name` is in the catalogue.
    pub(super) fn is_tool(&self, name: &str) -> bool {
        self.tools.contains_key(name)
    }

    /// Reports a role that does not exist.
    pub(super) fn role(&self, name: &str, span: Span, faults: &Faults<'_>) {
        if !self.roles.contains_key(name) {
            let message = format!("unknown role `{}`", shown(name));
            faults.add_unknown(Code::UnknownRole, span, message, name, names(self.roles));
        }
    }

    /// Reports a kind of resource that no tool names.
    pub(super) fn kind(&self, name: &str, span: Span, faults: &Faults<'_>) {
        if !self.kinds.contains(name) {
            let message = format!("no tool names resources of kind `{}`", shown(name));
            let kinds = self.kinds.iter().copied();
            faults.add_unknown(Code::UnknownResource, span, message, name, kinds);
        }
    }

    /// Reports a pattern that no tool matches.
    pub(super) fn tools(&self, pattern: &NamePattern, span: Span, faults: &Faults<'_>) {
        if let Some(name) = pattern.exact() {
            self.tool(name, span, faults);
        } else if !any(self.tools, pattern) {
            let message = format!("no tool matches `{}`", shown(pattern.as_str()));
            faults.add(Code::UnknownTool, span, message);
        }
    }

    /// Reports a pattern that no role matches.
    pub(super) fn roles(&self, pattern: &NamePattern, span: Span, faults: &Faults<'_>) {
        if let Some(name) = pattern.exact() {
            self.role(name, span, faults);
        } else if !any(self.roles, pattern) {
            let message = format!("no role matches `{}`", shown(pattern.as_str()));
            faults.add(Code::UnknownRole, span, message);
        }
    }

    /// Reports a pattern that no kind of resource matches. `*` alone stands for whatever there
    /// will be.
    pub(super) fn kinds(&self, pattern: &NamePattern, span: Span, faults: &Faults<'_>) {
        if let Some(name) = pattern.exact() {
            self.kind(name, span, faults);
        } else if pattern.as_str() != "*" && !self.kinds.iter().any(|kind| pattern.matches(kind)) {
            let message = format!("no kind of resource matches `{}`", shown(pattern.as_str()));
            faults.add(Code::UnknownResource, span, message);
        }
    }

    /// Reports an argument that none of the tools meant by `selector` declares.
    pub(super) fn argument(
        &self,
        selector: &Selector,
        pointer: &Pointer,
        span: Span,
        faults: &Faults<'_>,
    ) {
        if self.is_declared(selector, pointer) {
            return;
        }
        let message = match selector.tools.as_deref() {
            Some([tool]) => format!(
                "`{}` declares no argument `{}`",
                shown(tool.as_str()),
                shown(pointer.as_str())
            ),
            Some(_) => format!(
                "none of these tools declares an argument `{}`",
                shown(pointer.as_str())
            ),
            None => format!("no tool declares an argument `{}`", shown(pointer.as_str())),
        };
        let declared = self.meant(selector).flat_map(|tool| &tool.arguments);
        let declared = declared.map(|argument| argument.pointer.as_str());
        faults.add_unknown(
            Code::UnknownArgument,
            span,
            message,
            pointer.as_str(),
            declared,
        );
    }

    fn is_declared(&self, selector: &Selector, pointer: &Pointer) -> bool {
        if selector.tools.is_some() || selector.resources.is_some() {
            return self
                .meant(selector)
                .any(|tool| declares(&tool.arguments, pointer));
        }
        let known = self.anywhere.borrow().get(pointer).copied();
        known.unwrap_or_else(|| {
            let found = self
                .tools
                .values()
                .any(|tool| declares(&tool.arguments, pointer));
            self.anywhere.borrow_mut().insert(pointer.clone(), found);
            found
        })
    }

    /// The tools that a selector can be about.
    fn meant(&self, selector: &Selector) -> impl Iterator<Item = &'d Tool> {
        let patterns = selector.tools.as_deref();
        let exact = patterns.filter(|patterns| patterns.iter().all(|one| one.exact().is_some()));
        let named = exact.unwrap_or_default().iter();
        let named = named.filter_map(|pattern| self.tools.get(pattern.as_str()));
        let all = if exact.is_none() {
            Some(self.tools)
        } else {
            None
        };
        let matched = all.into_iter().flatten().filter(move |(name, _)| {
            patterns.is_none_or(|patterns| patterns.iter().any(|one| one.matches(name)))
        });
        let resources = selector.resources.as_deref();
        named
            .chain(matched.map(|(_, tool)| tool))
            .filter(move |tool| {
                resources.is_none_or(|patterns| {
                    let mut kinds = tool.resources.iter().map(|resource| &*resource.kind);
                    kinds.any(|kind| patterns.iter().any(|pattern| pattern.matches(kind)))
                })
            })
    }
}

/// Whether `pointer` can lead to something in arguments as declared: to one of them, to an object
/// around one, or into one that holds arrays or objects. `arguments` are ordered by pointer.
pub(super) fn declares(arguments: &[Argument], pointer: &Pointer) -> bool {
    let text = pointer.as_str();
    if find(arguments, text).is_some() {
        return true;
    }
    let inside = format!("{text}/");
    let next = arguments.partition_point(|argument| argument.pointer.as_str() < inside.as_str());
    let is_around = arguments
        .get(next)
        .is_some_and(|argument| argument.pointer.as_str().starts_with(&inside));
    is_around || is_inside(arguments, text)
}

/// Whether `pointer` can lead to a text or number in arguments as declared.
pub(super) fn holds(arguments: &[Argument], pointer: &Pointer) -> bool {
    find(arguments, pointer.as_str()).is_some() || is_inside(arguments, pointer.as_str())
}

/// The declared argument at exactly `pointer`.
pub(super) fn find<'r>(arguments: &'r [Argument], pointer: &str) -> Option<&'r Argument> {
    let found = arguments.binary_search_by(|argument| argument.pointer.as_str().cmp(pointer));
    found.ok().and_then(|at| arguments.get(at))
}

fn is_inside(arguments: &[Argument], text: &str) -> bool {
    let mut outer = text;
    while let Some((shorter, _)) = outer.rsplit_once('/') {
        if find(arguments, shorter).is_some_and(|argument| accepts_inner(&argument.matcher)) {
            return true;
        }
        outer = shorter;
    }
    false
}

/// Whether a value that the matcher accepts can have values in it.
pub(super) fn accepts_inner(matcher: &Matcher) -> bool {
    match matcher {
        Matcher::All(all) => all.iter().all(accepts_inner),
        Matcher::Any(any) => any.iter().any(accepts_inner),
        Matcher::Nullable(inner) => accepts_inner(inner),
        Matcher::Equals(operand) => matches!(operand, Operand::Fact(_)),
        Matcher::Length(_) | Matcher::Array { .. } | Matcher::Open | Matcher::Object(_) => true,
        _ => false,
    }
}

fn any<T>(known: &BTreeMap<Box<str>, T>, pattern: &NamePattern) -> bool {
    // All that match begin as the pattern does.
    let start = pattern.as_str().split('*').next().unwrap_or_default();
    known
        .range::<str, _>((std::ops::Bound::Included(start), std::ops::Bound::Unbounded))
        .take_while(|(name, _)| name.starts_with(start))
        .any(|(name, _)| pattern.matches(name))
}

fn names<T>(known: &BTreeMap<Box<str>, T>) -> impl Iterator<Item = &str> {
    known.keys().map(|name| &**name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::document::Span64;

    #[track_caller]
    fn check(pointer: &str, is_declared: bool, is_value: bool) {
        let text = Matcher::Text { chars: Span64::ANY };
        let array = Matcher::Array {
            items: Span64::ANY,
            each: None,
            some: None,
        };
        let argument = |pointer, matcher: &Matcher| Argument {
            pointer: Pointer::parse(pointer).unwrap(),
            matcher: matcher.clone(),
            optional: false,
        };
        let arguments = [
            argument("/a", &text),
            argument("/list", &array),
            argument("/o-x", &text),
            argument("/o/p", &text),
            argument("/o0", &text),
        ];
        let pointer = Pointer::parse(pointer).unwrap();
        assert_eq!(declares(&arguments, &pointer), is_declared, "{pointer}");
        assert_eq!(holds(&arguments, &pointer), is_value, "{pointer}");
    }

    #[test]
    fn declared_arguments() {
        check("/a", true, true);
        check("/o/p", true, true);
        check("/list/0/x", true, true);
        check("/o", true, false);
        check("/a/b", false, false);
        check("/o/q", false, false);
        check("/lis", false, false);
        check("/o1", false, false);
    }
}
