//! What clocks show, by the laws that set them and not by a database.

use callgate_policy::document::Clock;
use chrono::{DateTime, Utc};
#[cfg(feature = "zones")]
use chrono::{Datelike as _, NaiveDate, TimeDelta, Weekday};

/// How many minutes `clock` is ahead of UTC at `now`, in any year since 2008.
pub(crate) fn minutes_ahead(clock: &Clock, now: DateTime<Utc>) -> i64 {
    match clock {
        Clock::Offset(minutes) => {
            // It is the same at any time.
            let _ = now;
            (*minutes).into()
        }
        #[cfg(feature = "zones")]
        Clock::Zone(zone) => {
            let sunday =
                |month, nth| NaiveDate::from_weekday_of_month_opt(now.year(), month, Weekday::Sun, nth).unwrap();
            let last_sunday = |month| {
                (4..=5)
                    .rev()
                    .map(|nth| NaiveDate::from_weekday_of_month_opt(now.year(), month, Weekday::Sun, nth))
                    .find_map(|day| day)
                    .unwrap()
            };
            let at = |day: NaiveDate, hours| day.and_hms_opt(0, 0, 0).unwrap().and_utc() + TimeDelta::hours(hours);
            match zone.as_str() {
                // From the last Sunday of March to that of October, at one o'clock UTC.
                "Europe/Berlin" if (at(last_sunday(3), 1)..at(last_sunday(10), 1)).contains(&now) => 120,
                "Europe/Berlin" => 60,
                // From the first Sunday of October to that of April, at two by standard time.
                "Australia/Sydney" if (at(sunday(4, 1), -8)..at(sunday(10, 1), -8)).contains(&now) => 600,
                "Australia/Sydney" => 660,
                name => panic!("a zone that the reference does not know: {name}"),
            }
        }
        other => panic!("a clock that the reference does not know: {other:?}"),
    }
}
