//! When a statement is in force.

use callgate_policy::document::{TimeWindow, Timing};
use chrono::{DateTime, Datelike as _, TimeDelta, Utc};

use crate::clocks::minutes_ahead;

/// Whether all that is said of the time holds at `now`.
pub(crate) fn in_force(timing: &Timing, now: DateTime<Utc>) -> bool {
    timing.from.is_none_or(|from| from <= now)
        && timing.until.is_none_or(|until| now < until)
        && (timing.times.is_empty() || timing.times.iter().any(|window| is_open(window, now)))
}

fn is_open(window: &TimeWindow, now: DateTime<Utc>) -> bool {
    // Each day around `now` on which a window can begin.
    let local = now.naive_utc() + TimeDelta::minutes(minutes_ahead(&window.clock, now));
    [0, 1].iter().any(|back| {
        let day = local.date() - TimeDelta::days(*back);
        let midnight = day.and_hms_opt(0, 0, 0).unwrap();
        let later = if window.until <= window.from { 24 * 60 } else { 0 };
        let begin = midnight + TimeDelta::minutes(window.from.into());
        let end = midnight + TimeDelta::minutes(i64::from(window.until) + later);
        window.days[day.weekday().num_days_from_monday() as usize] && begin <= local && local < end
    })
}
