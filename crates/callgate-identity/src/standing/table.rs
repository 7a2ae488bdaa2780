//! A table that is copied when it is changed, in parts.

use std::borrow::Borrow;
use std::collections::HashMap;
use std::hash::{BuildHasher, Hash, Hasher, RandomState};
use std::sync::Arc;

use callgate_types::quick_hash;

/// Values by tenant and id. A clone shares all parts; a change copies the one that it is in, and the
/// list of those beside it.
#[derive(Clone, Debug)]
pub(super) struct Table<V> {
    /// None while nothing is in it.
    groups: Vec<Arc<Group<V>>>,
    len: usize,
}

type Part<V> = HashMap<Key, V, Keyed>;
type Group<V> = Vec<Arc<Part<V>>>;

/// A quick hash that starts from a number which nobody outside knows: whoever chooses ids cannot have
/// them meet.
#[derive(Clone, Copy, Debug)]
struct Keyed(u64);

impl Keyed {
    fn new() -> Self {
        Self(RandomState::new().hash_one(0_u64))
    }
}

impl BuildHasher for Keyed {
    type Hasher = quick_hash::Quick;

    #[inline]
    fn build_hasher(&self) -> Self::Hasher {
        let mut hasher = quick_hash::Quick::default();
        hasher.write_u64(self.0);
        hasher
    }
}

/// How many groups there are, and parts in each.
const GROUPS: usize = 32;
/// How many parts there are.
pub(super) const PARTS: usize = GROUPS * GROUPS;

#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(super) struct Key {
    tenant: Option<Box<str>>,
    id: Box<str>,
}

/// What is looked up, without a copy of it.
trait Named {
    fn tenant(&self) -> Option<&str>;
    fn id(&self) -> &str;
}

impl Named for Key {
    fn tenant(&self) -> Option<&str> {
        self.tenant.as_deref()
    }

    fn id(&self) -> &str {
        &self.id
    }
}

impl Named for (Option<&str>, &str) {
    fn tenant(&self) -> Option<&str> {
        self.0
    }

    fn id(&self) -> &str {
        self.1
    }
}

/// As the derived one of [`Key`]: a look-up finds what was put in.
impl Hash for dyn Named + '_ {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.tenant().hash(state);
        self.id().hash(state);
    }
}

impl PartialEq for dyn Named + '_ {
    fn eq(&self, other: &Self) -> bool {
        self.id() == other.id() && self.tenant() == other.tenant()
    }
}

impl Eq for dyn Named + '_ {}

impl<'a> Borrow<dyn Named + 'a> for Key {
    fn borrow(&self) -> &(dyn Named + 'a) {
        self
    }
}

impl<V> Default for Table<V> {
    fn default() -> Self {
        let (groups, len) = (Vec::new(), 0);
        Self { groups, len }
    }
}

impl<V: Clone> Table<V> {
    pub(super) const fn is_empty(&self) -> bool {
        self.len == 0
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    #[inline]
    pub(super) fn get(&self, tenant: Option<&str>, id: &str) -> Option<&V> {
        if self.is_empty() {
            return None;
        }
        let key = (tenant, id);
        self.part(part(id))?.get(&key as &dyn Named)
    }

    pub(super) fn insert(&mut self, tenant: Option<&str>, id: &str, value: V) {
        if self.groups.is_empty() {
            // All are the same empty one, until something is put into them.
            let part = Arc::new(Part::with_hasher(Keyed::new()));
            let group = Arc::new(vec![part; GROUPS]);
            self.groups = vec![group; GROUPS];
        }
        let key = Key {
            tenant: tenant.map(Into::into),
            id: id.into(),
        };
        if let Some(part) = self.part_mut(part(id))
            && part.insert(key, value).is_none()
        {
            self.len = self.len.saturating_add(1);
        }
    }

    pub(super) fn remove(&mut self, tenant: Option<&str>, id: &str) {
        let key = (tenant, id);
        if let Some(part) = self.part_mut(part(id))
            && part.remove(&key as &dyn Named).is_some()
        {
            self.len = self.len.saturating_sub(1);
        }
    }

    /// Leaves in one part only what `keep` says, where anything else is in it.
    pub(super) fn retain(&mut self, part: usize, keep: impl Fn(&V) -> bool) {
        if self.part(part).is_none_or(|part| part.values().all(&keep)) {
            return;
        }
        let Some(kept) = self.part_mut(part) else {
            return;
        };
        let before = kept.len();
        kept.retain(|_, value| keep(value));
        let gone = before.saturating_sub(kept.len());
        self.len = self.len.saturating_sub(gone);
    }

    #[inline]
    fn part(&self, part: usize) -> Option<&Part<V>> {
        let group = self.groups.get(part / GROUPS)?;
        group.get(part % GROUPS).map(|part| &**part)
    }

    fn part_mut(&mut self, part: usize) -> Option<&mut Part<V>> {
        let group = self.groups.get_mut(part / GROUPS)?;
        let part = Arc::make_mut(group).get_mut(part % GROUPS)?;
        Some(Arc::make_mut(part))
    }
}

fn part(id: &str) -> usize {
    #[expect(
        clippy::cast_possible_truncation,
        reason = "a part of the hash is enough"
    )]
    let hash = quick_hash::of(id.as_bytes()) as usize;
    hash % PARTS
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tenants_do_not_meet() {
        let mut table = Table::default();
        table.insert(Some("acme"), "s", 1);
        table.insert(None, "s", 2);
        let before = table.clone();
        table.insert(Some("globex"), "s", 3);
        table.insert(Some("globex"), "s", 4);
        assert_eq!(table.get(Some("acme"), "s"), Some(&1));
        assert_eq!(table.get(None, "s"), Some(&2));
        assert_eq!(table.get(Some("globex"), "s"), Some(&4));
        assert_eq!(table.get(Some("globex"), "t"), None);
        assert_eq!((table.len(), before.len()), (3, 2));
        assert_eq!(before.get(Some("globex"), "s"), None);
        table.remove(Some("acme"), "s");
        table.remove(Some("acme"), "s");
        assert_eq!((table.len(), table.get(Some("acme"), "s")), (2, None));
        assert_eq!(before.get(Some("acme"), "s"), Some(&1));
        for at in 0..PARTS {
            table.retain(at, |value| *value != 4);
        }
        assert_eq!((table.len(), table.get(Some("globex"), "s")), (1, None));
    }
}
