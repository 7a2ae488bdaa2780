//! Under which keys a statement is found.

use std::collections::BTreeSet;

use callgate_types::Names;

use super::index::Key;
use super::packing::Packing;
use super::roles::Roles;
use crate::document::{Document, NamePattern, Selector};
use crate::evaluate::Dims;

/// The names by which statements are found.
#[derive(Debug)]
pub(super) struct Vocabulary {
    pub(super) tools: Names,
    pub(super) roles: Roles,
    /// Tenants that rules name.
    pub(super) tenants: Names,
    /// Environments that rules name.
    pub(super) environments: Names,
}

impl Vocabulary {
    pub(super) fn new(document: &Document) -> Self {
        let selectors = || {
            let rules = document.rules.iter().map(|rule| &rule.selector);
            let raises = document.raises.iter().map(|raise| &raise.selector);
            let limits = document.limits.iter().map(|limit| &limit.selector);
            rules.chain(raises).chain(limits)
        };
        Self {
            tools: Names::new(document.tools.keys().map(|name| &**name)),
            roles: Roles::new(&document.roles),
            tenants: exact_names(selectors().map(|selector| selector.tenants.as_deref())),
            environments: exact_names(selectors().map(|selector| selector.environments.as_deref())),
        }
    }
}

fn exact_names<'d>(lists: impl Iterator<Item = Option<&'d [NamePattern]>>) -> Names {
    let patterns = lists.flatten().flatten();
    let names: BTreeSet<&str> = patterns.filter_map(NamePattern::exact).collect();
    Names::new(names)
}

/// The keys of one statement.
pub(super) struct Keyed {
    pub(super) keys: Vec<Key>,
    /// What the keys leave open.
    pub(super) residual: Dims,
    /// The only tool that it can be about.
    pub(super) only_tool: Option<u32>,
}

/// A statement has at most so many keys. Where it would have more, it is found whatever the name,
/// which is compared afterwards.
const MAX_KEYS: usize = 64;

impl Keyed {
    pub(super) fn new(
        selector: &Selector,
        restricts: bool,
        vocabulary: &Vocabulary,
        packing: &Packing,
    ) -> Self {
        let mut residual = Dims::NONE;
        let mut leave = |dim, stated: bool| {
            if stated {
                residual = residual | dim;
            }
        };
        leave(Dims::PRINCIPALS, selector.principals.is_some());
        leave(Dims::ACTORS, selector.actors.is_some());
        leave(Dims::RESOURCES, selector.resources.is_some());
        leave(Dims::TIMING, selector.timing.is_some());

        let tools = selector.tools.as_deref();
        let tools = tools.map(|patterns| expanded(patterns, &vocabulary.tools));
        let only_tool = match tools.as_deref() {
            Some([one]) => Some(*one),
            _ => None,
        };
        let roles = selector.roles.as_deref().map(|patterns| {
            let named = expanded(patterns, vocabulary.roles.names());
            let holders = named.iter().map(|role| vocabulary.roles.holders(*role));
            let mut roles: Vec<u32> = holders.flatten().collect();
            roles.sort_unstable();
            roles.dedup();
            // A role that the policy does not know has a name, too.
            let open = |pattern: &NamePattern| {
                pattern
                    .exact()
                    .is_none_or(|name| vocabulary.roles.number(name).is_none())
            };
            if patterns.iter().any(open) {
                roles.push(Key::FOREIGN);
                leave(Dims::ROLES, true);
            }
            roles
        });
        let mut lists = [
            (Dims::TOOLS, tools),
            (Dims::ROLES, roles),
            (
                Dims::TENANTS,
                numbers(selector.tenants.as_deref(), &vocabulary.tenants),
            ),
            (
                Dims::ENVIRONMENTS,
                numbers(selector.environments.as_deref(), &vocabulary.environments),
            ),
        ];
        leave(Dims::TENANTS, has_glob(selector.tenants.as_deref()));
        leave(
            Dims::ENVIRONMENTS,
            has_glob(selector.environments.as_deref()),
        );
        for (dim, list) in &mut lists {
            if packing.left_out().has(*dim) && list.take().is_some() {
                leave(*dim, true);
            }
        }
        while product(&lists) > MAX_KEYS {
            let longest = lists
                .iter_mut()
                .max_by_key(|(_, list)| list.as_ref().map_or(0, Vec::len));
            if let Some((dim, list)) = longest {
                leave(*dim, true);
                *list = None;
            }
        }
        let mut keys = combine(&lists);
        if restricts {
            add_lists(&lists, &mut keys);
        }
        Self {
            keys,
            residual,
            only_tool,
        }
    }
}

/// The numbers of all names that match, ascending.
fn expanded(patterns: &[NamePattern], names: &Names) -> Vec<u32> {
    let mut numbers = Vec::new();
    for pattern in patterns {
        if let Some(name) = pattern.exact() {
            numbers.extend(names.number(name));
        } else {
            let all = names.iter();
            let matching = all.filter(|(_, name)| pattern.matches(name));
            numbers.extend(matching.map(|(number, _)| number));
        }
    }
    numbers.sort_unstable();
    numbers.dedup();
    numbers
}

fn has_glob(patterns: Option<&[NamePattern]>) -> bool {
    patterns.is_some_and(|patterns| patterns.iter().any(|pattern| pattern.exact().is_none()))
}

/// The numbers of `patterns`; `None` where the names are not all written out.
fn numbers(patterns: Option<&[NamePattern]>, names: &Names) -> Option<Vec<u32>> {
    let number = |pattern: &NamePattern| names.number(pattern.exact()?);
    let mut numbers: Vec<u32> = patterns?.iter().map(number).collect::<Option<_>>()?;
    numbers.sort_unstable();
    numbers.dedup();
    Some(numbers)
}

type Lists = [(Dims, Option<Vec<u32>>); 4];

fn product(lists: &Lists) -> usize {
    let lengths = lists
        .iter()
        .map(|(_, list)| list.as_ref().map_or(1, Vec::len));
    lengths.fold(1, usize::saturating_mul)
}

fn combine([(_, tools), (_, roles), (_, tenants), (_, environments)]: &Lists) -> Vec<Key> {
    let mut keys = Vec::new();
    for tool in each(tools.as_deref()) {
        for role in each(roles.as_deref()) {
            for tenant in each(tenants.as_deref()) {
                for environment in each(environments.as_deref()) {
                    keys.push(Key {
                        tool,
                        role,
                        tenant,
                        environment,
                    });
                }
            }
        }
    }
    keys
}

/// Where a name of the call is unknown, restricting statements are found by that alone.
fn add_lists(lists: &Lists, keys: &mut Vec<Key>) {
    let [(_, tools), (_, roles), (_, tenants), (_, environments)] = lists;
    for tool in each(tools.as_deref()) {
        let base = Key::any_of(tool);
        if roles.is_some() {
            keys.push(Key {
                role: Key::STATED,
                ..base
            });
        }
        if tenants.is_some() {
            keys.push(Key {
                tenant: Key::STATED,
                ..base
            });
        }
        if environments.is_some() {
            keys.push(Key {
                environment: Key::STATED,
                ..base
            });
        }
    }
}

fn each(list: Option<&[u32]>) -> impl Iterator<Item = u32> {
    let wild = list.is_none().then_some(Key::ANY);
    wild.into_iter()
        .chain(list.unwrap_or_default().iter().copied())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;

    #[test]
    fn names_without_room_in_a_key_are_compared_afterwards() {
        let text = r#"
            format = 1
            name = "narrow"
            [roles]
            clerk = {}
            [tools.close]
            access = "read"
            [[rules]]
            id = "one"
            effect = "forbid"
            roles = ["clerk"]
            tools = ["close"]
            tenants = ["acme", "globex"]
        "#;
        let policy = Policy::parse(text, "narrow.toml").unwrap();
        let document = policy.document();
        let vocabulary = Vocabulary::new(document);
        let check = |counts, residual, expected: &[[u32; 3]]| {
            let packing = Packing::within(8, counts);
            let selector = &document.rules[0].selector;
            let keyed = Keyed::new(selector, true, &vocabulary, &packing);
            assert_eq!(keyed.residual, residual);
            let keys = keyed.keys.iter();
            let found: Vec<_> = keys.map(|key| [key.tool, key.role, key.tenant]).collect();
            assert_eq!(found, expected);
        };
        let (any, stated) = (Key::ANY, Key::STATED);
        check(
            [1, 1, 1, 1],
            Dims::NONE,
            &[[0, 0, 0], [0, 0, 1], [0, stated, any], [0, any, stated]],
        );
        check(
            [1, 1, 20, 1],
            Dims::TENANTS,
            &[[0, 0, any], [0, stated, any]],
        );
        check(
            [20, 1, 1, 1],
            Dims::ROLES,
            &[[0, any, 0], [0, any, 1], [0, any, stated]],
        );
    }
}
