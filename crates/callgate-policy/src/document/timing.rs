//! When a statement takes part.

use serde::Serialize;

use chrono::{DateTime, Utc};

#[cfg(feature = "zones")]
use super::Zone;

/// The minutes of a day.
const DAY: i64 = 24 * 60;

/// When a statement takes part. Every part that is there has to hold.
///
/// Whether it does is known where the time of the call is known, and only there.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Timing {
    /// The moment from which it is in force.
    pub from: Option<DateTime<Utc>>,
    /// The moment from which it is not in force any more; later than `from`.
    pub until: Option<DateTime<Utc>>,
    /// Hours of the week, any of which will do; empty where there are none to keep.
    pub times: Vec<TimeWindow>,
}

impl Timing {
    /// Whether the statement takes part at `now`, and if not, why.
    pub fn at(&self, now: DateTime<Utc>) -> InForce {
        if self.from.is_some_and(|from| now < from) {
            InForce::NotYet
        } else if self.until.is_some_and(|until| now >= until) {
            InForce::Expired
        } else if self.times.is_empty() || self.times.iter().any(|window| window.contains(now)) {
            InForce::Now
        } else {
            InForce::OtherHours
        }
    }
}

/// Whether a statement takes part at a moment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum InForce {
    /// It does.
    Now,
    /// It will, from a moment that is still to come.
    NotYet,
    /// It did, until a moment that has gone by.
    Expired,
    /// It does at other hours of the week.
    OtherHours,
}

impl InForce {
    /// The word for this.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Now => "now",
            Self::NotYet => "not_yet",
            Self::Expired => "expired",
            Self::OtherHours => "other_hours",
        }
    }
}

/// Some hours of some days of the week, by the clocks of one place.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub struct TimeWindow {
    /// The days on which it begins, Monday first.
    pub days: [bool; 7],
    /// The minute of the day at which it begins.
    pub from: u16,
    /// The minute of the day before which it ends, at most 1440. Not after `from`: of the next day.
    pub until: u16,
    /// The clock that shows its days and minutes.
    pub clock: Clock,
}

impl TimeWindow {
    /// Whether `now` lies inside: whether the date and time of day that its clock shows then do.
    ///
    /// Where clocks are put forward, what they never show is in no window; where they are put
    /// back, what they show twice is in the window twice.
    pub fn contains(&self, now: DateTime<Utc>) -> bool {
        let local = now.timestamp().saturating_add(self.clock.ahead_at(now));
        let minutes = local.div_euclid(60);
        let (day, minute) = (minutes.div_euclid(DAY), minutes.rem_euclid(DAY));
        // The first day of the count was a Thursday.
        let begins_on = |day: i64| {
            let weekday = day.saturating_add(3).rem_euclid(7);
            usize::try_from(weekday)
                .ok()
                .and_then(|weekday| self.days.get(weekday))
                == Some(&true)
        };
        let (from, until) = (i64::from(self.from), i64::from(self.until));
        if from < until {
            begins_on(day) && (from..until).contains(&minute)
        } else {
            let began_before = day.saturating_sub(1);
            (begins_on(day) && minute >= from) || (begins_on(began_before) && minute < until)
        }
    }
}

/// What a clock on the wall shows, given the time in UTC.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Clock {
    /// So many minutes ahead of UTC, all year.
    Offset(i16),
    /// As in this zone of the time zone database, with its daylight saving time.
    #[cfg(feature = "zones")]
    Zone(Zone),
}

impl Clock {
    /// How many seconds it is ahead of UTC at `now`.
    #[cfg_attr(
        not(feature = "zones"),
        expect(unused_variables, reason = "an offset is the same at any time")
    )]
    fn ahead_at(&self, now: DateTime<Utc>) -> i64 {
        match self {
            Self::Offset(minutes) => i64::from(*minutes).saturating_mul(60),
            #[cfg(feature = "zones")]
            Self::Zone(zone) => zone.ahead_at(now),
        }
    }
}
