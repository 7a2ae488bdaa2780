//! A line that is good, with which others of its kind are compared.

use std::ops::Range;

use super::{Leaf, LeafKind, Member, Reader, whole};
use crate::line::LineFault;

/// How many lines are compared with one that was looked at as a whole.
const FRESH: u32 = 256;
/// Longest line that others are compared with.
const MAX_LINE: usize = 64 << 10;

/// A line that is good, its members, and where its strings and numbers stand.
///
/// Another line is good, too, if the same bytes stand between its strings and numbers, and these
/// are some. Where one member is built in another way, that member is read, and no other.
#[derive(Default)]
pub(super) struct Shape {
    line: Vec<u8>,
    /// What of the line others are compared with.
    open: Range<usize>,
    members: Vec<Member>,
    leaves: Vec<Leaf>,
    /// How many lines may still be compared with it.
    fresh: u32,
}

impl Shape {
    /// Reads `text` as a whole; others are compared with it.
    pub(super) fn learn(&mut self, text: &[u8], open: Range<usize>) -> Result<(), LineFault> {
        self.fresh = 0;
        self.leaves.clear();
        let reader = Reader::noting(text, &mut self.leaves);
        whole(reader, text, &mut self.members)?;
        if text.len() <= MAX_LINE {
            self.line.clear();
            self.line.extend_from_slice(text);
            self.members
                .retain(|member| open.start <= member.start && member.end <= open.end);
            self.leaves
                .retain(|leaf| open.start <= leaf.start && leaf.end <= open.end);
            self.open = open;
            self.fresh = FRESH;
        }
        Ok(())
    }

    /// Whether what is `open` of `text` is good: the same members, or such as fit in their places.
    /// Where it is not, the text may still be good. Between two values, `meanwhile` is called.
    pub(super) fn is_like(
        &mut self,
        text: &[u8],
        open: &Range<usize>,
        meanwhile: impl FnMut(),
    ) -> bool {
        let Some(fresh) = self.fresh.checked_sub(1) else {
            return false;
        };
        let old = self.line.get(..self.open.end);
        let (Some(old), Some(text)) = (old, text.get(..open.end)) else {
            return false;
        };
        self.fresh = fresh;
        let mut walk = Walk {
            text,
            at: open.start,
            old,
            was: self.open.start,
            members: &self.members,
            value: None,
        };
        walk.is_like(&self.leaves, meanwhile)
    }
}

/// Where a line stands beside an older one.
struct Walk<'a> {
    text: &'a [u8],
    at: usize,
    old: &'a [u8],
    /// The same place in the older one.
    was: usize,
    /// The older one's members from the one on in which we stand.
    members: &'a [Member],
    /// Where the value of the first of these begins in the new line, once a string or number in it
    /// is behind us.
    value: Option<usize>,
}

impl Walk<'_> {
    fn is_like(&mut self, mut leaves: &[Leaf], mut meanwhile: impl FnMut()) -> bool {
        loop {
            meanwhile();
            let old = self.old.get(self.was..).unwrap_or_default();
            let new = self.text.get(self.at..).unwrap_or_default();
            let same = common(old, new);
            if same == old.len() && same == new.len() {
                return true;
            }
            self.at = self.at.saturating_add(same);
            self.was = self.was.saturating_add(same);
            while let [leaf, rest @ ..] = leaves
                && leaf.end < self.was
            {
                leaves = rest;
            }
            if let [leaf, rest @ ..] = leaves
                && self.pass_leaf(*leaf)
            {
                leaves = rest;
                continue;
            }
            let Some(behind) = self.pass_member() else {
                return false;
            };
            while let [leaf, rest @ ..] = leaves
                && leaf.start < behind
            {
                leaves = rest;
            }
        }
    }

    /// Passes over the leaf in which both stand, if it is the one; all before us in it is the same
    /// in both.
    fn pass_leaf(&mut self, leaf: Leaf) -> bool {
        let Some(inside) = self.was.checked_sub(leaf.start) else {
            return false;
        };
        let Some(start) = self.at.checked_sub(inside) else {
            return false;
        };
        self.find_member();
        let passed = match leaf.kind {
            LeafKind::Text if leaf.is_plain && inside > 0 && self.was < leaf.end => {
                // An unfinished string without an escape: it goes on here.
                let mut reader = Reader::at(self.text, self.at);
                reader.string_rest().map(|()| reader.place())
            }
            LeafKind::Text => {
                let mut reader = Reader::at(self.text, start);
                reader.string().map(|()| reader.place())
            }
            LeafKind::Number => {
                let mut reader = Reader::at(self.text, start);
                reader.number().map(|()| reader.place())
            }
        };
        let Ok(end) = passed else {
            return false;
        };
        self.at = end;
        self.was = leaf.end;
        true
    }

    /// Passes over the member in which they differ, whatever stands in it; returns the place behind
    /// it in the older one.
    fn pass_member(&mut self) -> Option<usize> {
        self.find_member();
        let [member, rest @ ..] = self.members else {
            return None;
        };
        let mut reader = Reader::at(self.text, self.value?);
        reader.value().ok()?;
        self.at = reader.place();
        self.was = member.end;
        self.members = rest;
        self.value = None;
        Some(member.end)
    }

    /// Finds the member in which both stand, and where its value begins in the new line.
    #[inline]
    fn find_member(&mut self) {
        while let [member, rest @ ..] = self.members
            && member.end < self.was
        {
            self.members = rest;
            self.value = None;
        }
        if self.value.is_none()
            && let [member, ..] = self.members
        {
            // Since its value began, all was the same in both.
            let since = self.was.checked_sub(member.value());
            self.value = since.and_then(|since| self.at.checked_sub(since));
        }
    }
}

/// How many bytes at the start of both are the same.
#[inline]
fn common(one: &[u8], other: &[u8]) -> usize {
    let mut same = 0_usize;
    let ((blocks, _), (others, _)) = (one.as_chunks::<32>(), other.as_chunks::<32>());
    for (block, other) in blocks.iter().zip(others) {
        if block != other {
            break;
        }
        same = same.saturating_add(32);
    }
    let (one, other) = (one.get(same..), other.get(same..));
    let (one, other) = (one.unwrap_or_default(), other.unwrap_or_default());
    let ((words, _), (others, _)) = (one.as_chunks::<8>(), other.as_chunks::<8>());
    let mut further = 0_usize;
    for (word, other) in words.iter().zip(others) {
        let differs = u64::from_le_bytes(*word) ^ u64::from_le_bytes(*other);
        if differs != 0 {
            let bytes = usize::try_from(differs.trailing_zeros() / 8).unwrap_or(0);
            return same.saturating_add(further).saturating_add(bytes);
        }
        further = further.saturating_add(8);
    }
    let rest = one.iter().zip(other).skip(further);
    let rest = rest.take_while(|(one, other)| one == other).count();
    same.saturating_add(further).saturating_add(rest)
}
