//! A log that lives as long as its process.

use std::sync::{Mutex, MutexGuard, PoisonError};

use super::{AuditSink, SinkError};
use crate::{Batch, Head};

/// A log in memory: for tests, and for small hosts that ship their log elsewhere.
///
/// It survives nothing. It holds [`MemorySink::DEFAULT_LIMIT`] bytes unless told otherwise; one
/// that is full takes no more.
#[derive(Debug)]
pub struct MemorySink {
    limit: usize,
    stored: Mutex<Stored>,
}

#[derive(Debug)]
struct Stored {
    bytes: Vec<u8>,
    head: Head,
}

impl MemorySink {
    /// How many bytes it holds unless told otherwise: 256 MiB.
    pub const DEFAULT_LIMIT: usize = 256 << 20;

    /// An empty log.
    pub const fn new() -> Self {
        Self::with_limit(Self::DEFAULT_LIMIT)
    }

    /// An empty log of at most `limit` bytes.
    pub const fn with_limit(limit: usize) -> Self {
        let stored = Stored {
            bytes: Vec::new(),
            head: Head::EMPTY,
        };
        Self {
            limit,
            stored: Mutex::new(stored),
        }
    }

    /// Sets room aside for `bytes` more, so that appending them does not allocate.
    pub fn reserve(&self, bytes: usize) {
        let mut stored = self.stored();
        let room = self.limit.saturating_sub(stored.bytes.len());
        stored.bytes.reserve(bytes.min(room));
    }

    /// A copy of all lines.
    pub fn contents(&self) -> Vec<u8> {
        self.stored().bytes.clone()
    }

    /// Nothing in here panics while it holds the lock.
    fn stored(&self) -> MutexGuard<'_, Stored> {
        self.stored.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Default for MemorySink {
    fn default() -> Self {
        Self::new()
    }
}

impl AuditSink for MemorySink {
    fn head(&self) -> Result<Head, SinkError> {
        Ok(self.stored().head)
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        let mut stored = self.stored();
        if stored.head == batch.end() {
            return Ok(());
        }
        if stored.head != after || batch.start() != after {
            return Err(SinkError::Conflict(stored.head));
        }
        if batch.bytes().len() > self.limit.saturating_sub(stored.bytes.len()) {
            return Err(SinkError::Full);
        }
        stored.bytes.extend_from_slice(batch.bytes());
        stored.head = batch.end();
        Ok(())
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        let head = self.stored().head;
        if upto.records > head.records {
            return Err(SinkError::Conflict(head));
        }
        Ok(())
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        let stored = self.stored();
        if from >= stored.head.records || max == 0 {
            return Ok(Batch::empty(stored.head));
        }
        let skipped = usize::try_from(from).unwrap_or(usize::MAX);
        let lines = stored.bytes.split_inclusive(|byte| *byte == b'\n');
        let bytes = lines.skip(skipped).take(max).collect::<Vec<_>>().concat();
        Batch::parse(bytes).map_err(SinkError::poisoned)
    }

    fn is_memory(&self) -> bool {
        true
    }
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;

    use super::*;

    fn batch(after: Head, lost: u64) -> Batch<'static> {
        let mut lines = Vec::new();
        let body = format!(
            r#"{{"v":1,"kind":"gap","time":"2026-11-20T12:00:00.000000Z","durable":0,"lost":{lost}"#
        );
        let end = after.link(body.as_bytes(), &mut lines);
        Batch::of(Cow::Owned(lines), after, end)
    }

    #[test]
    fn appends_where_the_chain_ends() {
        let sink = MemorySink::new();
        let first = batch(Head::EMPTY, 1);
        sink.append(Head::EMPTY, &first).unwrap();
        sink.append(Head::EMPTY, &first).unwrap();
        assert_eq!(sink.head().unwrap(), first.end());

        let other = batch(Head::EMPTY, 2);
        let refused = sink.append(Head::EMPTY, &other);
        assert!(matches!(refused, Err(SinkError::Conflict(head)) if head == first.end()));

        let second = batch(first.end(), 2);
        sink.append(first.end(), &second).unwrap();
        let read = sink.read(0, 9).unwrap();
        assert_eq!((read.start(), read.end()), (Head::EMPTY, second.end()));
        let read = sink.read(1, 1).unwrap();
        assert_eq!(read.bytes(), second.bytes());
        assert_eq!(sink.read(2, 1).unwrap().records(), 0);
    }

    #[test]
    fn full() {
        let sink = MemorySink::with_limit(10);
        let refused = sink.append(Head::EMPTY, &batch(Head::EMPTY, 1));
        assert!(matches!(refused, Err(SinkError::Full)));
        assert_eq!(sink.head().unwrap(), Head::EMPTY);
    }
}
