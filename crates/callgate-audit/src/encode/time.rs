//! Times: RFC 3339, UTC, microseconds.

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};

use super::number::push_padded;

/// The length of a time: `2026-11-20T12:00:00.000000Z`.
pub(crate) const TIME_BYTES: usize = 27;

/// Appends `time` in exactly [`TIME_BYTES`] bytes, without quotes.
///
/// A year outside 0 to 9999 is written as the nearest inside; within a leap second the fraction
/// stands still at `.999999`.
pub(crate) fn push_time(out: &mut Vec<u8>, time: DateTime<Utc>) {
    let time = time.naive_utc();
    let year = u32::try_from(time.year().clamp(0, 9999)).unwrap_or(0);
    let micros = (time.nanosecond() / 1_000).min(999_999);
    let parts = [
        (year, 4, b'-'),
        (time.month(), 2, b'-'),
        (time.day(), 2, b'T'),
        (time.hour(), 2, b':'),
        (time.minute(), 2, b':'),
        (time.second(), 2, b'.'),
        (micros, 6, b'Z'),
    ];
    for (value, width, end) in parts {
        push_padded(out, value, width);
        out.push(end);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(time: DateTime<Utc>, expected: &str) {
        let mut out = Vec::new();
        push_time(&mut out, time);
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        assert_eq!(expected.len(), TIME_BYTES);
    }

    #[test]
    fn times() {
        let at = |text: &str| text.parse::<DateTime<Utc>>().unwrap();
        check(at("2026-11-20T12:00:00Z"), "2026-11-20T12:00:00.000000Z");
        check(
            at("2024-02-29T23:59:59.123456789Z"),
            "2024-02-29T23:59:59.123456Z",
        );
        check(at("1969-12-31T23:59:59.5Z"), "1969-12-31T23:59:59.500000Z");
        check(at("2016-12-31T23:59:60.25Z"), "2016-12-31T23:59:59.999999Z");
        check(DateTime::<Utc>::MAX_UTC, "9999-12-31T23:59:59.999999Z");
    }
}
