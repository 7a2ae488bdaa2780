//! The containers around a place of the text.

/// A container that is being read.
#[derive(Clone, Copy)]
pub(super) struct Open {
    pub(super) node: u32,
    /// Items or members so far, the one that is being read included.
    pub(super) len: u32,
    /// The byte that closes it.
    pub(super) end: u8,
    /// The bits of its keys.
    pub(super) seen: u64,
    /// Whether a key may be repeated.
    pub(super) doubtful: bool,
}

impl Open {
    /// What is around the outermost value: nothing closes it.
    pub(super) const DOCUMENT: Self = Self {
        node: 0,
        len: 0,
        end: 0,
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

    /// The innermost of them, which is taken off; what is around the outermost value, where there
    /// is none.
    #[inline]
    pub(super) fn pop(&mut self) -> Open {
        self.depth = self.depth.saturating_sub(1);
        match self.near.get(self.depth) {
            Some(open) => *open,
            None => self.far.pop().unwrap_or(Open::DOCUMENT),
        }
    }

    pub(super) fn iter(&self) -> impl Iterator<Item = &Open> {
        self.near.iter().take(self.depth).chain(&self.far)
    }
}
