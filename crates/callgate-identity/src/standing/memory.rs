//! A store in memory.

use std::fmt;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound as _, Utc};

use super::change::Change;
use super::store::{Changes, Entry, Position, StandingStore, StoreError};

/// A store in memory, for one process and for tests; its clones are the same store.
///
/// What it holds ends with the process: after a restart nothing is revoked, and no task is under way.
#[derive(Clone)]
pub struct MemoryStanding {
    rows: Arc<Mutex<Vec<Row>>>,
    clock: Arc<dyn Fn() -> DateTime<Utc> + Send + Sync>,
}

/// As other stores do, it keeps the text.
struct Row {
    time: DateTime<Utc>,
    text: String,
}

impl MemoryStanding {
    /// An empty store that takes the time from `clock`.
    pub fn new(clock: impl Fn() -> DateTime<Utc> + Send + Sync + 'static) -> Self {
        Self {
            rows: Arc::default(),
            clock: Arc::new(clock),
        }
    }
}

impl StandingStore for MemoryStanding {
    fn put(&self, change: &Change) -> Result<Position, StoreError> {
        let now = (self.clock)().trunc_subsecs(6);
        let text = change.encode();
        let mut rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let time = rows.last().map_or(now, |last| last.time.max(now));
        rows.push(Row { time, text });
        Ok(position(rows.len()))
    }

    fn changes(&self, after: Position, max: usize) -> Result<Changes, StoreError> {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        let skipped = usize::try_from(after.number()).unwrap_or(usize::MAX);
        let behind = rows.iter().enumerate().skip(skipped).take(max.max(1));
        let entries = behind.map(|(before, row)| {
            Ok(Entry {
                position: position(before).next(),
                time: row.time,
                change: Change::parse(&row.text).map_err(StoreError::altered)?,
            })
        });
        Ok(Changes {
            entries: entries.collect::<Result<_, StoreError>>()?,
            end: position(rows.len()),
        })
    }
}

fn position(count: usize) -> Position {
    Position::new(u64::try_from(count).unwrap_or(u64::MAX))
}

/// Shows how much it holds.
impl fmt::Debug for MemoryStanding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let rows = self.rows.lock().unwrap_or_else(PoisonError::into_inner);
        f.debug_struct("MemoryStanding")
            .field("changes", &rows.len())
            .finish_non_exhaustive()
    }
}
