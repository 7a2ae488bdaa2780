//! Members in the order of their keys.

use std::cmp::Ordering;

use super::JsonRef;

/// Up to this many members are sorted without allocating.
const FEW: usize = 16;

/// The members of an object, key and value, ordered by the bytes of their decoded keys.
pub(super) struct Sorted<'a> {
    object: JsonRef<'a>,
    next: usize,
    few: [Entry; FEW],
    /// In place of `few` where there are more.
    many: Vec<Entry>,
}

/// A member; the first bytes of its key alone decide most comparisons.
#[derive(Clone, Copy, Default)]
struct Entry {
    first: u64,
    /// The node of the key; that of the value is next to it.
    key: u32,
}

impl<'a> Sorted<'a> {
    #[inline]
    pub(super) fn of(object: JsonRef<'a>) -> Self {
        let mut sorted = Self {
            object,
            next: 0,
            few: [Entry::default(); FEW],
            many: Vec::new(),
        };
        let entries = object.pairs().map(|(key, _)| Entry {
            first: first(key.as_str().unwrap_or_default().as_bytes()),
            key: key.index(),
        });
        let used = if object.len() > FEW {
            sorted.many = entries.collect();
            Some(sorted.many.as_mut_slice())
        } else {
            for (place, entry) in sorted.few.iter_mut().zip(entries) {
                *place = entry;
            }
            sorted.few.get_mut(..object.len())
        };
        if let Some(used) = used {
            used.sort_unstable_by(|one, other| compare(object, *one, *other));
        }
        sorted
    }
}

impl<'a> Iterator for Sorted<'a> {
    type Item = (JsonRef<'a>, JsonRef<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let count = self.object.len();
        if self.next >= count {
            return None;
        }
        let list = if count > FEW { &*self.many } else { &self.few };
        let key = list.get(self.next)?.key;
        self.next = self.next.wrapping_add(1);
        let json = self.object.json();
        Some((
            JsonRef::new(json, key)?,
            JsonRef::new(json, key.wrapping_add(1))?,
        ))
    }
}

/// The first eight bytes, ordered as the keys are.
fn first(key: &[u8]) -> u64 {
    if let Some(bytes) = key.first_chunk() {
        return u64::from_be_bytes(*bytes);
    }
    let mut bytes = [0; 8];
    for (to, from) in bytes.iter_mut().zip(key) {
        *to = *from;
    }
    u64::from_be_bytes(bytes)
}

fn compare(object: JsonRef<'_>, one: Entry, other: Entry) -> Ordering {
    let key = |entry: Entry| JsonRef::new(object.json(), entry.key).and_then(JsonRef::as_str);
    one.first
        .cmp(&other.first)
        .then_with(|| key(one).cmp(&key(other)))
}
