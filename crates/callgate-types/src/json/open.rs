//! The containers around a place of the text.

/// A container that is being read.
#[derive(Clone, Copy)]
pub(super) struct Open {
    pub(super) node: u32,
    /// Items or members so far, the one that is being read included.
    pub(super) len: u32,
    /// The byte that closes it.
    pub(super) end: u8,
    /// The prints of its keys are those from here on.
    pub(super) prints: usize,
    /// The bits that they set.
    pub(super) seen: u64,
    /// Whether a key may be a repeated one.
    pub(super) doubtful: bool,
}

impl Open {
    /// What is around the outermost value: nothing closes it.
    pub(super) const DOCUMENT: Self = Self {
        node: 0,
        len: 0,
        end: 0,
        prints: 0,
        seen: 0,
        doubtful: false,
    };

    #[inline]
    pub(super) const fn is_object(&self) -> bool {
        self.end == b'}'
    }
}

/// So many levels need no allocation.
const NEAR: usize = 4;

/// The containers around the innermost one, outermost first.
pub(super) struct Outer {
    near: [Open; NEAR],
    far: Vec<Open>,
    depth: usize,
}

impl Outer {
    pub(super) const fn new() -> Self {
        Self {
            near: [Open::DOCUMENT; NEAR],
            far: Vec::new(),
            depth: 0,
        }
    }

    #[inline]
    pub(super) const fn depth(&self) -> usize {
        self.depth
    }

    #[inline]
    pub(super) fn push(&mut self, open: Open) {
        match self.near.get_mut(self.depth) {
            Some(place) => *place = open,
            None => self.far.push(open),
        }
        self.depth = self.depth.wrapping_add(1);
    }

    #[inline]
    pub(super) fn pop(&mut self) -> Option<Open> {
        self.depth = self.depth.checked_sub(1)?;
        match self.near.get(self.depth) {
            Some(open) => Some(*open),
            None => self.far.pop(),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Open> {
        self.near.iter().take(self.depth).chain(&self.far)
    }
}
