//! From which time on.

use std::str::FromStr;

use chrono::{DateTime, TimeDelta, Utc};

/// A moment, or how long ago.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Since {
    Moment(DateTime<Utc>),
    Ago(TimeDelta),
}

impl Since {
    /// The moment, as seen from `now`.
    pub(crate) fn before(self, now: DateTime<Utc>) -> DateTime<Utc> {
        match self {
            Self::Moment(time) => time,
            // Before all time is before every record.
            Self::Ago(time) => now
                .checked_sub_signed(time)
                .unwrap_or(DateTime::<Utc>::MIN_UTC),
        }
    }
}

impl FromStr for Since {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        if let Ok(time) = DateTime::parse_from_rfc3339(text) {
            return Ok(Self::Moment(time.to_utc()));
        }
        ago(text).map(Self::Ago).ok_or(
            "expected a time such as 2026-11-20T12:00:00Z, or how long ago, such as 90d, 12h or 15m",
        )
    }
}

fn ago(text: &str) -> Option<TimeDelta> {
    let unit = text.chars().next_back()?;
    let digits = text.strip_suffix(unit)?;
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let count: i64 = digits.parse().ok()?;
    match unit {
        'd' => TimeDelta::try_days(count),
        'h' => TimeDelta::try_hours(count),
        'm' => TimeDelta::try_minutes(count),
        's' => TimeDelta::try_seconds(count),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expected: Option<&str>) {
        let now: DateTime<Utc> = "2026-11-20T12:00:00Z".parse().unwrap();
        let found = text
            .parse::<Since>()
            .ok()
            .map(|since| since.before(now).to_rfc3339());
        assert_eq!(found.as_deref(), expected, "{text}");
    }

    #[test]
    fn moments_and_spans() {
        check(
            "2026-11-20T13:00:00+02:00",
            Some("2026-11-20T11:00:00+00:00"),
        );
        check("90d", Some("2026-08-22T12:00:00+00:00"));
        check("12h", Some("2026-11-20T00:00:00+00:00"));
        check("15m", Some("2026-11-20T11:45:00+00:00"));
        check("0s", Some("2026-11-20T12:00:00+00:00"));
        check("100000000d", Some("-262143-01-01T00:00:00+00:00"));
        for wrong in [
            "",
            "d",
            "-1d",
            "1.5h",
            "1w",
            "1 d",
            "2026-11-20",
            "99999999999999999999d",
            "é",
        ] {
            check(wrong, None);
        }
    }
}
