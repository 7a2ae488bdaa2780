//! How much of a record is written, so that none is too long.

/// How much of a record is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Extent {
    /// Everything, within the usual bounds.
    Whole,
    /// Digests in place of all texts from outside.
    Digests,
    /// Short lists besides. It always fits.
    Brief,
}

impl Extent {
    /// From the largest to the one that always fits.
    pub(super) const ALL: [Self; 3] = [Self::Whole, Self::Digests, Self::Brief];

    /// The most items that are written of one list.
    pub(super) const fn items(self) -> usize {
        match self {
            Self::Whole | Self::Digests => 256,
            Self::Brief => 8,
        }
    }

    /// Whether texts from outside are written.
    pub(super) const fn texts(self) -> bool {
        matches!(self, Self::Whole)
    }
}
