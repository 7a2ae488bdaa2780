//! Schemas that refer back to themselves about the same value.

use super::keywords::{Id, Node};

/// A schema that would be asked of a value in order to say whether it holds of that value.
pub(super) fn find(nodes: &[Node]) -> Option<Id> {
    let left = left_over(nodes);
    // What is left lies on a circle or leads into one: the first that comes back to itself.
    let mut left = left.into_iter().map(Id);
    left.find(|id| comes_back(nodes, *id))
}

/// The schemas that remain when those are taken away, one after the other, that ask none which
/// remains.
fn left_over(nodes: &[Node]) -> Vec<usize> {
    let mut askers: Vec<Vec<usize>> = nodes.iter().map(|_| Vec::new()).collect();
    let mut asked: Vec<usize> = Vec::with_capacity(nodes.len());
    for (at, node) in nodes.iter().enumerate() {
        let mut count = 0_usize;
        for Id(other) in in_place(node) {
            if let Some(askers) = askers.get_mut(other) {
                askers.push(at);
                count = count.saturating_add(1);
            }
        }
        asked.push(count);
    }
    let is_done = |(at, count): (usize, &usize)| (*count == 0).then_some(at);
    let mut done: Vec<usize> = asked.iter().enumerate().filter_map(is_done).collect();
    while let Some(at) = done.pop() {
        for asker in askers.get(at).into_iter().flatten() {
            if let Some(count) = asked.get_mut(*asker) {
                *count = count.saturating_sub(1);
                if *count == 0 {
                    done.push(*asker);
                }
            }
        }
    }
    let remains = |(at, count): (usize, &usize)| (*count > 0).then_some(at);
    asked.iter().enumerate().filter_map(remains).collect()
}

fn comes_back(nodes: &[Node], id: Id) -> bool {
    let mut seen: Vec<bool> = nodes.iter().map(|_| false).collect();
    let mut open = vec![id];
    while let Some(Id(at)) = open.pop() {
        for next in nodes.get(at).into_iter().flat_map(in_place) {
            if next == id {
                return true;
            }
            if let Some(seen) = seen.get_mut(next.0)
                && !std::mem::replace(seen, true)
            {
                open.push(next);
            }
        }
    }
    false
}

fn in_place(node: &Node) -> impl Iterator<Item = Id> {
    let keywords = match node {
        Node::Keywords(keywords) => Some(keywords),
        Node::Boolean(_) => None,
    };
    keywords
        .into_iter()
        .flat_map(|keywords| keywords.in_place())
}
