//! Where the gate gets the time from.

use std::cell::Cell;
use std::fmt;
use std::time::{Duration, Instant};

use chrono::{DateTime, NaiveDateTime, Timelike as _, Utc};

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

/// For so long a thread reckons the time of day from where it last read it. A step of the system's
/// clock, or the time for which the machine slept, is noticed that much later.
const RECKONED: Duration = Duration::from_millis(1);

thread_local! {
    static LAST: Cell<Option<Reading>> = const { Cell::new(None) };
}

/// A moment at which both times were read.
#[derive(Clone, Copy)]
struct Reading {
    /// Of which clock.
    start: Instant,
    elapsed: Duration,
    now: NaiveDateTime,
}

impl SystemClock {
    /// A clock that counts from now.
    pub fn new() -> Self {
        Self {
            start: Instant::now(),
        }
    }

    fn read(&self, elapsed: Duration) -> DateTime<Utc> {
        let now = self.now();
        let reading = Reading {
            start: self.start,
            elapsed,
            now: now.naive_utc(),
        };
        // A thread that is ending keeps none.
        LAST.try_with(|last| last.set(Some(reading))).ok();
        now
    }
}

impl Reading {
    /// The time of day so long after `clock` began to count; `None` where it is to be read anew.
    #[inline]
    fn reckon(self, clock: &SystemClock, elapsed: Duration) -> Option<DateTime<Utc>> {
        let since = elapsed.checked_sub(self.elapsed)?;
        if self.start != clock.start || since >= RECKONED {
            return None;
        }
        // Beyond the second, there is no such time.
        let nanos = self.now.nanosecond().checked_add(since.subsec_nanos())?;
        let within = nanos < 1_000_000_000;
        let now = within.then(|| self.now.with_nanosecond(nanos))??;
        Some(now.and_utc())
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

    fn moment(&self) -> Moment {
        let elapsed = self.elapsed();
        let last = LAST.try_with(Cell::get).ok().flatten();
        let reckoned = last.and_then(|last| last.reckon(self, elapsed));
        Moment::new(reckoned.unwrap_or_else(|| self.read(elapsed)), elapsed)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn reading(clock: SystemClock, millis: u64, time: &str) -> Reading {
        Reading {
            start: clock.start,
            elapsed: Duration::from_millis(millis),
            now: time.parse::<DateTime<Utc>>().unwrap().naive_utc(),
        }
    }

    #[track_caller]
    fn check(micros: u64, time: &str, expected: Option<&str>) {
        let clock = SystemClock::new();
        let elapsed = Duration::from_micros(micros);
        let reckoned = reading(clock, 5, time).reckon(&clock, elapsed);
        let expected = expected.map(|time| time.parse::<DateTime<Utc>>().unwrap());
        assert_eq!(reckoned, expected);
    }

    #[test]
    fn reckoned_for_a_moment() {
        let time = "2026-11-20T12:00:00.5Z";
        check(5_000, time, Some(time));
        check(5_001, time, Some("2026-11-20T12:00:00.500001Z"));
        check(5_999, time, Some("2026-11-20T12:00:00.500999Z"));
        check(6_000, time, None);
        check(4_999, time, None);
        check(5_001, "2026-11-20T12:00:00.999999Z", None);
        check(5_001, "2016-12-31T23:59:60.5Z", None);
    }

    #[test]
    fn another_clock_reads_anew() {
        let (clock, other) = (SystemClock::new(), SystemClock::new());
        let reading = reading(clock, 5, "2026-11-20T12:00:00Z");
        let elapsed = Duration::from_millis(5);
        assert!(reading.reckon(&clock, elapsed).is_some());
        let is_other = clock.start != other.start;
        assert_eq!(reading.reckon(&other, elapsed).is_none(), is_other);
    }

    #[test]
    fn moments_follow_the_clocks() {
        let clock = SystemClock::new();
        for _ in 0..2_000 {
            let (before, since) = (Utc::now(), clock.elapsed());
            let moment = clock.moment();
            assert!(moment.elapsed >= since && moment.elapsed <= clock.elapsed());
            let off = (moment.now - before).abs();
            assert!(off < chrono::TimeDelta::minutes(1), "{off}");
        }
    }
}
