//! The four names of a key in one word.

use super::index::Key;
use super::keys::Vocabulary;
use crate::evaluate::Dims;

/// A key in one word; equal for equal keys only.
pub(super) type Packed = u64;

/// How the names of a key share a word: as many bits each as there are names of its kind.
///
/// Three numbers more stand for what is no name. They are the highest of all, so whatever the
/// width, [`Key::ANY`] has every bit set.
#[derive(Clone, Copy, Debug)]
pub(super) struct Packing {
    /// The lowest bits, so that one role after the other can be put in their place.
    role: Bits,
    tool: Bits,
    tenant: Bits,
    environment: Bits,
    left_out: Dims,
}

/// Some bits of a word.
#[derive(Clone, Copy, Debug)]
struct Bits {
    mask: u32,
    shift: u32,
}

impl Bits {
    #[inline]
    fn put(self, number: u32) -> Packed {
        Packed::from(number & self.mask).wrapping_shl(self.shift)
    }
}

impl Packing {
    pub(super) fn new(vocabulary: &Vocabulary) -> Self {
        Self::within(
            Packed::BITS,
            [
                vocabulary.roles.names().len(),
                vocabulary.tools.len(),
                vocabulary.tenants.len(),
                vocabulary.environments.len(),
            ],
        )
    }

    /// For so many names: of roles, tools, tenants and environments. Where the word has too few
    /// bits, the names of the kind with most of them are left out.
    pub(super) fn within(bits: u32, counts: [usize; 4]) -> Self {
        let mut kinds = [Dims::ROLES, Dims::TOOLS, Dims::TENANTS, Dims::ENVIRONMENTS];
        let mut widths = counts.map(width);
        let mut left_out = Dims::NONE;
        while widths.iter().sum::<u32>() > bits {
            let kinds = kinds.iter_mut().zip(&mut widths);
            match kinds.max_by_key(|(_, width)| **width) {
                Some((dim, width)) if *width > 0 => {
                    left_out = left_out | *dim;
                    *width = 0;
                }
                _ => break,
            }
        }
        let mut shift = 0;
        let [role, tool, tenant, environment] = widths.map(|width| {
            let bits = Bits {
                mask: 1_u32.checked_shl(width).unwrap_or(0).wrapping_sub(1),
                shift,
            };
            shift = shift.saturating_add(width);
            bits
        });
        Self {
            role,
            tool,
            tenant,
            environment,
            left_out,
        }
    }

    /// Names of these kinds stand in no key: whatever they are is to be compared afterwards.
    pub(super) const fn left_out(&self) -> Dims {
        self.left_out
    }

    #[inline]
    pub(super) fn pack(&self, key: Key) -> Packed {
        self.role(key.role)
            | self.tool.put(key.tool)
            | self.tenant.put(key.tenant)
            | self.environment.put(key.environment)
    }

    /// A key of which all is 0 but the role.
    #[inline]
    pub(super) fn role(&self, role: u32) -> Packed {
        self.role.put(role)
    }
}

/// How many bits tell so many names, and what is no name, apart.
fn width(names: usize) -> u32 {
    const OTHERS: usize = 3;
    let numbers = names.saturating_add(OTHERS);
    numbers.next_power_of_two().trailing_zeros().min(u32::BITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    const LARGE: usize = 1 << 20;

    /// With so many names of each kind, every number has a word of its own.
    #[track_caller]
    fn check(counts: [usize; 4]) {
        let packing = Packing::within(Packed::BITS, counts);
        assert!(packing.left_out().is_empty());
        let others = [Key::ANY, Key::STATED, Key::FOREIGN];
        let numbers = counts.map(|count| {
            let last = u32::try_from(count).unwrap().checked_sub(1);
            let names = [0, 1, 2, 3, 4]
                .into_iter()
                .filter(|name| Some(*name) < last);
            names.chain(last).chain(others).collect::<Vec<u32>>()
        });
        let mut words = std::collections::BTreeMap::new();
        let [roles, tools, tenants, environments] = &numbers;
        for role in roles.iter().copied() {
            for tool in tools.iter().copied() {
                for tenant in tenants.iter().copied() {
                    for environment in environments.iter().copied() {
                        let key = Key {
                            tool,
                            role,
                            tenant,
                            environment,
                        };
                        assert_eq!(words.insert(packing.pack(key), key), None);
                    }
                }
            }
        }
    }

    #[test]
    fn every_key_has_its_word() {
        check([0, 0, 0, 0]);
        check([1, 2, 3, 4]);
        check([5, 6, 7, 8]);
        check([0, 13, 14, LARGE]);
        check([LARGE, LARGE, 61, 3000]);
        // Any name is every bit, so a word for some names becomes one for any by setting bits.
        let packing = Packing::within(Packed::BITS, [5, 20, 5, 2]);
        let any = packing.pack(Key::any_of(Key::ANY));
        assert_eq!(any, (1 << (3 + 5 + 3 + 3)) - 1);
        assert_eq!(packing.role(Key::ANY), 7);
    }

    #[test]
    fn names_that_have_no_room_are_left_out() {
        let left_out = |bits, counts| Packing::within(bits, counts).left_out();
        assert_eq!(left_out(64, [LARGE; 4]), Dims::ENVIRONMENTS);
        assert_eq!(left_out(64, [LARGE, 8, LARGE, 40]), Dims::NONE);
        assert_eq!(left_out(10, [5, 20, 5, 1]), Dims::TOOLS);
        assert_eq!(left_out(5, [5, 20, 5, 1]), Dims::TOOLS | Dims::TENANTS);
    }
}
