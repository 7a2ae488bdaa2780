//! Names as numbers.

use crate::quick_hash::{self, self as hash};

/// A set of names, numbered from 0 in the order in which they were given.
///
/// Looking one up is quick. The table is for names that a policy lists: whoever could choose
/// the names in it could make look-ups slow.
///
/// # Examples
///
/// ```
/// use callgate_types::Names;
///
/// let names = Names::new(["support", "billing"]);
/// assert_eq!(names.number("billing"), Some(1));
/// assert_eq!(names.number("admin"), None);
/// ```
#[derive(Clone, Debug, Default)]
pub struct Names {
    text: Box<str>,
    /// Where each name ends in the text.
    ends: Box<[u32]>,
    /// Open addressing; [`FREE`] marks a free place.
    table: Box<[Slot]>,
}

#[derive(Clone, Copy, Debug)]
struct Slot {
    number: u32,
    /// The upper half of the hash: most other names are told apart without being read.
    tag: u32,
    /// Where the name begins and ends in the text.
    start: u32,
    end: u32,
}

const FREE: u32 = u32::MAX;

impl Names {
    /// Numbers `names`, each of which occurs once.
    pub fn new<'n>(names: impl IntoIterator<Item = &'n str>) -> Self {
        let mut text = String::new();
        let mut ends = Vec::new();
        for name in names {
            text.push_str(name);
            ends.push(offset(text.len()));
        }
        let mut names = Self {
            text: text.into(),
            ends: ends.into(),
            table: Box::default(),
        };
        let free = Slot {
            number: FREE,
            tag: 0,
            start: 0,
            end: 0,
        };
        let mut table = vec![free; hash::table_len(names.len())];
        for number in 0..offset(names.len()) {
            let (start, end) = names.span(number).unwrap_or_default();
            let hash = hash::of(names.slice(start, end).as_bytes());
            let mut place = hash::start(hash, table.len());
            while table.get(place).is_some_and(|slot| slot.number != FREE) {
                place = hash::next(place, table.len());
            }
            if let Some(slot) = table.get_mut(place) {
                *slot = Slot {
                    number,
                    tag: tag(hash),
                    start,
                    end,
                };
            }
        }
        names.table = table.into();
        names
    }

    /// How many there are.
    pub const fn len(&self) -> usize {
        self.ends.len()
    }

    /// Whether there are none.
    pub const fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }

    /// The number of `name`.
    #[inline]
    pub fn number(&self, name: &str) -> Option<u32> {
        if self.ends.len() <= Self::FEW {
            return self.number_of_few(name);
        }
        let hash = hash::of(name.as_bytes());
        let mut place = hash::start(hash, self.table.len());
        loop {
            let slot = self.table.get(place)?;
            if slot.number == FREE {
                return None;
            }
            if slot.tag == tag(hash) && self.is_at(slot, name) {
                return Some(slot.number);
            }
            place = hash::next(place, self.table.len());
        }
    }

    /// So many are quicker compared one by one: lengths tell most names apart.
    const FEW: usize = 4;

    #[inline]
    fn number_of_few(&self, name: &str) -> Option<u32> {
        let mut start = 0;
        for (number, end) in (0..).zip(&self.ends) {
            let end = *end as usize;
            let known = self.text.as_bytes().get(start..end);
            if known.is_some_and(|known| quick_hash::same(known, name.as_bytes())) {
                return Some(number);
            }
            start = end;
        }
        None
    }

    #[inline]
    fn is_at(&self, slot: &Slot, name: &str) -> bool {
        let known = self
            .text
            .as_bytes()
            .get(slot.start as usize..slot.end as usize);
        known.is_some_and(|known| quick_hash::same(known, name.as_bytes()))
    }

    /// The name with this number.
    pub fn name(&self, number: u32) -> Option<&str> {
        let (start, end) = self.span(number)?;
        Some(self.slice(start, end))
    }

    fn span(&self, number: u32) -> Option<(u32, u32)> {
        let end = *self.ends.get(number as usize)?;
        let before = number.checked_sub(1);
        let start = before.and_then(|before| self.ends.get(before as usize));
        Some((start.copied().unwrap_or(0), end))
    }

    #[inline]
    fn slice(&self, start: u32, end: u32) -> &str {
        let text = self.text.get(start as usize..end as usize);
        text.unwrap_or_default()
    }

    /// All names, by number.
    pub fn iter(&self) -> impl Iterator<Item = (u32, &str)> {
        (0..offset(self.len())).filter_map(|number| Some((number, self.name(number)?)))
    }
}

const fn tag(hash: u64) -> u32 {
    (hash >> 32) as u32
}

/// A policy is read from a text of bounded length, so nothing in it reaches this bound.
fn offset(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_is_found_and_no_other() {
        for count in [0, 1, 2, 3, 4, 5, 6, 100, 5000] {
            let all: Vec<String> = (0..count).map(|n| format!("name-{n}")).collect();
            let names = Names::new(all.iter().map(|name| &**name));
            for (number, name) in all.iter().enumerate() {
                assert_eq!(names.number(name), Some(offset(number)));
                assert_eq!(names.name(offset(number)), Some(&**name));
                assert_eq!(names.number(&format!("{name}x")), None);
            }
            assert_eq!(names.number(""), None);
            assert_eq!(names.iter().count(), count);
        }
    }
}
