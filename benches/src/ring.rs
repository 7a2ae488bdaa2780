//! A memory sink that does not grow.

use std::sync::{Mutex, MutexGuard, PoisonError};

use callgate::audit::{Batch, Head};
use callgate::{AuditSink, SinkError};

/// As [`MemorySink`](callgate::MemorySink), but what was written last overwrites what was written
/// first: so a bench writes to memory that is warm, for as long as it likes.
#[derive(Debug)]
pub struct RingSink(Mutex<Ring>);

#[derive(Debug)]
struct Ring {
    bytes: Box<[u8]>,
    /// Where the next batch goes.
    place: usize,
    /// Where the last batch ended; before it stand the newest bytes.
    head: Head,
}

impl RingSink {
    /// A log of the last 256 KiB.
    pub fn new() -> Self {
        Self(Mutex::new(Ring {
            bytes: vec![0; 256 << 10].into(),
            place: 0,
            head: Head::EMPTY,
        }))
    }

    /// The line written last, without its line feed; empty where nothing was written.
    pub fn last_line(&self) -> Vec<u8> {
        let ring = self.ring();
        let written = ring.bytes.get(..ring.place).unwrap_or_default();
        let written = written.strip_suffix(b"\n").unwrap_or(written);
        let line = written.rsplit(|byte| *byte == b'\n').next();
        line.unwrap_or_default().to_vec()
    }

    /// Nothing in here panics while it holds the lock.
    fn ring(&self) -> MutexGuard<'_, Ring> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for RingSink {
    fn default() -> Self {
        Self::new()
    }
}

impl AuditSink for RingSink {
    fn head(&self) -> Result<Head, SinkError> {
        Ok(self.ring().head)
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        let mut ring = self.ring();
        if ring.head == batch.end() {
            return Ok(());
        }
        if ring.head != after || batch.start() != after {
            return Err(SinkError::Conflict(ring.head));
        }
        let len = batch.bytes().len();
        let start = match ring.place.checked_add(len) {
            Some(end) if end <= ring.bytes.len() => ring.place,
            _ => 0,
        };
        let end = start.saturating_add(len);
        let room = ring.bytes.get_mut(start..end).ok_or(SinkError::Full)?;
        room.copy_from_slice(batch.bytes());
        ring.place = end;
        ring.head = batch.end();
        Ok(())
    }

    fn sync(&self, _upto: Head) -> Result<(), SinkError> {
        Ok(())
    }

    /// What was overwritten cannot be read: it holds no records for readers.
    fn read(&self, _from: u64, _max: usize) -> Result<Batch<'static>, SinkError> {
        Ok(Batch::empty(self.ring().head))
    }

    fn is_memory(&self) -> bool {
        true
    }
}
