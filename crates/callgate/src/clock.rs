//! Where the gate gets the time from.

use std::fmt;
use std::time::{Duration, Instant};

use chrono::{DateTime, Utc};

/// Tells a gate the time; the only source of time there is.
pub trait Clock: Send + Sync {
    /// The time of day, for records.
    fn now(&self) -> DateTime<Utc>;

    /// Time since some fixed moment, for deadlines and expiry; never runs backwards.
    fn elapsed(&self) -> Duration;
}

/// The clock of this machine.
#[derive(Clone, Copy)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    /// A clock that counts from now.
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }
}

impl Default for SystemClock {
    fn default() -> Self {
        Self::new()
    }
}

impl fmt::Debug for SystemClock {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("SystemClock")
    }
}

impl Clock for SystemClock {
    fn now(&self) -> DateTime<Utc> {
        Utc::now()
    }

    fn elapsed(&self) -> Duration {
        self.start.elapsed()
    }
}
