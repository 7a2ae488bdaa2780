//! Sets of scopes.

/// A scope as a small number; valid for the holdings that gave it out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct ScopeId(u32);

impl ScopeId {
    pub(crate) const fn new(place: u32) -> Self {
        Self(place)
    }

    /// The number.
    pub const fn place(self) -> u32 {
        self.0
    }

    /// Whether it is among these, a bit each.
    #[inline]
    pub(crate) fn is_in(self, words: &[u64]) -> bool {
        words
            .get(self.word())
            .is_some_and(|word| word & self.bit() != 0)
    }

    const fn word(self) -> usize {
        (self.0 / u64::BITS) as usize
    }

    const fn bit(self) -> u64 {
        1_u64.rotate_left(self.0 % u64::BITS)
    }
}

/// A set of scopes, a bit each.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ScopeSet(Vec<u64>);

impl ScopeSet {
    /// No scope.
    pub const EMPTY: Self = Self(Vec::new());

    /// Whether `scope` is in the set.
    pub fn contains(&self, scope: ScopeId) -> bool {
        scope.is_in(&self.0)
    }

    /// The set, a bit each, where so many words hold it.
    pub(crate) fn words<const N: usize>(&self) -> Option<[u64; N]> {
        let mut words = [0; N];
        if self.0.len() > N {
            return None;
        }
        for (word, known) in words.iter_mut().zip(&self.0) {
            *word = *known;
        }
        Some(words)
    }

    /// Puts `scope` in.
    pub fn insert(&mut self, scope: ScopeId) {
        if self.0.len() <= scope.word() {
            self.0.resize(scope.word().saturating_add(1), 0);
        }
        if let Some(word) = self.0.get_mut(scope.word()) {
            *word |= scope.bit();
        }
    }

    /// Puts in what `other` has.
    pub fn unite(&mut self, other: &Self) {
        if self.0.len() < other.0.len() {
            self.0.resize(other.0.len(), 0);
        }
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine |= theirs;
        }
    }

    /// Keeps only what `other` has too.
    pub fn intersect(&mut self, other: &Self) {
        self.0.truncate(other.0.len());
        for (mine, theirs) in self.0.iter_mut().zip(&other.0) {
            *mine &= theirs;
        }
    }

    /// Whether nothing is in it.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(|word| *word == 0)
    }

    /// Whether everything in it is in `other`.
    pub fn is_subset(&self, other: &Self) -> bool {
        let theirs = other.0.iter().copied().chain(std::iter::repeat(0));
        self.0
            .iter()
            .zip(theirs)
            .all(|(mine, theirs)| mine & !theirs == 0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn set(places: &[u32]) -> ScopeSet {
        let mut set = ScopeSet::EMPTY;
        for place in places {
            set.insert(ScopeId::new(*place));
        }
        set
    }

    #[test]
    fn sets() {
        let mut one = set(&[0, 63, 64, 200]);
        for (place, held) in [
            (0, true),
            (1, false),
            (63, true),
            (64, true),
            (200, true),
            (999, false),
        ] {
            assert_eq!(one.contains(ScopeId::new(place)), held, "{place}");
        }
        assert!(set(&[63]).is_subset(&one));
        assert!(!one.is_subset(&set(&[63])));
        one.intersect(&set(&[1, 63]));
        assert!(one.contains(ScopeId::new(63)) && !one.contains(ScopeId::new(0)));
        one.unite(&set(&[128]));
        assert!(one.contains(ScopeId::new(128)) && one.contains(ScopeId::new(63)));
        assert!(ScopeSet::EMPTY.is_empty() && ScopeSet::EMPTY.is_subset(&one));
    }
}
