//! What conditions have in common, gathered so that a call asks for it once.
//!
//! Rules that differ in their limit mostly have all other conditions in common. Those stand in a
//! node of their own, whose truth is kept while a call is judged: a further rule costs the test of
//! its limit, and a look at what is known already. All of several hold whatever their order and
//! however they are gathered, with three truth values, too; so no answer depends on it.

use std::collections::HashMap;

use callgate_types::quick_hash::{self, Build};

use super::conditions::{Conditions, Links, Node, Part, Source};
use super::drafts::{Draft, Drafts};
use super::offset::offset;
use super::pool::Pool;
use crate::document::Pointer;

/// What costs less is quicker done again than remembered; and done before what is gathered.
const DEAR: u32 = 4;

/// All conditions, and for each of `whole` the two parts that must hold.
pub(super) fn finish(
    drafts: Drafts,
    pointers: Box<[Pointer]>,
    whole: &[Option<u32>],
) -> (Conditions, Vec<[Part; 2]>) {
    let mut gathering = Gathering::new(&drafts, whole);
    let parts = whole.iter().map(|whole| match whole {
        None => [Part::Always; 2],
        Some(node) => gathering.whole(*node),
    });
    let parts = parts.collect();
    let Gathering { nodes, links, .. } = gathering;
    let conditions = Conditions {
        nodes: nodes.finish(),
        lists: links.into(),
        tests: drafts.tests.finish(),
        pointers,
        is_timed: false,
    };
    (conditions, parts)
}

struct Gathering<'d> {
    drafts: &'d Drafts,
    /// By draft, whether its truth is the same for each resource of a call.
    steady: Vec<bool>,
    /// By list, what of it is shared with others.
    common: Vec<Box<[u32]>>,
    /// By draft, in how many lists it stands once what they share is gathered.
    asked: Vec<u32>,
    /// What became of each draft.
    done: HashMap<u32, Part, Build>,
    nodes: Pool<Node, Node>,
    lists: Pool<Box<[Part]>, Links>,
    links: Vec<Part>,
}

impl<'d> Gathering<'d> {
    fn new(drafts: &'d Drafts, whole: &[Option<u32>]) -> Self {
        let steady = steady(drafts);
        let common = common(drafts, &steady);
        Self {
            asked: asked(drafts, &common, whole),
            drafts,
            steady,
            common,
            done: HashMap::default(),
            nodes: Pool::default(),
            lists: Pool::default(),
            links: Vec::new(),
        }
    }

    /// The condition of a statement, in two parts.
    fn whole(&mut self, node: u32) -> [Part; 2] {
        let Some(Draft::All(list)) = self.drafts.nodes.get(node) else {
            return [self.part(node), Part::Always];
        };
        let parts = self.all(*list);
        match &*parts {
            [] => [Part::Always; 2],
            [one] => [*one, Part::Always],
            [one, other] => [*one, *other],
            [first, rest @ ..] => {
                let rest = Node::Gathered(self.links(rest));
                [*first, Part::Node(self.node(rest))]
            }
        }
    }

    /// The nesting of the document bounds the recursion.
    fn part(&mut self, node: u32) -> Part {
        if let Some(done) = self.done.get(&node) {
            return *done;
        }
        let part = match self.drafts.nodes.get(node) {
            Some(Draft::Value { source, test, .. }) => {
                let (source, test) = (*source, *test);
                match source {
                    Source::Slot(slot) if !self.is_kept(node) && u16::try_from(slot).is_ok() => {
                        let slot = u16::try_from(slot).unwrap_or(u16::MAX);
                        Part::Slot { slot, test }
                    }
                    _ => self.of(node, Node::Value { source, test }),
                }
            }
            Some(Draft::All(list)) => {
                let parts = self.all(*list);
                let links = self.links(&parts);
                self.of(node, Node::All(links))
            }
            Some(Draft::Any(list)) => {
                let drafts = self.drafts;
                let parts = drafts.list(*list).iter().map(|node| self.part(*node));
                let parts: Vec<Part> = parts.collect();
                let links = self.links(&parts);
                self.of(node, Node::Any(links))
            }
            Some(Draft::Not(inner)) => {
                let inner = self.part(*inner);
                self.of(node, Node::Not(inner))
            }
            // Every number stands for a draft; one that did not would be unknown.
            None => Part::Node(u32::MAX),
        };
        self.done.insert(node, part);
        part
    }

    /// The parts of a list that must all hold: what is cheap, what is shared, what is dear.
    fn all(&mut self, list: u32) -> Vec<Part> {
        let drafts = self.drafts;
        let common = self.common.get(list as usize).cloned().unwrap_or_default();
        let own = drafts.list(list).iter().copied();
        let own = own.filter(|node| !common.contains(node));
        let (cheap, dear): (Vec<u32>, Vec<u32>) = own.partition(|node| drafts.cost(*node) <= DEAR);
        let mut parts: Vec<Part> = cheap.into_iter().map(|node| self.part(node)).collect();
        if !common.is_empty() {
            let shared: Vec<Part> = common.iter().map(|node| self.part(*node)).collect();
            let shared = Node::Gathered(self.links(&shared));
            parts.push(Part::Kept(self.node(shared)));
        }
        parts.extend(dear.into_iter().map(|node| self.part(node)));
        parts
    }

    fn of(&mut self, draft: u32, node: Node) -> Part {
        let number = self.node(node);
        if self.is_kept(draft) {
            Part::Kept(number)
        } else {
            Part::Node(number)
        }
    }

    /// Whether a condition is asked for in several places, is then the same, and is dear.
    fn is_kept(&self, draft: u32) -> bool {
        let of = |all: &[u32]| all.get(draft as usize).copied().unwrap_or(0);
        let steady = self.steady.get(draft as usize) == Some(&true);
        steady && of(&self.asked) > 1 && self.drafts.cost(draft) >= DEAR
    }

    fn node(&mut self, node: Node) -> u32 {
        self.nodes.number(node, || node)
    }

    fn links(&mut self, parts: &[Part]) -> Links {
        let links = &mut self.links;
        let number = self.lists.number(parts.into(), || {
            let start = offset(links.len());
            links.extend_from_slice(parts);
            let len = offset(parts.len());
            Links { start, len }
        });
        let none = Links { start: 0, len: 0 };
        self.lists.get(number).copied().unwrap_or(none)
    }
}

/// By draft, whether its truth is the same for each resource of a call.
fn steady(drafts: &Drafts) -> Vec<bool> {
    let mut steady: Vec<bool> = Vec::new();
    for draft in drafts.nodes.values() {
        let is = |node: &u32| steady.get(*node as usize) == Some(&true);
        let all = match draft {
            Draft::Value { steady, .. } => *steady,
            Draft::Not(inner) => is(inner),
            Draft::All(list) | Draft::Any(list) => drafts.list(*list).iter().all(is),
        };
        steady.push(all);
    }
    steady
}

/// By list of conditions that must all hold, those that are worth gathering: of the ones that
/// stand in most places so many that a list saves the most of its parts.
fn common(drafts: &Drafts, steady: &[bool]) -> Vec<Box<[u32]>> {
    let places = |list: u32| {
        let node = drafts.nodes.known(&Draft::All(list));
        node.map_or(0, |node| drafts.uses(node).places)
    };
    let ordered: Vec<(u32, Vec<u32>)> = drafts
        .lists
        .numbered()
        .map(|(list, nodes)| {
            let steady = |node: &u32| steady.get(*node as usize) == Some(&true);
            let shared = |node: &u32| steady(node) && drafts.uses(*node).places > 1;
            let places = places(list);
            let nodes = nodes.iter().copied().filter(|_| places > 0);
            let mut nodes: Vec<u32> = nodes.filter(shared).collect();
            nodes.sort_by_key(|node| (u32::MAX.wrapping_sub(drafts.uses(*node).places), *node));
            (places, nodes)
        })
        .collect();
    let mut counts: HashMap<u64, u32, Build> = HashMap::default();
    for (places, nodes) in &ordered {
        for print in prints(nodes) {
            let count = counts.entry(print).or_default();
            *count = count.saturating_add(*places);
        }
    }
    // Two sets of one print are taken for one: what is gathered is then less apt, and no less right.
    let best = |(_, mut nodes): (u32, Vec<u32>)| {
        let saved = |(len, print): (u64, u64)| {
            let count = u64::from(counts.get(&print).copied().unwrap_or(0));
            let others = count.saturating_sub(1);
            let saved = len.saturating_mul(others).saturating_mul(1000);
            (saved.checked_div(count).unwrap_or(0), len)
        };
        let all = (1..).zip(prints(&nodes)).filter(|(len, _)| *len > 1);
        let (saved, len) = all.map(saved).max().unwrap_or_default();
        nodes.truncate(if saved == 0 {
            0
        } else {
            usize::try_from(len).unwrap_or(0)
        });
        nodes.sort_by_cached_key(|node| (drafts.cost(*node), *node));
        nodes.into()
    };
    ordered.into_iter().map(best).collect()
}

/// A print for each beginning of `nodes`.
fn prints(nodes: &[u32]) -> impl Iterator<Item = u64> {
    nodes.iter().scan(0, |print, node| {
        *print = quick_hash::of_pair(*print, u64::from(*node));
        Some(*print)
    })
}

/// By draft, in how many lists it stands once what they share is gathered; one of a statement that
/// is judged for each resource counts twice.
fn asked(drafts: &Drafts, common: &[Box<[u32]>], whole: &[Option<u32>]) -> Vec<u32> {
    let per_resource = drafts.uses.iter().map(|uses| uses.per_resource.into());
    let mut asked: Vec<u32> = per_resource.collect();
    let mut add = |node: u32| {
        if let Some(asked) = asked.get_mut(node as usize) {
            *asked = asked.saturating_add(1);
        }
    };
    let mut gathered: Vec<&[u32]> = Vec::new();
    for (list, nodes) in drafts.lists.numbered() {
        let common = common
            .get(list as usize)
            .map_or(&[][..], |common| &**common);
        gathered.push(common);
        let own = nodes.iter().filter(|node| !common.contains(node));
        own.for_each(|node| add(*node));
    }
    gathered.sort_unstable();
    gathered.dedup();
    gathered.into_iter().flatten().for_each(|node| add(*node));
    for draft in drafts.nodes.values() {
        if let Draft::Not(inner) = draft {
            add(*inner);
        }
    }
    whole.iter().flatten().for_each(|node| add(*node));
    asked
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Policy;
    use std::fmt::Write as _;

    /// Rules about one tool, with these conditions on its arguments `a` to `d`.
    fn parts(conditions: &[&str]) -> Vec<[Part; 2]> {
        let mut text = String::from(
            "format = 1\nname = 'p'\n[tools.t]\naccess = 'read'\n[tools.t.arguments]\n",
        );
        for name in ["a", "b", "c", "d"] {
            writeln!(text, "'/{name}' = {{ text = {{ max_chars = 9 }} }}").unwrap();
        }
        for (number, conditions) in conditions.iter().enumerate() {
            writeln!(text, "[[rules]]\nid = 'r{number}'\neffect = 'permit'").unwrap();
            writeln!(text, "tools = ['t']\n[rules.when]").unwrap();
            for (name, value) in ["a", "b", "c", "d"].iter().zip(conditions.chars()) {
                if value != '-' {
                    writeln!(text, "'arguments/{name}' = {{ equals = '{value}' }}").unwrap();
                }
            }
        }
        let policy = Policy::parse(&text, "p.toml").unwrap();
        let statements = policy.compiled().statements();
        let whens = (0..).zip(conditions);
        let whens = whens.map(|(number, _)| statements.statement(number).unwrap().when);
        whens.collect()
    }

    #[test]
    fn what_rules_share_is_gathered_once() {
        let parts = parts(&["1xyz", "2xyz", "3xyz", "4x--"]);
        let [[first, rest], [second, same], [_, again], [_, alone]] = *parts else {
            panic!("four rules");
        };
        assert!(matches!(first, Part::Slot { slot: 0, .. }) && first != second);
        assert!(matches!(rest, Part::Kept(_)));
        assert_eq!([same, again], [rest; 2]);
        assert!(matches!(alone, Part::Slot { .. }));
    }

    #[test]
    fn conditions_of_one_rule_are_not_gathered() {
        let parts = parts(&["12--", "--34", "5---"]);
        let slot = |part: Part| matches!(part, Part::Slot { .. });
        let slots: Vec<_> = parts.iter().map(|when| when.map(slot)).collect();
        assert_eq!(slots, [[true, true], [true, true], [true, false]]);
        assert_eq!(parts[2][1], Part::Always);
    }

    #[test]
    fn equal_conditions_are_one() {
        let parts = parts(&["1xyz", "1xyz"]);
        assert!(matches!(parts[0], [Part::Kept(_), Part::Always]));
        assert_eq!(parts[0], parts[1]);
    }
}
