//! Finding the statements that can be about a call.
//!
//! A statement is entered under tool, role, tenant and environment, each a name or any. A call
//! asks for every combination of its own names and *any* for which there are entries at all, so
//! the number of statements makes no difference.

use callgate_types::quick_hash as hash;

use super::offset::offset;
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

    #[inline]
    fn hash(self) -> u64 {
        hash::of_pair(
            (u64::from(self.tool) << 32) | u64::from(self.role),
            (u64::from(self.tenant) << 32) | u64::from(self.environment),
        )
    }

    fn shape(self) -> Shape {
        Shape {
            tool: self.tool != Self::ANY,
            role: self.role != Self::ANY,
            tenant: self.tenant != Self::ANY,
            environment: self.environment != Self::ANY,
        }
    }

    const fn is_stated(self) -> bool {
        self.role == Self::STATED || self.tenant == Self::STATED || self.environment == Self::STATED
    }
}

/// Which of the four are names.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is one dimension of the index"
)]
struct Shape {
    tool: bool,
    role: bool,
    tenant: bool,
    environment: bool,
}

/// The keys of one shape, seen from afar: what a call does not share with them all is not looked
/// up.
#[derive(Clone, Copy, Debug)]
struct Group {
    tools: Bits,
    roles: Bits,
    tenants: Bits,
    environments: Bits,
    /// [`Key::ANY`] where the shape has no name, 0 where it has one.
    any: Key,
}

/// A set of names that remembers little of each: it may hold more than was put in.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bits(u64);

impl Bits {
    const NONE: Self = Self(0);
    /// Whatever the name is, known or not.
    const ALL: Self = Self(u64::MAX);
    /// A name that nobody knows: it is in [`Bits::ALL`] only.
    pub(crate) const UNKNOWN: Self = Self(1 << 63);

    #[inline]
    pub(crate) const fn of(number: u32) -> Self {
        Self(1 << (number % 32))
    }

    #[inline]
    const fn known(known: Known) -> Self {
        match known {
            Known::Unknown => Self::UNKNOWN,
            Known::Name(number) => Self::of(number),
        }
    }

    #[inline]
    pub(crate) const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    #[inline]
    const fn shares(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }
}

impl Group {
    fn new(shape: Shape, keys: impl Iterator<Item = Key>) -> Self {
        let start = |stated| if stated { Bits::NONE } else { Bits::ALL };
        let any = |stated| if stated { 0 } else { Key::ANY };
        let group = Self {
            tools: start(shape.tool),
            roles: start(shape.role),
            tenants: start(shape.tenant),
            environments: start(shape.environment),
            any: Key {
                tool: any(shape.tool),
                role: any(shape.role),
                tenant: any(shape.tenant),
                environment: any(shape.environment),
            },
        };
        keys.filter(|key| key.shape() == shape)
            .fold(group, |group, key| Self {
                tools: group.tools.or(Bits::of(key.tool)),
                roles: group.roles.or(Bits::of(key.role)),
                tenants: group.tenants.or(Bits::of(key.tenant)),
                environments: group.environments.or(Bits::of(key.environment)),
                ..group
            })
    }

    /// Whether any of its keys may be about the call. Where it names what the call does not, none
    /// is.
    #[inline]
    fn may_hold(&self, call: &Self) -> bool {
        self.environments.shares(call.environments)
            && self.tenants.shares(call.tenants)
            && self.roles.shares(call.roles)
            && self.tools.shares(call.tools)
    }
}

/// Found where numbers should be and are not: a policy has fewer statements than this.
const NO_STATEMENT: &[u32] = &[u32::MAX];

/// The numbers of statements by key.
#[derive(Debug, Default)]
pub(crate) struct Index {
    /// Open addressing; a bucket without statements is free.
    table: Box<[Bucket]>,
    numbers: Box<[u32]>,
    groups: Box<[Group]>,
    has_role_keys: bool,
    has_stated: bool,
}

#[derive(Clone, Copy, Debug)]
struct Bucket {
    key: Key,
    /// Where its numbers start; the number itself, where there is just one.
    start: u32,
    len: u32,
}

impl Index {
    /// Enters each statement under its key.
    pub(super) fn new(mut entries: Vec<(Key, u32)>) -> Self {
        entries.sort_unstable();
        let mut buckets: Vec<Bucket> = Vec::new();
        for (place, (key, _)) in entries.iter().enumerate() {
            match buckets.last_mut() {
                Some(last) if last.key == *key => last.len = last.len.saturating_add(1),
                _ => buckets.push(Bucket {
                    key: *key,
                    start: offset(place),
                    len: 1,
                }),
            }
        }
        // A lone number stands in its bucket.
        let mut numbers: Vec<u32> = Vec::new();
        for bucket in &mut buckets {
            let from = bucket.start as usize;
            match entries.get(from..from.saturating_add(bucket.len as usize)) {
                Some([(_, only)]) => bucket.start = *only,
                all => {
                    bucket.start = offset(numbers.len());
                    numbers.extend(all.into_iter().flatten().map(|(_, number)| *number));
                }
            }
        }
        let plain = || {
            buckets
                .iter()
                .map(|bucket| bucket.key)
                .filter(|key| !key.is_stated())
        };
        let mut shapes: Vec<Shape> = Vec::new();
        for shape in plain().map(Key::shape) {
            if !shapes.contains(&shape) {
                shapes.push(shape);
            }
        }
        shapes.sort_unstable();
        Self {
            has_role_keys: shapes.iter().any(|shape| shape.role),
            has_stated: buckets.iter().any(|bucket| bucket.key.is_stated()),
            groups: shapes
                .iter()
                .map(|shape| Group::new(*shape, plain()))
                .collect(),
            numbers: numbers.into(),
            table: table(&buckets),
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
        let call = Group {
            tools: Bits::of(keys.tool),
            roles: keys.role_bits(),
            tenants: Bits::known(keys.tenant),
            environments: Bits::known(keys.environment),
            any: Key {
                tool: keys.tool,
                role: Key::ANY,
                tenant: keys.tenant.number(),
                environment: keys.environment.number(),
            },
        };
        for group in &self.groups {
            if !group.may_hold(&call) {
                continue;
            }
            let any_role = [Key::ANY];
            let roles = if group.any.role == Key::ANY {
                any_role.as_slice()
            } else {
                keys.roles()
            };
            for role in roles {
                visit(self.find(Key {
                    tool: call.any.tool | group.any.tool,
                    role: *role,
                    tenant: call.any.tenant | group.any.tenant,
                    environment: call.any.environment | group.any.environment,
                }));
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
        for tool in [keys.tool, Key::ANY] {
            let base = Key::any_of(tool);
            if !keys.caller_known {
                let role = Key::STATED;
                visit(self.find(Key { role, ..base }));
            }
            if keys.tenant == Known::Unknown {
                let tenant = Key::STATED;
                visit(self.find(Key { tenant, ..base }));
            }
            if keys.environment == Known::Unknown {
                let environment = Key::STATED;
                visit(self.find(Key {
                    environment,
                    ..base
                }));
            }
        }
    }

    #[inline]
    fn find(&self, key: Key) -> &[u32] {
        let mut place = hash::start(key.hash(), self.table.len());
        loop {
            match self.table.get(place) {
                Some(bucket) if bucket.len == 0 => return &[],
                Some(bucket) if bucket.key == key => {
                    if bucket.len == 1 {
                        return std::slice::from_ref(&bucket.start);
                    }
                    let from = bucket.start as usize;
                    let to = from.saturating_add(bucket.len as usize);
                    return self.numbers.get(from..to).unwrap_or(NO_STATEMENT);
                }
                Some(_) => place = hash::next(place, self.table.len()),
                None => return &[],
            }
        }
    }
}

fn table(buckets: &[Bucket]) -> Box<[Bucket]> {
    let free = Bucket {
        key: Key::any_of(Key::ANY),
        start: 0,
        len: 0,
    };
    let mut table = vec![free; hash::table_len(buckets.len())];
    for bucket in buckets {
        let mut place = hash::start(bucket.key.hash(), table.len());
        while table.get(place).is_some_and(|taken| taken.len != 0) {
            place = hash::next(place, table.len());
        }
        if let Some(free) = table.get_mut(place) {
            *free = *bucket;
        }
    }
    table.into()
}
