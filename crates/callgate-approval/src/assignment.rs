//! Whether the people who approved are enough for all groups at once.

use std::collections::VecDeque;

/// Whether each group gets as many different people as it demands, where nobody counts twice.
///
/// `wanted` says how many each group demands, and `people` in which groups each of them counts.
/// One who counts in two is put wherever that leaves room for the others: this is a matching of
/// people to places, looked for by augmenting paths.
pub(crate) fn suffice(wanted: &[u32], people: &[Vec<usize>]) -> bool {
    let total: u64 = wanted.iter().map(|count| u64::from(*count)).sum();
    if u64::try_from(people.len()).is_ok_and(|people| people < total) {
        return false;
    }
    let mut placed = Placed {
        wanted,
        people,
        groups: vec![Vec::new(); wanted.len()],
    };
    let found = (0..people.len()).filter(|person| placed.place(*person));
    u64::try_from(found.count()).is_ok_and(|found| found >= total)
}

struct Placed<'a> {
    wanted: &'a [u32],
    people: &'a [Vec<usize>],
    /// Who counts in which group so far.
    groups: Vec<Vec<usize>>,
}

impl Placed<'_> {
    /// Finds a place for `person`, moving others where that is needed; false where there is none.
    fn place(&mut self, person: usize) -> bool {
        // For each group that was reached: who would come into it.
        let mut newcomer: Vec<Option<usize>> = vec![None; self.groups.len()];
        let mut queue = VecDeque::from([person]);
        while let Some(moving) = queue.pop_front() {
            for &group in self.people.get(moving).into_iter().flatten() {
                match newcomer.get_mut(group) {
                    Some(reached @ None) => *reached = Some(moving),
                    _ => continue,
                }
                if self.has_room(group) {
                    self.shift(group, person, &newcomer);
                    return true;
                }
                queue.extend(self.groups.get(group).into_iter().flatten());
            }
        }
        false
    }

    fn has_room(&self, group: usize) -> bool {
        let wanted = self.wanted.get(group).copied().unwrap_or(0);
        let there = self.groups.get(group).map_or(0, Vec::len);
        u32::try_from(there).is_ok_and(|there| there < wanted)
    }

    /// Moves everybody along the path that ends in `group`, where there is room.
    fn shift(&mut self, group: usize, first: usize, newcomer: &[Option<usize>]) {
        let mut to = group;
        // No path visits a group twice.
        for _ in 0..self.groups.len() {
            let Some(moving) = newcomer.get(to).copied().flatten() else {
                return;
            };
            let from = (moving != first)
                .then(|| self.groups.iter().position(|there| there.contains(&moving)))
                .flatten();
            if let Some(there) = from.and_then(|from| self.groups.get_mut(from)) {
                there.retain(|known| *known != moving);
            }
            if let Some(there) = self.groups.get_mut(to) {
                there.push(moving);
            }
            match from {
                Some(from) => to = from,
                None => return,
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[track_caller]
    fn check(wanted: &[u32], people: &[&[usize]], expected: bool) {
        let people: Vec<Vec<usize>> = people.iter().map(|groups| groups.to_vec()).collect();
        assert_eq!(suffice(wanted, &people), expected);
    }

    #[test]
    fn nobody_counts_twice() {
        check(&[], &[], true);
        check(&[1], &[], false);
        check(&[1], &[&[0]], true);
        check(&[1, 1], &[&[0, 1]], false);
        check(&[1, 1], &[&[0, 1], &[0]], true);
        check(&[1, 1], &[&[0], &[0]], false);
        check(&[2, 1], &[&[0, 1], &[0], &[1]], true);
        check(&[2, 1], &[&[0, 1], &[0, 1], &[0]], true);
        check(&[2, 2], &[&[0, 1], &[0, 1], &[0, 1]], false);
        // The first one must leave the first group, and the second one the second.
        check(&[1, 1, 1], &[&[0, 1], &[1, 2], &[0]], true);
    }

    /// Every way to place people, one by one.
    fn by_trial(wanted: &[u32], people: &[Vec<usize>]) -> bool {
        if wanted.iter().all(|count| *count == 0) {
            return true;
        }
        let Some((first, rest)) = people.split_first() else {
            return false;
        };
        by_trial(wanted, rest)
            || first.iter().any(|group| {
                let mut left = wanted.to_vec();
                let Some(count) = left.get_mut(*group).filter(|count| **count > 0) else {
                    return false;
                };
                *count = count.saturating_sub(1);
                by_trial(&left, rest)
            })
    }

    proptest! {
        #[test]
        fn agrees_with_trying_everything(
            wanted in proptest::collection::vec(0_u32..3, 1..4),
            people in proptest::collection::vec(proptest::collection::vec(0_usize..3, 0..3), 0..6),
        ) {
            prop_assert_eq!(suffice(&wanted, &people), by_trial(&wanted, &people));
        }
    }
}
