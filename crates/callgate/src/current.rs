//! The snapshot in force.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use crate::Snapshot;

/// The snapshot in force; replaced as a whole, read without waiting.
///
/// Every thread keeps the snapshot that it used last and looks only at a counter; the lock is
/// taken in the first call after a change. A thread that makes no further call keeps the old
/// snapshot in memory until it ends.
#[derive(Debug)]
pub(crate) struct Current {
    id: u64,
    generation: AtomicU64,
    snapshot: Mutex<Arc<Snapshot>>,
}

/// Tells gates apart that one thread uses in turn.
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// Most gates whose snapshots one thread keeps.
const KEPT: usize = 8;

struct Kept {
    id: u64,
    generation: u64,
    snapshot: Arc<Snapshot>,
}

thread_local! {
    static LAST: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

impl Current {
    pub(crate) fn new(snapshot: Snapshot) -> Self {
        Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            generation: AtomicU64::new(0),
            snapshot: Mutex::new(Arc::new(snapshot)),
        }
    }

    /// How often the snapshot was replaced.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::Acquire)
    }

    /// Puts another snapshot in force.
    pub(crate) fn replace(&self, snapshot: Snapshot) {
        let mut held = self.snapshot.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::new(snapshot);
        self.generation.fetch_add(1, Ordering::Release);
    }

    /// Runs `f` with the snapshot in force and its generation.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&Snapshot, u64) -> R) -> R {
        let kept = self.take();
        let result = f(&kept.snapshot, kept.generation);
        // Put back for the next call. A call made inside `f` may have done so for the same gate.
        // A thread that is shutting down keeps nothing.
        LAST.try_with(|last| {
            if let Ok(mut last) = last.try_borrow_mut() {
                if last.len() >= KEPT {
                    last.remove(0);
                }
                last.push(kept);
            }
        })
        .ok();
        result
    }

    fn take(&self) -> Kept {
        let generation = self.generation();
        let known = LAST.try_with(|last| {
            let mut last = last.try_borrow_mut().ok()?;
            let place = last.iter().position(|kept| kept.id == self.id)?;
            Some(last.swap_remove(place))
        });
        match known {
            Ok(Some(kept)) if kept.generation == generation => kept,
            _ => self.read(),
        }
    }

    fn read(&self) -> Kept {
        let held = self.snapshot.lock().unwrap_or_else(PoisonError::into_inner);
        Kept {
            id: self.id,
            // Under the lock: the counter and the snapshot belong together.
            generation: self.generation(),
            snapshot: Arc::clone(&held),
        }
    }
}
