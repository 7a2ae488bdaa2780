//! Keeping equal things once.

use std::collections::HashMap;
use std::hash::Hash;

use callgate_types::quick_hash::Build;

use super::offset::offset;

/// Numbers for values, the same for equal ones.
#[derive(Debug)]
pub(super) struct Pool<K, V> {
    numbers: HashMap<K, u32, Build>,
    values: Vec<V>,
}

impl<K, V> Default for Pool<K, V> {
    fn default() -> Self {
        Self {
            numbers: HashMap::default(),
            values: Vec::new(),
        }
    }
}

impl<K: Hash + Eq, V> Pool<K, V> {
    /// The number of the value that `key` stands for.
    pub(super) fn number(&mut self, key: K, make: impl FnOnce() -> V) -> u32 {
        *self.numbers.entry(key).or_insert_with(|| {
            self.values.push(make());
            offset(self.values.len()).saturating_sub(1)
        })
    }

    /// The number of the value that `key` stands for, if there is one already.
    pub(super) fn known(&self, key: &K) -> Option<u32> {
        self.numbers.get(key).copied()
    }

    pub(super) fn get(&self, number: u32) -> Option<&V> {
        self.values.get(number as usize)
    }

    /// All values, by number.
    pub(super) fn values(&self) -> &[V] {
        &self.values
    }

    /// All values with their numbers.
    pub(super) fn numbered(&self) -> impl Iterator<Item = (u32, &V)> {
        (0..).zip(&self.values)
    }

    pub(super) fn finish(self) -> Box<[V]> {
        self.values.into()
    }
}
