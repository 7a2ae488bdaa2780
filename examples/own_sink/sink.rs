//! The sink.

use std::io;
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};

use callgate::audit::{AuditSink, Batch, Head, SinkError};

use crate::objects::Objects;

#[derive(Debug)]
pub(crate) struct ObjectSink {
    objects: Objects,
    /// The end of the chain, as far as is known; `None` where it must be looked up.
    head: Mutex<Option<Head>>,
}

impl ObjectSink {
    pub(crate) fn open(folder: &Path) -> io::Result<Self> {
        let objects = Objects::open(folder)?;
        let head = Mutex::new(None);
        Ok(Self { objects, head })
    }

    pub(crate) fn folder(&self) -> &Path {
        self.objects.folder()
    }

    /// The end of the chain: behind the last record of the last object.
    fn look_up(&self) -> Result<Head, SinkError> {
        let numbers = self.objects.numbers().map_err(SinkError::unknown)?;
        let Some(last) = numbers.last() else {
            return Ok(Head::EMPTY);
        };
        let bytes = self.objects.get(*last).map_err(SinkError::unknown)?;
        Ok(Batch::parse(bytes).map_err(SinkError::poisoned)?.end())
    }

    fn known(&self, head: &mut Option<Head>) -> Result<Head, SinkError> {
        let known = head.map_or_else(|| self.look_up(), Ok)?;
        *head = Some(known);
        Ok(known)
    }

    /// Nothing panics while it holds the lock.
    fn lock(&self) -> MutexGuard<'_, Option<Head>> {
        self.head.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl AuditSink for ObjectSink {
    fn head(&self) -> Result<Head, SinkError> {
        self.known(&mut self.lock())
    }

    fn append(&self, after: Head, batch: &Batch<'_>) -> Result<(), SinkError> {
        let mut head = self.lock();
        let known = self.known(&mut head)?;
        if known == batch.end() {
            return Ok(());
        }
        if known != after {
            return Err(SinkError::Conflict(known));
        }
        // From here on it is not known where the chain ends, until the answer is there.
        *head = None;
        match self.objects.put_new(after.records, batch.bytes()) {
            Ok(()) => {
                *head = Some(batch.end());
                Ok(())
            }
            Err(error) if error.kind() == io::ErrorKind::AlreadyExists => {
                // Somebody else was first.
                Err(SinkError::Conflict(self.known(&mut head)?))
            }
            Err(error) if error.kind() == io::ErrorKind::StorageFull => Err(SinkError::Full),
            Err(error) => Err(SinkError::unknown(error)),
        }
    }

    fn sync(&self, upto: Head) -> Result<(), SinkError> {
        let known = self.head()?;
        if upto.records > known.records {
            return Err(SinkError::Conflict(known));
        }
        Ok(())
    }

    fn read(&self, from: u64, max: usize) -> Result<Batch<'static>, SinkError> {
        let head = self.head()?;
        let numbers = self.objects.numbers().map_err(SinkError::unknown)?;
        let before = numbers.iter().rposition(|first| *first <= from);
        let mut bytes = Vec::new();
        let mut left = max;
        for first in numbers.iter().skip(before.unwrap_or(0)) {
            if left == 0 || bytes.len() > 4 << 20 {
                break;
            }
            let object = self.objects.get(*first).map_err(SinkError::unknown)?;
            let skipped = usize::try_from(from.saturating_sub(*first)).unwrap_or(usize::MAX);
            for line in object
                .split_inclusive(|byte| *byte == b'\n')
                .skip(skipped)
                .take(left)
            {
                bytes.extend_from_slice(line);
                left = left.saturating_sub(1);
            }
        }
        if bytes.is_empty() {
            return Ok(Batch::empty(head));
        }
        Batch::parse(bytes).map_err(SinkError::poisoned)
    }
}
