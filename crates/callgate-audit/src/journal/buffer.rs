//! Buffers that are used again.

use std::cell::Cell;

/// Buffers that grew beyond this are let go.
const MAX_KEPT: usize = 64 << 10;
/// Most buffers that are kept.
const MAX_COUNT: usize = 64;
/// A new buffer has room for a common record.
const ROOM: usize = 2 << 10;

thread_local! {
    /// The next record of this thread is encoded into this one.
    static NEXT: Cell<Vec<u8>> = const { Cell::new(Vec::new()) };
}

/// A buffer for a record; without a lock.
pub(super) fn take() -> Vec<u8> {
    // A thread that is ending may have none left.
    let mut buffer = NEXT.try_with(Cell::take).unwrap_or_default();
    buffer.reserve(ROOM);
    buffer
}

/// Leaves a buffer for the next record of this thread.
pub(super) fn give(mut buffer: Vec<u8>) {
    buffer.clear();
    if (1..=MAX_KEPT).contains(&buffer.capacity()) {
        // A thread that is ending needs none.
        let _ended = NEXT.try_with(|next| next.set(buffer));
    }
}

/// Buffers of records for which nobody waited.
#[derive(Default)]
pub(super) struct Pool(Vec<Vec<u8>>);

impl Pool {
    pub(super) fn take(&mut self) -> Vec<u8> {
        self.0.pop().unwrap_or_default()
    }

    pub(super) fn give(&mut self, buffer: Vec<u8>) {
        if self.0.len() < MAX_COUNT && buffer.capacity() <= MAX_KEPT {
            self.0.push(buffer);
        }
    }
}

/// Empties the lines of a batch; a large one is let go.
pub(super) fn emptied(mut lines: Vec<u8>) -> Vec<u8> {
    if lines.capacity() > MAX_KEPT.saturating_mul(16) {
        return Vec::new();
    }
    lines.clear();
    lines
}
