//! The policy in force, and who is in good standing.

use std::cell::RefCell;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use callgate_identity::standing::Standing;

use crate::Snapshot;

/// The policy in force, and who is in good standing; replaced as a whole, read without waiting.
///
/// Every thread keeps what it used last and looks only at a counter; the lock is
/// taken in the first call after a change. A thread that makes no further call keeps the old
/// ones in memory until it ends.
#[derive(Debug)]
pub(crate) struct Current {
    id: u64,
    /// How often the policy was replaced.
    generation: AtomicU64,
    /// How often anything was.
    version: AtomicU64,
    held: Mutex<Arc<Held>>,
}

#[derive(Clone, Debug)]
struct Held {
    generation: u64,
    snapshot: Arc<Snapshot>,
    /// Who is in good standing; `None` where nobody says.
    standing: Option<Arc<Standing>>,
}

/// Tells gates apart that one thread uses in turn.
static NEXT_ID: AtomicU64 = AtomicU64::new(0);

/// Most gates whose snapshots one thread keeps.
const KEPT: usize = 8;

struct Kept {
    id: u64,
    version: u64,
    /// Away while a call is judged by it.
    held: Option<Arc<Held>>,
}

thread_local! {
    static LAST: RefCell<Vec<Kept>> = const { RefCell::new(Vec::new()) };
}

impl Current {
    pub(crate) fn new(snapshot: Snapshot) -> Self {
        Self {
            id: NEXT_ID.fetch_add(1, Ordering::Relaxed),
            generation: AtomicU64::new(0),
            version: AtomicU64::new(0),
            held: Mutex::new(Arc::new(Held {
                generation: 0,
                snapshot: Arc::new(snapshot),
                standing: None,
            })),
        }
    }

    /// How often the policy was replaced.
    pub(crate) fn generation(&self) -> u64 {
        self.generation.load(Ordering::SeqCst)
    }

    /// How often anything was replaced.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::SeqCst)
    }

    /// Puts another snapshot in force.
    pub(crate) fn replace(&self, snapshot: Snapshot) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        let generation = held.generation.saturating_add(1);
        *held = Arc::new(Held {
            generation,
            snapshot: Arc::new(snapshot),
            standing: held.standing.clone(),
        });
        self.generation.store(generation, Ordering::SeqCst);
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    /// Puts another standing in force. Whoever begins to look once this has returned sees it.
    pub(crate) fn replace_standing(&self, standing: Standing) {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        *held = Arc::new(Held {
            generation: held.generation,
            snapshot: Arc::clone(&held.snapshot),
            standing: Some(Arc::new(standing)),
        });
        self.version.fetch_add(1, Ordering::SeqCst);
    }

    /// Runs `f` with the snapshot in force and its generation.
    pub(crate) fn with<R>(&self, f: impl FnOnce(&Snapshot, u64) -> R) -> R {
        self.with_standing(|snapshot, generation, _| f(snapshot, generation))
    }

    /// Runs `f` with the snapshot in force, its generation, and who is in good standing; `None` where
    /// nobody says.
    pub(crate) fn with_standing<R>(
        &self,
        f: impl FnOnce(&Snapshot, u64, Option<&Standing>) -> R,
    ) -> R {
        let (version, held) = self.take();
        let result = f(&held.snapshot, held.generation, held.standing.as_deref());
        // Put back for the next call. A call made inside `f` may have done so for the same gate.
        // A thread that is shutting down keeps nothing.
        LAST.try_with(|last| {
            if let Ok(mut last) = last.try_borrow_mut() {
                self.put_back(&mut last, version, held);
            }
        })
        .ok();
        result
    }

    #[inline]
    fn put_back(&self, last: &mut Vec<Kept>, version: u64, held: Arc<Held>) {
        let held = Some(held);
        if let Some(kept) = last.iter_mut().find(|kept| kept.id == self.id) {
            (kept.version, kept.held) = (version, held);
            return;
        }
        if last.len() >= KEPT {
            last.remove(0);
        }
        let id = self.id;
        last.push(Kept { id, version, held });
    }

    #[inline]
    fn take(&self) -> (u64, Arc<Held>) {
        let version = self.version();
        let known = LAST.try_with(|last| {
            let mut last = last.try_borrow_mut().ok()?;
            let kept = last.iter_mut().find(|kept| kept.id == self.id)?;
            let held = kept.held.take();
            held.filter(|_| kept.version == version)
        });
        match known {
            Ok(Some(held)) => (version, held),
            _ => self.read(),
        }
    }

    #[cold]
    fn read(&self) -> (u64, Arc<Held>) {
        let held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        // Under the lock: the counter and what is held belong together.
        (self.version(), Arc::clone(&held))
    }
}
