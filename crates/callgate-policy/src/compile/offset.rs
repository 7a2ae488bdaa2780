//! Places in lists.

/// A policy is read from a text of bounded length, so nothing in it reaches this bound.
pub(super) fn offset(len: usize) -> u32 {
    u32::try_from(len).unwrap_or(u32::MAX)
}
