//! A task under way.

use std::sync::atomic::{AtomicU64, Ordering};

use chrono::{DateTime, Utc};

use super::store::Position;
use super::task::Task;

/// A task that was begun.
#[derive(Debug)]
pub struct Underway {
    task: Task,
    position: Position,
    begun: DateTime<Utc>,
    permits: AtomicU64,
}

impl Underway {
    pub(super) const fn new(task: Task, position: Position, begun: DateTime<Utc>) -> Self {
        Self {
            task,
            position,
            begun,
            permits: AtomicU64::new(0),
        }
    }

    /// The task.
    pub const fn task(&self) -> &Task {
        &self.task
    }

    /// The place of the change that began it.
    pub const fn position(&self) -> Position {
        self.position
    }

    /// When it was begun, by the clock of the store.
    pub const fn begun(&self) -> DateTime<Utc> {
        self.begun
    }

    /// How many permits for it are out in this process.
    pub fn permits(&self) -> u64 {
        self.permits.load(Ordering::Relaxed)
    }

    /// A permit was given out.
    pub fn permit_given(&self) {
        self.permits.fetch_add(1, Ordering::Relaxed);
    }

    /// A permit was used, dropped or taken back.
    pub fn permit_gone(&self) {
        self.permits.fetch_sub(1, Ordering::Relaxed);
    }
}
