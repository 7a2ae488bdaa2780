//! One line of a log, as it is read: what must hold of it by itself.

use std::ops::Range;

use crate::chain::Prev;
use crate::encode::TIME_BYTES;
use crate::{Head, chain, json, sha};

/// The longest line, its line feed included.
pub(crate) const MAX_LINE: usize = 1 << 20;

const START: &[u8] = b"{\"v\":1,\"kind\":\"";
const TIME: &[u8] = b"\",\"time\":\"";
const DURABLE: &[u8] = b"\",\"durable\":";
const MAX_KIND: usize = 32;

/// What a line says about its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Line<'a> {
    pub(crate) kind: &'a [u8],
    pub(crate) durable: u64,
    /// What follows `durable`, from the comma on.
    pub(crate) rest: &'a [u8],
    pub(crate) seq: u64,
    pub(crate) prev: Prev<'a>,
}

impl Line<'_> {
    /// Whether the line says that it stands behind `head`.
    pub(crate) fn follows(&self, head: Head) -> bool {
        self.seq == head.records && self.prev.is(head.digest)
    }

    /// The head behind which the line says that it stands.
    pub(crate) fn before(&self) -> Head {
        Head::new(self.seq, self.prev.digest())
    }
}

/// Reads a line without its line feed.
pub(crate) fn read(line: &[u8]) -> Result<Line<'_>, LineFault> {
    read_by(line, |_| json::check(line))
}

/// As [`read`]; `checker` may know the keys from the line before, and `leaf` is hashed meanwhile.
pub(crate) fn read_with<'a>(
    checker: &mut json::Checker,
    leaf: &mut sha::Leaf<'_>,
    line: &'a [u8],
) -> Result<Line<'a>, LineFault> {
    read_by(line, |open| checker.check(line, open, || leaf.step()))
}

/// As [`read`]; `check` says whether a line is JSON that begins and ends as a record, and is told
/// what stands between.
fn read_by(
    line: &[u8],
    check: impl FnOnce(Range<usize>) -> Result<(), LineFault>,
) -> Result<Line<'_>, LineFault> {
    if line.len() >= MAX_LINE {
        return Err(LineFault::TooLong);
    }
    if !line.is_ascii() {
        str::from_utf8(line).map_err(|error| LineFault::NotUtf8 {
            at: error.valid_up_to(),
        })?;
    }
    let (start, tail) = (start(line), chain::split_tail(line));
    let (Some((kind, durable, rest)), Some((body, seq, prev))) = (start, tail) else {
        json::check(line)?;
        return Err(match start {
            None => LineFault::BadStart,
            Some(_) => LineFault::BadEnd,
        });
    };
    check(line.len().saturating_sub(rest.len())..body.len())?;
    if durable > seq {
        return Err(LineFault::DurableAhead { durable, seq });
    }
    Ok(Line {
        kind,
        durable,
        rest,
        seq,
        prev,
    })
}

/// What stands at the start of a line, or of a part of it: how many records were durable.
pub(crate) fn durable(line: &[u8]) -> Option<u64> {
    start(line).map(|(_, durable, _)| durable)
}

/// The kind of a record.
pub(crate) fn kind(line: &[u8]) -> Option<&[u8]> {
    start(line).map(|(kind, _, _)| kind)
}

/// What follows `durable` in a line that is a record, from the comma on.
pub(crate) fn rest(line: &[u8]) -> Option<&[u8]> {
    start(line).map(|(_, _, rest)| rest)
}

/// Kind and durable count, which stand at the start of every line, and what follows.
fn start(line: &[u8]) -> Option<(&[u8], u64, &[u8])> {
    let rest = line.strip_prefix(START)?;
    let end = rest.iter().take(MAX_KIND.saturating_add(1));
    let end = end
        .take_while(|byte| matches!(byte, b'a'..=b'z' | b'_'))
        .count();
    if end == 0 || end > MAX_KIND {
        return None;
    }
    let (kind, rest) = rest.split_at_checked(end)?;
    let (time, rest) = rest.strip_prefix(TIME)?.split_at_checked(TIME_BYTES)?;
    is_time(time).then_some(())?;
    let rest = rest.strip_prefix(DURABLE)?;
    let digits = rest.iter().take_while(|byte| byte.is_ascii_digit()).count();
    let (durable, rest) = rest.split_at_checked(digits)?;
    rest.starts_with(b",").then_some(())?;
    Some((kind, chain::number(durable)?, rest))
}

/// Whether `time` has the shape of a time; whether there is such a day is not looked at.
fn is_time(time: &[u8]) -> bool {
    const LEAST: &[u8; TIME_BYTES] = b"0000-00-00T00:00:00.000000Z";
    const MOST: &[u8; TIME_BYTES] = b"9999-99-99T99:99:99.999999Z";
    let Ok(time) = <&[u8; TIME_BYTES]>::try_from(time) else {
        return false;
    };
    let bounds = LEAST.iter().zip(MOST);
    // Without a way out of the loop, many bytes are looked at in one step.
    time.iter()
        .zip(bounds)
        .fold(true, |fits, (byte, (least, most))| {
            let (from, to) = (least <= byte, byte <= most);
            fits & from & to
        })
}

/// Why a line is not a record.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum LineFault {
    /// It is too long.
    #[error("expected a line of at most {MAX_LINE} bytes")]
    TooLong,
    /// It is not text.
    #[error("not UTF-8 at byte {at} of the line")]
    NotUtf8 {
        /// The first byte that is not.
        at: usize,
    },
    /// It is not one JSON object without white space.
    #[error("not JSON at byte {at} of the line")]
    NotJson {
        /// The first byte that does not belong there.
        at: usize,
    },
    /// A key of the record itself is repeated, or not a plain word.
    #[error("repeated or malformed key at byte {at} of the line")]
    BadKey {
        /// The first byte of the key.
        at: usize,
    },
    /// It does not begin as a record does.
    #[error("expected `v` 1, `kind`, `time` and `durable` at the start of the line")]
    BadStart,
    /// It does not end as a record does.
    #[error("expected `seq` and `prev` at the end of the line")]
    BadEnd,
    /// It says that more records were durable than there were.
    #[error("record {seq} says that {durable} records were durable before it")]
    DurableAhead {
        /// How many it says.
        durable: u64,
        /// Its own place.
        seq: u64,
    },
}

#[cfg(test)]
mod tests {
    use callgate_types::Digest;

    use super::*;

    const HEAD: &str = r#"{"v":1,"kind":"gap","time":"2026-11-20T12:00:00.000000Z","durable":3"#;

    #[track_caller]
    fn check(line: &str, expected: Result<(u64, u64), &str>) {
        let found = read(line.as_bytes())
            .map(|line| (line.durable, line.seq))
            .map_err(|fault| fault.to_string());
        assert_eq!(found, expected.map_err(str::to_owned), "{line}");
    }

    fn tail(seq: &str) -> String {
        format!(r#","seq":{seq},"prev":"{}"}}"#, Digest::ZERO)
    }

    #[test]
    fn records() {
        check(&format!(r#"{HEAD},"lost":2{}"#, tail("5")), Ok((3, 5)));
        check(
            &format!(r#"{HEAD},"x":{{"seq":1,"prev":2,"prev":[]}}{}"#, tail("3")),
            Ok((3, 3)),
        );
    }

    #[test]
    fn no_records() {
        let start = "expected `v` 1, `kind`, `time` and `durable` at the start of the line";
        let end = "expected `seq` and `prev` at the end of the line";
        check("", Err("not JSON at byte 0 of the line"));
        check("{}", Err(start));
        check(&format!("{HEAD}}}"), Err(start));
        check(&format!(r#"{HEAD},"a":1}}"#), Err(end));
        check(
            &format!("{HEAD}{}", tail("05")),
            Err("not JSON at byte 76 of the line"),
        );
        check(
            &format!("{HEAD}{}", tail("2")),
            Err("record 2 says that 3 records were durable before it"),
        );
        let version = HEAD.replace("\"v\":1", "\"v\":2");
        check(&format!("{version}{}", tail("5")), Err(start));
        let kind = HEAD.replace("gap", "Gap");
        check(&format!("{kind}{}", tail("5")), Err(start));
        // A kind has a letter at least, and 32 at most.
        let kind = HEAD.replace("gap", "");
        check(&format!("{kind}{}", tail("5")), Err(start));
        let kind = HEAD.replace("gap", &"g".repeat(33));
        check(&format!("{kind}{}", tail("5")), Err(start));
        let kind = HEAD.replace("gap", &"g".repeat(32));
        check(&format!("{kind}{}", tail("5")), Ok((3, 5)));
        let time = HEAD.replace("12:00:00.000000Z", "12:00:00.000000+");
        check(&format!("{time}{}", tail("5")), Err(start));
        check(
            &format!(r#"{HEAD},"seq":4{}"#, tail("5")),
            Err("repeated or malformed key at byte 77 of the line"),
        );
        check(
            &format!(r#"{HEAD},"\u0073eq":4{}"#, tail("5")),
            Err("repeated or malformed key at byte 69 of the line"),
        );
        let long = "x".repeat(MAX_LINE);
        check(&long, Err("expected a line of at most 1048576 bytes"));
    }

    #[test]
    fn bytes_that_are_no_text() {
        assert_eq!(read(b"{\"v\":\xff}"), Err(LineFault::NotUtf8 { at: 5 }));
    }
}
