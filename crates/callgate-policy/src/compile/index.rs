//! Finding the statements that can be about a call.
//!
//! A statement is entered under tool, role, tenant and environment, each a name or any. A call
//! asks for every combination of its own names and *any* for which there are entries at all, so
//! the number of statements makes no difference.

use callgate_types::quick_hash as hash;

use super::offset::offset;
use super::packing::{Packed, Packing};
use crate::evaluate::{Keys, Known};

/// What a statement is entered under.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Key {
    pub(super) tool: u32,
    pub(super) role: u32,
    pub(super) tenant: u32,
    pub(super) environment: u32,
}

impl Key {
    /// Whatever the name is.
    pub(crate) const ANY: u32 = u32::MAX;
    /// Some name is asked for; entered for calls where it is unknown.
    pub(super) const STATED: u32 = u32::MAX - 1;
    /// A name of the call that the policy does not know.
    pub(crate) const FOREIGN: u32 = u32::MAX - 2;

    pub(super) const fn any_of(tool: u32) -> Self {
        Self {
            tool,
            role: Self::ANY,
            tenant: Self::ANY,
            environment: Self::ANY,
        }
    }

    /// Which of the four are names, a bit each.
    fn shape(self) -> usize {
        let named = |bit, name| if name == Self::ANY { 0 } else { bit };
        named(Self::ROLE, self.role)
            | named(Self::TOOL, self.tool)
            | named(Self::TENANT, self.tenant)
            | named(Self::ENVIRONMENT, self.environment)
    }

    const ROLE: usize = 1;
    const TOOL: usize = 2;
    const TENANT: usize = 4;
    const ENVIRONMENT: usize = 8;
    const SHAPES: usize = 16;

    /// Of a shape: any name where it has none, and nothing where it has one.
    fn any_but(shape: usize) -> Self {
        let any = |bit| if shape & bit == 0 { Self::ANY } else { 0 };
        Self {
            tool: any(Self::TOOL),
            role: any(Self::ROLE),
            tenant: any(Self::TENANT),
            environment: any(Self::ENVIRONMENT),
        }
    }

    const fn is_stated(self) -> bool {
        self.role == Self::STATED || self.tenant == Self::STATED || self.environment == Self::STATED
    }
}

/// A set of shapes, a bit each.
type Shapes = u16;

/// In keys of which shapes the names of one kind stand: a call looks up no others.
#[derive(Debug)]
struct Standing {
    by_number: Box<[Shapes]>,
    /// For a name that the policy does not know.
    foreign: Shapes,
    /// Where nothing is known of the name: the shapes without one of this kind.
    unknown: Shapes,
}

impl Standing {
    fn new(keys: &[Key], bit: usize, name: fn(&Key) -> u32) -> Self {
        let shape = |key: &Key| 1_u16.unbounded_shl(u32::try_from(key.shape()).unwrap_or(u32::MAX));
        let without = keys.iter().filter(|key| key.shape() & bit == 0);
        let unknown = without.fold(0, |all, key| all | shape(key));
        let mut standing = Self {
            by_number: Box::default(),
            foreign: unknown,
            unknown,
        };
        let mut by_number: Vec<Shapes> = Vec::new();
        for key in keys.iter().filter(|key| key.shape() & bit != 0) {
            if name(key) == Key::FOREIGN {
                standing.foreign |= shape(key);
                continue;
            }
            let number = name(key) as usize;
            if by_number.len() <= number {
                by_number.resize(number.saturating_add(1), unknown);
            }
            if let Some(shapes) = by_number.get_mut(number) {
                *shapes |= shape(key);
            }
        }
        standing.by_number = by_number.into();
        standing
    }

    #[inline]
    fn of(&self, number: u32) -> Shapes {
        match self.by_number.get(number as usize) {
            Some(shapes) => *shapes,
            None if number == Key::FOREIGN => self.foreign,
            None => self.unknown,
        }
    }
}

/// Found where numbers should be and are not: a policy has fewer statements than this.
const NO_STATEMENT: &[u32] = &[u32::MAX];

/// The numbers of statements by key.
#[derive(Debug)]
pub(crate) struct Index {
    packing: Packing,
    /// By the hash of a key, where the entries begin that share it; they end where the next ones
    /// begin.
    starts: Box<[u32]>,
    entries: Box<[Entry]>,
    /// Lists of numbers, each behind its length.
    numbers: Box<[u32]>,
    tools: Standing,
    roles: Standing,
    tenants: Standing,
    environments: Standing,
    /// By shape: every bit where it has no name.
    any: [Packed; Key::SHAPES],
    has_role_keys: bool,
    has_stated: bool,
}

/// A key, and its numbers.
#[derive(Clone, Copy, Debug)]
struct Entry {
    /// The halves of the word: so three numbers leave no gap.
    key: [u32; 2],
    /// The number itself, where there is just one; else [`Entry::SEVERAL`] and where they are.
    value: u32,
}

impl Entry {
    const SEVERAL: u32 = 1 << 31;

    /// `numbers` takes what does not stand in the entry.
    fn new(key: Packed, own: &[(Key, u32)], numbers: &mut Vec<u32>) -> Self {
        let value = match own {
            [(_, only)] if only & Self::SEVERAL == 0 => *only,
            all => {
                let value = offset(numbers.len()) | Self::SEVERAL;
                numbers.push(offset(all.len()));
                numbers.extend(all.iter().map(|(_, number)| *number));
                value
            }
        };
        let key = halves(key);
        Self { key, value }
    }

    #[inline]
    fn numbers<'i>(&'i self, numbers: &'i [u32]) -> &'i [u32] {
        if self.value & Self::SEVERAL == 0 {
            return std::slice::from_ref(&self.value);
        }
        let from = (self.value & !Self::SEVERAL) as usize;
        let own = numbers.get(from..).and_then(<[u32]>::split_first);
        let own = own.and_then(|(len, rest)| rest.get(..*len as usize));
        own.unwrap_or(NO_STATEMENT)
    }
}

#[inline]
const fn halves(key: Packed) -> [u32; 2] {
    #[expect(clippy::cast_possible_truncation, reason = "each half is a number")]
    [key as u32, (key >> 32) as u32]
}

impl Index {
    /// Enters each statement under its key.
    pub(super) fn new(mut keyed: Vec<(Key, u32)>, packing: Packing) -> Self {
        keyed.sort_unstable();
        keyed.dedup();
        let mut numbers = Vec::new();
        let mut entries: Vec<(Key, Entry)> = Vec::new();
        for own in keyed.chunk_by(|(one, _), (other, _)| one == other) {
            if let Some((key, _)) = own.first() {
                let entry = Entry::new(packing.pack(*key), own, &mut numbers);
                entries.push((*key, entry));
            }
        }
        let keys = entries.iter().map(|(key, _)| *key);
        let keys: Vec<Key> = keys.filter(|key| !key.is_stated()).collect();
        let mut any = [0; Key::SHAPES];
        for (shape, any) in any.iter_mut().enumerate() {
            *any = packing.pack(Key::any_but(shape));
        }
        let has_stated = entries.iter().any(|(key, _)| key.is_stated());
        let (starts, entries) = table(entries.into_iter().map(|(_, entry)| entry).collect());
        Self {
            packing,
            starts,
            entries,
            numbers: numbers.into(),
            tools: Standing::new(&keys, Key::TOOL, |key| key.tool),
            roles: Standing::new(&keys, Key::ROLE, |key| key.role),
            tenants: Standing::new(&keys, Key::TENANT, |key| key.tenant),
            environments: Standing::new(&keys, Key::ENVIRONMENT, |key| key.environment),
            any,
            has_role_keys: keys.iter().any(|key| key.shape() & Key::ROLE != 0),
            has_stated,
        }
    }

    pub(crate) const fn has_role_keys(&self) -> bool {
        self.has_role_keys
    }

    /// Visits the statements that can be about a call, by their keys.
    ///
    /// One may be visited several times. A number that names no statement says that the index is
    /// not whole.
    #[inline]
    pub(crate) fn candidates(&self, keys: &Keys<'_>, mut visit: impl FnMut(&[u32])) {
        let key = self.packing.pack(Key {
            tool: keys.tool,
            role: 0,
            tenant: keys.tenant.number(),
            environment: keys.environment.number(),
        });
        let roles = keys.roles();
        let of_roles = roles.iter().map(|role| self.roles.of(*role));
        let mut shapes = of_roles.fold(self.roles.unknown, |all, shapes| all | shapes)
            & self.tools.of(keys.tool)
            & self.tenants.of(keys.tenant.number())
            & self.environments.of(keys.environment.number());
        while shapes != 0 {
            let shape = shapes.trailing_zeros() as usize;
            shapes &= shapes.wrapping_sub(1);
            let any = self.any.get(shape).copied().unwrap_or_default();
            if shape & Key::ROLE == 0 {
                visit(self.find(key | any));
                continue;
            }
            for role in roles {
                visit(self.find(key | any | self.packing.role(*role)));
            }
        }
    }

    /// Visits the statements that may be about a call because a name of the call is unknown:
    /// nothing of what they select by has been compared yet.
    #[inline]
    pub(crate) fn of_unknown(&self, keys: &Keys<'_>, visit: impl FnMut(&[u32])) {
        let unknown = !keys.caller_known
            || keys.tenant == Known::Unknown
            || keys.environment == Known::Unknown;
        if unknown && self.has_stated {
            self.stated(keys, visit);
        }
    }

    fn stated(&self, keys: &Keys<'_>, mut visit: impl FnMut(&[u32])) {
        let mut visit = |key| visit(self.find(self.packing.pack(key)));
        for tool in [keys.tool, Key::ANY] {
            let base = Key::any_of(tool);
            if !keys.caller_known {
                let role = Key::STATED;
                visit(Key { role, ..base });
            }
            if keys.tenant == Known::Unknown {
                let tenant = Key::STATED;
                visit(Key { tenant, ..base });
            }
            if keys.environment == Known::Unknown {
                let environment = Key::STATED;
                visit(Key {
                    environment,
                    ..base
                });
            }
        }
    }

    #[inline(never)]
    fn find(&self, key: Packed) -> &[u32] {
        let place = hash::start(hash::of_number(key), places(&self.starts));
        let (Some(from), Some(to)) = (
            self.starts.get(place),
            self.starts.get(place.wrapping_add(1)),
        ) else {
            return NO_STATEMENT;
        };
        let Some(entries) = self.entries.get(*from as usize..*to as usize) else {
            return NO_STATEMENT;
        };
        let key = halves(key);
        for entry in entries {
            if entry.key == key {
                return entry.numbers(&self.numbers);
            }
        }
        &[]
    }
}

/// How many hashes are told apart.
#[inline]
const fn places(starts: &[u32]) -> usize {
    starts.len().wrapping_sub(1)
}

/// Brings `entries` into the order of their hashes: where those of each begin, and all of them.
/// There are no fewer hashes than entries.
fn table(mut entries: Box<[Entry]>) -> (Box<[u32]>, Box<[Entry]>) {
    let len = entries.len().next_power_of_two().saturating_add(1);
    let mut starts = vec![0_u32; len];
    let place = |entry: &Entry| {
        let [low, high] = entry.key.map(Packed::from);
        hash::start(hash::of_number((high << 32) | low), len.wrapping_sub(1))
    };
    entries.sort_by_cached_key(place);
    for entry in &entries {
        // Those behind its own hash begin later by one.
        if let Some(next) = starts.get_mut(place(entry).saturating_add(1)) {
            *next = next.saturating_add(1);
        }
    }
    let mut start = 0_u32;
    for next in &mut starts {
        start = start.saturating_add(*next);
        *next = start;
    }
    (starts.into(), entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key(number: u32) -> Key {
        let [role, tool, tenant, environment] = [number % 5, number % 7, number % 11, number % 2];
        Key {
            tool,
            role,
            tenant,
            environment,
        }
    }

    /// So many keys, of which each has the numbers up to its own, from 0 to 2.
    fn index(keys: u32) -> Index {
        let keyed =
            (0..keys).flat_map(|number| (0..=number % 3).map(move |one| (key(number), one)));
        Index::new(keyed.collect(), Packing::within(64, [5, 7, 11, 2]))
    }

    #[test]
    fn every_key_is_found_and_no_other() {
        for keys in [0, 1, 2, 3, 40, 700] {
            let index = index(keys);
            let find = |key| index.find(index.packing.pack(key));
            for number in 0..keys {
                assert_eq!(find(key(number)), &[0, 1, 2][..=number as usize % 3]);
            }
            for number in keys..770 {
                assert_eq!(find(key(number)), &[] as &[u32], "{number} of {keys}");
            }
            assert_eq!(find(Key::any_of(3)), &[] as &[u32]);
        }
    }

    #[test]
    fn a_number_that_looks_like_a_place_is_found() {
        let number = Entry::SEVERAL + 3;
        let packing = Packing::within(64, [5, 7, 11, 2]);
        let index = Index::new(vec![(key(1), number)], packing);
        assert_eq!(index.find(packing.pack(key(1))), [number]);
    }

    #[test]
    fn a_table_that_is_not_whole_names_no_statement() {
        let broken: [fn(&mut Index); 4] = [
            |index| index.starts = Box::default(),
            |index| index.starts[1..].fill(u32::MAX),
            |index| index.entries = Box::default(),
            |index| index.numbers = Box::default(),
        ];
        for (case, breaks) in broken.into_iter().enumerate() {
            let mut index = index(700);
            breaks(&mut index);
            // Of the numbers only lists are kept apart.
            let found = index.find(index.packing.pack(key(2)));
            assert_eq!(found, NO_STATEMENT, "{case}");
        }
    }
}
