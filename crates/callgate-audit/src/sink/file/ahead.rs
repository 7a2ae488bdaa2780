//! Zeros ahead of the end of a segment.
//!
//! Where a write makes a file longer, its sync has to wait for the file system to note the length;
//! where it goes over zeros that are there already, it waits for the device alone. So a segment
//! that is synced again and again is kept a step longer than its records. The first step is small,
//! so that a small log stays small; no step is so large that the append which takes it is held up.

use std::io;

use super::disk::{DiskFile, write_all};

/// The first step, in bytes.
const FIRST_STEP: u64 = 64 << 10;

/// Where a step ends: at a multiple of this.
const BLOCK: u64 = 4096;

static ZEROS: [u8; 64 << 10] = [0; 64 << 10];

/// How far a segment is zeroed.
#[derive(Debug)]
pub(super) struct Ahead {
    /// The longest step; 0 where there are none.
    limit: u64,
    /// Behind the last byte of the file.
    end: u64,
}

impl Ahead {
    /// A file of `end` bytes, all of them records.
    pub(super) const fn new(limit: u64, end: u64) -> Self {
        Self { limit, end }
    }

    /// The length of the file whose records end at `bytes`.
    pub(super) const fn end(&self) -> u64 {
        self.end
    }

    /// The records have come to end at `bytes`: zeros follow, up to `most`, if they are `wanted`.
    pub(super) fn keep(
        &mut self,
        file: &impl DiskFile,
        bytes: u64,
        most: u64,
        wanted: bool,
    ) -> io::Result<()> {
        if bytes < self.end {
            return Ok(());
        }
        self.end = bytes;
        if !wanted || self.limit == 0 {
            return Ok(());
        }
        // A small segment takes small steps.
        let step = bytes.clamp(FIRST_STEP.min(self.limit), self.limit);
        let end = bytes.saturating_add(step).next_multiple_of(BLOCK).min(most);
        while self.end < end {
            let left = usize::try_from(end.saturating_sub(self.end)).unwrap_or(usize::MAX);
            let zeros = ZEROS.get(..left.min(ZEROS.len())).unwrap_or(&ZEROS);
            match write_all(file, zeros, self.end) {
                Ok(()) => {
                    let length = u64::try_from(zeros.len()).unwrap_or(u64::MAX);
                    self.end = self.end.saturating_add(length);
                }
                // There may be room for records all the same: go on without.
                Err(error) if is_full(&error) => {
                    self.limit = 0;
                    break;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

/// Whether an error says that there is no room.
pub(super) fn is_full(error: &io::Error) -> bool {
    matches!(
        error.kind(),
        io::ErrorKind::StorageFull | io::ErrorKind::QuotaExceeded | io::ErrorKind::FileTooLarge
    )
}
