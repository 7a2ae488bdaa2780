//! Times: RFC 3339, UTC, microseconds.

use std::cell::Cell;

use chrono::{DateTime, Datelike as _, Timelike as _, Utc};

use super::number::padded;

/// The length of a time: `2026-11-20T12:00:00.000000Z`.
pub(crate) const TIME_BYTES: usize = 27;

/// `2026-11-20T12:00:00.`
type Second = [u8; 20];

thread_local! {
    /// The second that this thread wrote last: most records are written within the same.
    static LAST: Cell<Option<(i64, Second)>> = const { Cell::new(None) };
}

/// Appends `time` in exactly [`TIME_BYTES`] bytes, without quotes.
///
/// A year outside 0 to 9999 is written as the nearest inside; within a leap second the fraction
/// stands still at `.999999`.
pub(crate) fn push_time(out: &mut Vec<u8>, time: DateTime<Utc>) {
    let number = time.timestamp();
    let second = match LAST.try_with(Cell::get) {
        Ok(Some((last, second))) if last == number => second,
        _ => {
            let second = second(time);
            // A thread that is ending keeps none.
            let _ended = LAST.try_with(|last| last.set(Some((number, second))));
            second
        }
    };
    let micros = (time.nanosecond() / 1_000).min(999_999);
    let mut fraction = [b'Z'; 7];
    if let Some(digits) = fraction.first_chunk_mut() {
        *digits = padded(micros);
    }
    out.extend_from_slice(&second);
    out.extend_from_slice(&fraction);
}

fn second(time: DateTime<Utc>) -> Second {
    let time = time.naive_utc();
    let year = u32::try_from(time.year().clamp(0, 9999)).unwrap_or(0);
    let [.., y1, y2, y3, y4] = padded(year);
    let [month, day, hour, minute, second] = [
        time.month(),
        time.day(),
        time.hour(),
        time.minute(),
        time.second(),
    ]
    .map(|value| {
        let [.., tens, ones] = padded(value);
        [tens, ones]
    });
    let ([m1, m2], [d1, d2]) = (month, day);
    let ([h1, h2], [n1, n2], [s1, s2]) = (hour, minute, second);
    [
        y1, y2, y3, y4, b'-', m1, m2, b'-', d1, d2, b'T', h1, h2, b':', n1, n2, b':', s1, s2, b'.',
    ]
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
        check(at("2016-12-31T23:59:59.25Z"), "2016-12-31T23:59:59.250000Z");
        check(at("2017-01-01T00:00:00.25Z"), "2017-01-01T00:00:00.250000Z");
        check(DateTime::<Utc>::MAX_UTC, "9999-12-31T23:59:59.999999Z");
    }
}
