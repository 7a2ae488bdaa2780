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

    /// Both at once.
    fn moment(&self) -> Moment {
        Moment::new(self.now(), self.elapsed())
    }
}

/// A moment, by both times that a clock tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Moment {
    /// The time of day: see [`Clock::now`].
    pub now: DateTime<Utc>,
    /// Time since some fixed moment: see [`Clock::elapsed`].
    pub elapsed: Duration,
}

impl Moment {
    /// The moment at which a clock says `now` and `elapsed`.
    pub const fn new(now: DateTime<Utc>, elapsed: Duration) -> Self {
        Self { now, elapsed }
    }
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
