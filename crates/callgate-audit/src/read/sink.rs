//! The records of a sink, as a stream.

use std::io::{self, Read};

use crate::AuditSink;

/// The most records that are asked for at once.
const MAX_RECORDS: usize = 8192;

/// What a sink stores, from the first record on.
pub(super) struct SinkStream<'s> {
    sink: &'s dyn AuditSink,
    next: u64,
    bytes: Vec<u8>,
    used: usize,
}

impl<'s> SinkStream<'s> {
    pub(super) const fn new(sink: &'s dyn AuditSink) -> Self {
        Self {
            sink,
            next: 0,
            bytes: Vec::new(),
            used: 0,
        }
    }
}

impl Read for SinkStream<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        if self.used >= self.bytes.len() {
            let batch = self.sink.read(self.next, MAX_RECORDS);
            let batch = batch.map_err(io::Error::other)?;
            self.next = self.next.saturating_add(batch.records());
            self.bytes = batch.bytes().to_vec();
            self.used = 0;
        }
        let rest = self.bytes.get(self.used..).unwrap_or_default();
        let read = (&mut &*rest).read(buffer)?;
        self.used = self.used.saturating_add(read);
        Ok(read)
    }
}
