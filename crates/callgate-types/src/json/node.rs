//! The flat tree: one node per key and value, in the order of the text.

use super::JsonKind;
use super::digits::Few;

/// One key or value.
#[derive(Clone, Copy)]
pub(super) struct Node {
    /// The first byte in the text.
    pub(super) start: u32,
    /// The first byte behind it.
    pub(super) end: u32,
    pub(super) shape: Shape,
}

/// What a node is, and what its kind needs to know.
#[derive(Clone, Copy)]
pub(super) enum Shape {
    Null,
    True,
    False,
    /// A number of few digits.
    Few(Few),
    /// Any other.
    Number,
    /// A string without escapes: its content stands between the quotes.
    Plain,
    /// As `Plain`, of at most eight bytes: any such string is one.
    Short(Word),
    /// A string with escapes: its content stands in the decoded text.
    Escaped {
        from: u32,
        to: u32,
    },
    Array(Span),
    Object(Span),
}

/// Up to eight bytes of a text without control characters, the first one lowest; zeros stand for
/// those beyond the end.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Word([u32; 2]);

impl Word {
    /// The bytes of a word before the first one whose high bit is set in `special`.
    #[inline]
    pub(super) const fn before(word: u64, special: u64) -> Self {
        // The bits below the lowest one of that byte; all where there is none.
        let lowest = special & special.wrapping_neg();
        let word = word & (lowest >> 7).wrapping_sub(1);
        #[expect(clippy::cast_possible_truncation, reason = "each half is a number")]
        Self([word as u32, (word >> 32) as u32])
    }

    #[inline]
    pub(super) fn get(self) -> u64 {
        let [low, high] = self.0.map(u64::from);
        low | (high << 32)
    }
}

/// The extent of a container.
#[derive(Clone, Copy)]
pub(super) struct Span {
    /// Items or members.
    pub(super) len: u32,
    /// The node behind the last one inside; 0 while the container is being read.
    pub(super) after: u32,
}

impl Span {
    /// Of a container that is being read.
    pub(super) const OPEN: Self = Self { len: 0, after: 0 };
}

impl Node {
    /// Stands in where a tree has no node; no tree lacks its root.
    pub(super) const NULL: Self = Self {
        start: 0,
        end: 0,
        shape: Shape::Null,
    };

    /// What the value is.
    #[inline]
    pub(super) const fn kind(&self) -> JsonKind {
        match self.shape {
            Shape::Null => JsonKind::Null,
            Shape::True | Shape::False => JsonKind::Boolean,
            Shape::Few(_) | Shape::Number => JsonKind::Number,
            Shape::Plain | Shape::Short(_) | Shape::Escaped { .. } => JsonKind::Text,
            Shape::Array(_) => JsonKind::Array,
            Shape::Object(_) => JsonKind::Object,
        }
    }

    /// The node that follows this one and all that is inside; `index` is its own.
    #[inline]
    pub(super) const fn after(self, index: u32) -> u32 {
        match self.shape {
            Shape::Array(span) | Shape::Object(span) => span.after,
            _ => index.wrapping_add(1),
        }
    }
}
